/**
 * Watch cdc_raw, read its segments, keep the mutations this node owns, turn them into records: the source that the
 * delivery pulls. Every read begins at a position that Kafka has: at the start, and again after each fault.
 */
import { comparePositions, formatPosition, type CommitLogPosition, type SchemaView } from '../../parsers/index.js';
import type { RepeatWindow } from '../events/repeat-window.js';
import type { Tally } from '../events/tally.js';
import type { DeliverySource, MutationEvents } from '../publisher/kafka/delivery.js';
import type { StoredPosition } from '../publisher/kafka/port.js';
import type { AppendBounds } from '../ring/timeline.js';
import type { SchemaFollower } from '../schema/schema-follower.js';
import type { UnknownEntries } from '../schema/unknown-entries.js';
import type { EventRecord, Serializer, SourceIdentity } from '../serializer/serializer.js';
import { QUIET_MS } from '../source/live/live-clock.js';
import type { LiveItem } from '../source/live/live-options.js';
import type { LiveSource } from '../source/live/live-source.js';
import type { Gap } from '../source/live/reports.js';
import { AppendTimes } from './append-times.js';
import { gapRecord, type ControlGap } from './control-events.js';
import type { EntryRecords, EntryStages } from './entry-records.js';
import { LiveReader, type ReaderOptions } from './live-reader.js';
import type { Owners } from './owners.js';
import { SchemaSteps } from './schema-steps.js';
import { SecondJudgement } from './second-judgement.js';

export interface LiveLogListener {
  gap?(gap: ControlGap): void;
  unknownTable?(what: { readonly tableId: string; readonly position: CommitLogPosition; readonly message: string }): void;
  undecodable?(what: { readonly position: CommitLogPosition; readonly code: string; readonly message: string }): void;
  /** The first time that everything that is there was read. */
  tailing?(segment: number): void;
  /** The ring has changed, and the log was judged again from `from` on: so many mutations are published for it. */
  judgedAgain?(what: { readonly from: CommitLogPosition; readonly mutations: number }): void;
}

export interface LiveLogStages {
  readonly source: LiveSource;
  readonly serializer: Serializer;
  readonly tally: Tally;
  readonly selection?: EntryStages['selection'];
  readonly tombstones?: boolean;
  readonly dropLate?: boolean;
  readonly transaction?: EntryStages['transaction'];
  readonly owners: Owners;
  readonly repeats: RepeatWindow;
  readonly unknown: UnknownEntries;
  /** The schema of a position; before it, whatever must hold to begin there is checked. */
  readonly begin: (position: StoredPosition | null, from: CommitLogPosition, signal: AbortSignal) => Promise<SchemaFollower>;
  /** The schema of a position that was read before. */
  readonly beginAgain: (from: CommitLogPosition, signal: AbortSignal) => Promise<SchemaFollower>;
  readonly control: { readonly topic: string; readonly source: SourceIdentity };
  readonly onTaken?: ReaderOptions['onTaken'];
  readonly listener?: LiveLogListener;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** One read of the log, from a position on. */
interface Pass {
  readonly follower: SchemaFollower;
  readonly from: CommitLogPosition;
  /** Up to here everything was published, as far as it was to be. */
  readonly published: CommitLogPosition | null;
  readonly partlyPublished: CommitLogPosition | null;
  /** Latest write time that was read before, ms since 1970. */
  readonly written: number;
}

const START: CommitLogPosition = { segment: 0, position: 0 };
const RECONCILE_MS = 15_000;
const HOLD_MS = 200;
const LONGEST_POLL_MS = 200;
/** The longer there was nothing to read, the less often it looks: wake-ups are most of what an idle agent costs. Ms without anything, ms between two looks. */
const PAUSES = [[QUIET_MS, LONGEST_POLL_MS], [10_000, 100], [2000, 50]] as const;
/** The agent itself stood still for so long: what it finds then is a backlog. */
const STANDSTILL_MS = 1000;

export class LiveLog implements DeliverySource {
  /** `ownership.late_after`, ms. */
  lateAfterMs = 60_000;
  readonly times = new AppendTimes();
  /** Behind the last entry that was given. */
  readPosition: CommitLogPosition | null = null;
  readonly #stages: LiveLogStages;
  #follower: SchemaFollower | undefined;
  /** Of the section at hand. */
  #owners!: ReturnType<Owners['at']>;
  #entry: EntryRecords | undefined;
  /** Of earlier reads. */
  #late = 0;
  #isTailing = false;
  #reconciledAt = 0;
  #polledAt = 0;
  /** Latest write time in front of the section at hand, ms since 1970. */
  #written = 0;
  /** The end of the node's bootstrap, while it was not passed. */
  #join: CommitLogPosition | null = null;
  readonly #second: SecondJudgement;

