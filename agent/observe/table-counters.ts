/** The counts of a tally as counters by keyspace and table: copied when somebody scrapes, never per event. */
import type { Counter } from 'prom-client';

/** What is needed of a Tally (agent/events). */
export interface TallyView {
  readonly events: ReadonlyMap<{ readonly keyspace: string; readonly name: string }, Readonly<Record<'c' | 'u' | 'd' | 'updates', number>>>;
  /** By reason, then by `keyspace.table`, or another name where the table is not known. */
  readonly skipped: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Tables beyond this many, in the order they came up, count as `other`. */
export const MOST_TABLES = 1000;
const OTHER = { keyspace: 'other', table: 'other' } as const;
const NO_TABLE = { keyspace: '', table: '' } as const;
const OPS = ['c', 'u', 'd'] as const;

interface TableLabels {
  readonly keyspace: string;
  readonly table: string;
}

export class TableCounters {
  readonly #mutations: Counter;
  readonly #events: Counter;
  readonly #tables = new Set<string>();

  constructor(mutations: Counter, events: Counter) {
    this.#mutations = mutations;
    this.#events = events;
  }

  /** Sets both to what the tally says: a table that was altered, or dropped and made again, is in it several times. */
  refresh({ events, skipped }: TallyView): void {
    this.#mutations.reset();
    this.#events.reset();
    // An alert on an increase sees the first one only when there was a 0 before.
    this.#mutations.inc({ ...NO_TABLE, outcome: 'unknown_table' }, 0);
    for (const [{ keyspace, name }, counts] of events) {
      const labels = this.#labelsOf(`${keyspace}.${name}`);
      this.#mutations.inc({ ...labels, outcome: 'published' }, counts.updates);
      for (const op of OPS) this.#events.inc({ ...labels, op }, counts[op]);
    }
    for (const [outcome, names] of skipped) {
      for (const [name, count] of names) this.#mutations.inc({ ...this.#labelsOf(name), outcome }, count);
    }
  }

  #labelsOf(name: string): TableLabels {
    // Neither keyspaces nor tables have a dot in their names; ids of unknown tables have none at all.
    const dot = name.indexOf('.');
    if (dot < 0) return NO_TABLE;
    if (!this.#tables.has(name)) {
      if (this.#tables.size >= MOST_TABLES) return OTHER;
      this.#tables.add(name);
    }
    return { keyspace: name.slice(0, dot), table: name.slice(dot + 1) };
  }
}
