/**
 * One call says that something happened: the log line and the metric come from it. Repeats are limited by name: the
 * first is written at once, later ones are counted and summed up, and when it is over a recovery line says how often
 * and how long.
 */
import { fieldList, type FieldKinds, type FieldsOf } from './fields.js';
import { HAPPENINGS, type Happening, type HappeningName } from './happenings-table.js';
import type { Entry } from './log.js';
import type { Level } from './log-line.js';

export type FieldsFor<N extends HappeningName> = FieldsOf<(typeof HAPPENINGS)[N]['fields']>;

/** Where lines go: a Log. */
export interface LineSink {
  isLevelEnabled(component: string, level: Level): boolean;
  write(entry: Entry): void;
}

/** Where counts go. Called for every happening, written or not. */
export interface MetricsSink {
  happened(name: HappeningName, fields: Readonly<Record<string, unknown>>): void;
  recovered(name: HappeningName): void;
}

export const NO_METRICS: MetricsSink = { happened: () => undefined, recovered: () => undefined };

export interface HappeningsOptions {
  readonly log: LineSink;
  readonly metrics?: MetricsSink;
  /** Milliseconds; must not go back (a monotonic clock). */
  readonly now: () => number;
}

/** What is going on under one name. */
interface Course {
  readonly since: number;
  /** Time of the last line. */
  written: number;
  /** Time of the last happening. */
  latest: number;
  total: number;
  /** Not written since the last line. */
  quiet: number;
  fields: Readonly<Record<string, unknown>>;
}

export class Happenings {
  readonly #log: LineSink;
  readonly #metrics: MetricsSink;
  readonly #now: () => number;
  readonly #courses = new Map<HappeningName, Course>();

  constructor({ log, metrics = NO_METRICS, now }: HappeningsOptions) {
    this.#log = log;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** True when a line of this name would be written: asks before fields are made that cost something. */
  isEnabled(name: HappeningName): boolean {
    const { component, level } = HAPPENINGS[name];
    return this.#log.isLevelEnabled(component, level);
  }

  report<N extends HappeningName>(name: N, fields: FieldsFor<N>): void {
    this.#metrics.happened(name, fields);
    const happening: Happening = HAPPENINGS[name];
    if (happening.limit === 0 && happening.recovery === undefined) return this.#line(name, fields);
    const now = this.#now();
    const course = this.#courses.get(name);
    if (course === undefined || this.#isStale(happening, course, now)) {
      if (course !== undefined) this.#summary(name, course, now);
      this.#courses.set(name, { since: now, written: now, latest: now, total: 1, quiet: 0, fields });
      return this.#line(name, fields);
    }
    course.total++;
    course.latest = now;
    course.fields = fields;
    course.quiet++;
    if (now - course.written >= happening.limit) this.#summary(name, course, now);
  }

  /** What went on under this name is over. Writes the recovery line; nothing when nothing went on. */
  over(name: HappeningName): void {
    const course = this.#courses.get(name);
    const { recovery, component }: Happening = HAPPENINGS[name];
    if (course === undefined || recovery === undefined) return;
    this.#courses.delete(name);
    this.#metrics.recovered(name);
    const kinds: FieldKinds = { times: 'count', lasted: 'duration' };
    this.#log.write({ level: 'info', component, event: recovery, fields: fieldList(kinds, { times: course.total, lasted: this.#now() - course.since }) });
  }

  /** Writes the sums that are due. To be called every few seconds. */
  tick(): void {
    const now = this.#now();
    for (const [name, course] of this.#courses) {
      const happening: Happening = HAPPENINGS[name];
      if (now - course.written >= happening.limit) this.#summary(name, course, now);
      if (this.#isStale(happening, course, now)) this.#courses.delete(name);
    }
  }

  /** Writes every sum, due or not: before the log is closed. */
  flush(): void {
    const now = this.#now();
    for (const [name, course] of this.#courses) this.#summary(name, course, now);
    this.#courses.clear();
  }

  /** Nothing more came for a whole limit, and nobody will say that it is over. */
  #isStale({ recovery, limit }: Happening, course: Course, now: number): boolean {
    return recovery === undefined && now - course.latest >= limit;
  }

  /** One line for the repeats since the last: the newest fields, how many, in what time. */
  #summary(name: HappeningName, course: Course, now: number): void {
    if (course.quiet === 0) return;
    this.#line(name, { ...course.fields, repeats: course.quiet, within: now - course.written }, { repeats: 'count', within: 'duration' });
    course.quiet = 0;
    course.written = now;
  }

  #line(name: HappeningName, values: Readonly<Record<string, unknown>>, extra: FieldKinds = {}): void {
    const { level, component, fields }: Happening = HAPPENINGS[name];
    if (!this.#log.isLevelEnabled(component, level)) return;
    const list = fieldList({ ...fields, ...extra }, values).map((field) => (field.kind === 'row' && level !== 'debug' ? { ...field, kind: 'text' as const, value: '***' } : field));
    this.#log.write({ level, component, event: name, fields: list });
  }
}