  constructor(stages: LiveLogStages) {
    this.#stages = stages;
    this.#second = new SecondJudgement(stages.owners);
  }

  /** Events written long before they were logged. */
  get late(): number {
    return this.#late + (this.#entry?.late ?? 0);
  }

  /** Age of the newest write that was read, while there is more to read or to commit; null before anything was read. */
  lagSeconds(committed: CommitLogPosition | undefined): number | null {
    const { source, now } = this.#stages;
    if (this.readPosition === null || this.#entry === undefined) return null;
    if (source.isCaughtUp && committed !== undefined && comparePositions(committed, this.readPosition) >= 0) return 0;
    return this.#entry.latestWrite === 0 ? null : Math.max(0, now() - this.#entry.latestWrite) / 1000;
  }

  get follower(): SchemaFollower | undefined {
    return this.#follower;
  }

  async *read(stored: StoredPosition | null, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { source, repeats } = this.#stages;
    const from = startOf(stored);
    const follower = await this.#stages.begin(stored, from ?? START, signal);
    repeats.clear();
    if (stored !== null) source.committed(stored, lowOf(stored));
    source.begin(placeOf(from));
    this.#isTailing = false;
    let pass: Pass = { follower, from: from ?? START, published: publishedOf(stored), partlyPublished: stored !== null && stored.index > 0 ? stored : null, written: stored?.written ?? 0 };
    this.#second.restart(stored === null ? START : settledOf(stored), pass.published);
    for (;;) {
      const end = yield* this.#pass(pass, signal);
      if (signal.aborted) return;
      pass = await this.#beginAgain(pass, end, signal);
    }
  }

  /** What goes into the position of a transaction that is cut now. */
  needs(): { readonly low: CommitLogPosition | null; readonly settled?: CommitLogPosition; readonly written: number } {
    const { low } = this.#stages.repeats;
    const settled = this.#second.cut();
    const written = Math.floor(this.#written);
    if (settled === undefined) return { low, written };
    return { low: low === null || comparePositions(settled, low) < 0 ? settled : low, settled, written };
  }

  /** The transaction that was cut last is in Kafka. */
  committed(): void {
    this.#second.committed();
  }

  /** Until the signal, or until the ring has changed and what was read is to be judged again; returns up to where everything was given. */
  async *#pass({ follower, from, published, partlyPublished, written }: Pass, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, CommitLogPosition> {
    const { source } = this.#stages;
    const second = this.#second;
    this.#follower = follower;
    this.times.restart();
    this.#late = this.late;
    const reader = this.#reader(follower.schema, from, { published, partlyPublished });
    this.#entry = reader.entry;
    reader.entry.latestWrite = this.#written = written;
    const steps = new SchemaSteps({ follower, unknown: this.#stages.unknown, reader, listener: this.#stages.listener ?? {} });
    let end = from;
    while (!signal.aborted && !second.isDue) {
      const wasCaughtUp = source.isCaughtUp && this.#now() - this.#polledAt < STANDSTILL_MS;
      this.#polledAt = this.#now();
      second.readTo(this.#polledAt, reader.position);
      const item = source.poll();
      this.#endAgain(reader, item === undefined ? null : reader.position);
      if (item === undefined) await this.#idle(reader, signal);
      else if (item.kind === 'gap') yield* this.#gap(item.gap, published);
      else yield* this.#section({ item, reader, steps, wasCaughtUp }, signal);
      end = item?.kind === 'gap' ? item.gap.to : reader.position;
    }
    return end;
  }

  async #beginAgain({ published, partlyPublished }: Pass, end: CommitLogPosition, signal: AbortSignal): Promise<Pass> {
    const { source, beginAgain } = this.#stages;
    const isAhead = published === null || comparePositions(end, published) > 0;
    const given = isAhead ? { published: end, partlyPublished: null } : { published, partlyPublished };
    const again = this.#second.begin(given.published);
    const from = again?.from ?? end;
    const follower = await beginAgain(from, signal);
    source.begin(placeOf({ ...from, index: 0 }));
    return { follower, from, ...given, written: this.#entry?.latestWrite ?? 0 };
  }

  /** What was to be judged again has been, once everything up to `position` was read; null: there is nothing more. */
  #endAgain(reader: LiveReader, position: CommitLogPosition | null): void {
    const again = this.#second.passed(position);
    if (again === null) return;
    this.#stages.listener?.judgedAgain?.({ from: again.from, mutations: reader.againCount });
  }

  #reader(schema: SchemaView, from: CommitLogPosition, published: Pick<Pass, 'published' | 'partlyPublished'>): LiveReader {
    const again = this.#second.again ?? undefined;
    const { serializer, tally, owners, repeats, onTaken, selection, tombstones, dropLate, transaction } = this.#stages;
    const stages: EntryStages = {
      schema, serializer, tally, repeats, selection, tombstones, dropLate, transaction,
      ownership: (mutation, table) => (this.#isOfJoin(reader) ? 'drop' : this.#owners.decide(mutation, table)),
      surelyPublished: (mutation, table) => !this.#isOfJoin(reader) && this.#owners.surelyPublished(mutation, table),
      dropReason: () => (this.#join === null ? 'not_owned' : 'joining'),
    };
    this.#owners = owners.at({ appendedAfterMs: 0, appendedBeforeMs: this.#stages.now() });
    this.#join = owners.joined;
    const reader = new LiveReader(stages, from, {
      ...published, onTaken,
      again: again && { from: again.from, gives: (mutation, table) => again.judgement.givesMutation(mutation, table) },
    });
    return reader;
  }

  #isOfJoin(reader: LiveReader): boolean {
    // Asked for every mutation: the entry's end is an object.
    if (this.#join === null) return false;
    if (comparePositions(reader.entryEnd, this.#join) > 0) this.#join = null;
    return this.#join !== null;
  }

  async *#section({ item, reader, steps, wasCaughtUp }: { readonly item: Extract<LiveItem, { kind: 'section' }>; readonly reader: LiveReader; readonly steps: SchemaSteps; readonly wasCaughtUp: boolean }, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { now } = this.#stages;
    const readAt = now();
    const bounds = this.#bounds(reader, wasCaughtUp, readAt);
    this.#written = reader.entry.latestWrite;
    reader.open(item, readAt);
    this.#judgeBy(reader, bounds);
    while (!reader.isDone && !signal.aborted) {
      yield reader.chunk();
      this.readPosition = reader.position;
      const { stumble } = reader;
      if (stumble?.kind !== 'held') this.#stages.owners.released();
      if (stumble === undefined) continue;
      if (stumble.kind === 'held') await this.#hold(reader, stumble.keyspace);
      else if (stumble.kind === 'undecodable') yield* this.#undecodable(reader, stumble.error);
      else {
        yield* steps.settle(stumble, signal);
        this.#schemaMoved(reader, bounds);
      }
    }
    this.readPosition = reader.position;
    this.times.passed(readAt, wasCaughtUp);
  }

  #judgeBy(reader: LiveReader, bounds: AppendBounds): void {
    this.#owners = this.#stages.owners.at(bounds);
    // Of the bounds only what is certain in spite of changes of the ring: the marks may know better.
    reader.entry.lateBefore = Math.max(bounds.appendedAfterMs, this.times.notBefore(reader.position)) - this.lateAfterMs;
  }

  #now(): number {
    return this.#stages.now();
  }

  #schemaMoved(reader: LiveReader, bounds: AppendBounds): void {
    if (this.#follower === undefined) return;
    this.#stages.owners.schemaMoved(this.#follower, bounds.appendedAfterMs);
    this.#judgeBy(reader, bounds);
  }

  /**
   * In step with the node: between the section before and now, and not longer ago than Cassandra takes to show it. Of a
   * backlog only the write times tell: not earlier than the latest that was seen.
   */
  #bounds(reader: LiveReader, wasCaughtUp: boolean, readAt: number): AppendBounds {
    const { source: { pollInterval }, owners } = this.#stages;
    if (this.#second.isUnderWay) return { appendedAfterMs: owners.settledBeforeMs, appendedBeforeMs: readAt };
    if (!wasCaughtUp || this.times.liveSince === 0) return { appendedAfterMs: reader.entry.latestWrite, appendedBeforeMs: readAt };
    return { appendedAfterMs: this.times.liveNotBefore(readAt, Math.max(pollInterval, LONGEST_POLL_MS)), appendedBeforeMs: readAt };
  }

  async #hold(reader: LiveReader, keyspace: string): Promise<void> {
    const { owners, now, sleep } = this.#stages;
    owners.held(keyspace);
    await sleep(HOLD_MS);
    this.#judgeBy(reader, this.#bounds(reader, false, now()));
  }

  *#gap(gap: Gap, published: CommitLogPosition | null): Generator<Iterable<MutationEvents>, void> {
    // A part of it was passed before: only the rest is news.
    if (published !== null && comparePositions(gap.to, published) <= 0) return;
    const from = published !== null && comparePositions(gap.from, published) < 0 ? published : gap.from;
    this.readPosition = gap.to;
    yield this.#gapEvent({ ...gap, from });
  }

  /** One entry whose bytes are right and whose content is not: kept aside, or the end, as the policy says. */
  async *#undecodable(reader: LiveReader, error: Error & { readonly code: string }): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { source, unknown, tally, listener } = this.#stages;
    const end = reader.entryEnd;
    if (!reader.isPublished) {
      listener?.undecodable?.({ position: end, code: error.code, message: error.message });
      if (source.onCorruption === 'stop') throw error;
      const { bytes, start, end: last, entryPosition } = reader.frames;
      unknown.keep({ tableId: 'undecodable', position: end, version: reader.item.segment.descriptor.version, decoded: 0, bytes: bytes.subarray(start, last) });
      await unknown.flush();
      tally.skip('undecodable', error.code);
      const gap = { reason: 'undecodable', from: { segment: end.segment, position: entryPosition }, to: end, isCertain: true, code: error.code };
      listener?.gap?.(gap);
      yield reader.settled([this.#gapRecord(gap)]);
    } else {
      yield reader.settled();
    }
  }

  #gapEvent(gap: ControlGap): MutationEvents[] {
    this.#stages.listener?.gap?.(gap);
    return [{ records: [this.#gapRecord(gap)], end: gap.to }];
  }

  #gapRecord(gap: ControlGap): EventRecord {
    return gapRecord(gap, { ...this.#stages.control, now: this.#stages.now() });
  }

  /** Everything that is there was read. */
  async #idle(reader: LiveReader, signal: AbortSignal): Promise<void> {
    const { source, listener, now, sleep } = this.#stages;
    this.times.caughtUp(now(), reader.position);
    if (!this.#isTailing) listener?.tailing?.(reader.position.segment);
    this.#isTailing = true;
    if (now() - this.#reconciledAt >= RECONCILE_MS) {
      this.#reconciledAt = now();
      // The node may be away: then there is a next time.
      await this.#follower?.reconcile(reader.position, signal).catch(() => undefined);
      if (this.#follower !== undefined) this.#stages.owners.schemaMoved(this.#follower, this.times.liveSince);
    }
    const { quietMs, pollInterval } = source;
    await sleep(Math.max(pollInterval, PAUSES.find(([after]) => quietMs > after)?.[1] ?? 0));
  }
}

/** Of what stands behind it nobody knows when it was appended, but that it is not read, or was read a short time before the position was stored. */
function settledOf({ segment, position, settled }: StoredPosition): CommitLogPosition {
  const at = { segment, position };
  return settled !== undefined && comparePositions(settled, at) < 0 ? settled : at;
}

/** For the source: no place at all is the oldest segment. */
function placeOf(from: (CommitLogPosition & { readonly index: number }) | null): (CommitLogPosition & { readonly index: number }) | undefined {
  return from === null || from.segment === START.segment ? undefined : from;
}

function startOf(stored: StoredPosition | null): (CommitLogPosition & { readonly index: number }) | null {
  if (stored === null) return null;
  const { segment, position, index } = stored;
  return lowOf(stored) ?? { segment, position, index };
}

/** Older than the position: from there the window of repeats is filled again. */
function lowOf(stored: StoredPosition): (CommitLogPosition & { readonly index: number }) | undefined {
  return stored.low !== null && comparePositions(stored.low, stored) < 0 ? { ...stored.low, index: 0 } : undefined;
}

/** Behind the last entry that is published whole. */
function publishedOf(stored: StoredPosition | null): CommitLogPosition | null {
  if (stored === null) return null;
  return { segment: stored.segment, position: stored.index === 0 ? stored.position : stored.position - 1 };
}

export function positionText(position: CommitLogPosition | null): string | null {
  return position === null ? null : formatPosition(position);
}
