/** What became an event and what did not, by table and by reason: nothing in the log is dropped silently. */
import type { TableMetadata } from '../../parsers/index.js';
import type { ChangeEvent, Op } from './change-event.js';

/** Why something in the log is no event. Names are stable: metrics and the summary use them. */
export const SKIP_REASONS = {
  not_cdc: 'the table does not have cdc = true',
  system_keyspace: 'Cassandra\'s own bookkeeping',
  view: 'a materialized view repeats what its base table says',
  counter: 'counters log shard totals, not what was added',
  unknown_table: 'the schema has no table of this id: it was dropped, or is newer than the schema',
  nothing_left: 'all that the row held belongs to dropped columns',
  unclosed_range: 'a range deletion without an end: the log is damaged',
  not_owned: 'another replica publishes it',
  joining: 'written before this node was a member: streamed history, and what others publish',
  filtered: 'the configuration leaves the table out, or all columns that were updated',
  late: 'written long before it was logged, and late changes are not wanted',
  repeat: 'the same change, to the byte, was published a short time ago',
  undecodable: 'the entry does not decode; it is kept aside',
} as const;

export type SkipReason = keyof typeof SKIP_REASONS;

/** Of one table: its events by op, and the updates that they came from. A mutation has at most one update of a table. */
export interface TableCounts extends Record<Op, number> {
  updates: number;
}

interface Counted {
  readonly counts: TableCounts;
  readonly op: Op;
  /** Of its update. */
  readonly isFirst: boolean;
}

/** What a tally holds, as it can be sent to another thread. */
export interface TallyCounts {
  readonly mutations: number;
  readonly events: readonly (readonly [table: string, counts: TableCounts])[];
  readonly skipped: ReadonlyMap<SkipReason, ReadonlyMap<string, number>>;
}

export class Tally {
  readonly events = new Map<TableMetadata, TableCounts>();
  /** Updates (or, of unknown tables, mutations) by reason and `keyspace.table`. */
  readonly skipped = new Map<SkipReason, Map<string, number>>();
  mutations = 0;
  #ofMutation: Counted[] = [];
  /** How many of this mutation were counted. */
  #count = 0;
  #firstCounts = noCounts();
  #firstOp: Op = 'c';
  #lastTable: TableMetadata | undefined;
  #last = noCounts();

  openMutation(): void {
    this.mutations++;
    if (this.#count > 1) this.#ofMutation.length = 0;
    this.#count = 0;
  }

  counted(event: ChangeEvent): void {
    const { table, op } = event;
    const isFirst = this.#count === 0 || table !== this.#lastTable;
    if (table !== this.#lastTable) this.#select(table);
    // A member whose name is in a variable would be looked up each time.
    if (op === 'c') this.#last.c++;
    else if (op === 'u') this.#last.u++;
    else this.#last.d++;
    if (isFirst) this.#last.updates++;
    // Nearly every mutation has one event: no list for that.
    if (this.#count++ === 0) {
      this.#firstCounts = this.#last;
      this.#firstOp = op;
    } else {
      this.#ofMutation.push({ counts: this.#last, op, isFirst });
    }
  }

  /** How many events of this mutation are counted. */
  get ofMutation(): number {
    return this.#count;
  }

  /** The event that was counted last is not published. */
  uncount(): void {
    const last = --this.#count === 0 ? this.#first() : (this.#ofMutation.pop() ?? this.#first());
    this.#takeOut(last);
    // The next event of this update is its first.
    if (last.isFirst) this.#lastTable = undefined;
  }

  /** Events of this mutation, which is whole, are not published: numbered from 0 as they were counted. */
  uncountAll(numbers: ReadonlySet<number>): void {
    const left: Counted[] = [];
    let withoutFirst: TableCounts | undefined;
    for (const [number, each] of [this.#first(), ...this.#ofMutation].entries()) {
      if (numbers.has(number)) {
        this.#takeOut(each);
        if (each.isFirst) withoutFirst = each.counts;
      } else if (each.counts === withoutFirst) {
        withoutFirst = undefined;
        each.counts.updates++;
        left.push({ ...each, isFirst: true });
      } else {
        left.push(each);
      }
    }
    this.#count = left.length;
    this.#ofMutation = left.slice(1);
    if (left.length === 0) return;
    this.#firstCounts = left[0].counts;
    this.#firstOp = left[0].op;
  }

  /** The events of this mutation are not published after all. */
  takeBack(): void {
    if (this.#count > 0) this.#takeOut(this.#first());
    if (this.#count > 1) this.#ofMutation.forEach((each) => this.#takeOut(each));
    this.openMutation();
    this.mutations--;
  }

  skip(reason: SkipReason, name: string, count = 1): void {
    let names = this.skipped.get(reason);
    if (names === undefined) this.skipped.set(reason, (names = new Map<string, number>()));
    names.set(name, (names.get(name) ?? 0) + count);
  }

  /** Tables by their ids. */
  counts(): TallyCounts {
    return { mutations: this.mutations, events: [...this.events].map(([{ id }, counts]) => [id, counts]), skipped: this.skipped };
  }

  /** Adds what was counted elsewhere, with tables of the same schema. */
  add({ mutations, events, skipped }: TallyCounts, tableOf: (id: string) => TableMetadata | undefined): void {
    this.mutations += mutations;
    for (const [id, { c, u, d, updates }] of events) {
      const table = tableOf(id);
      if (table === undefined) throw new Error(`events of a table that the schema lacks: ${id}`);
      this.#select(table);
      const sum = this.#last;
      sum.c += c;
      sum.u += u;
      sum.d += d;
      sum.updates += updates;
    }
    for (const [reason, names] of skipped) {
      for (const [name, count] of names) this.skip(reason, name, count);
    }
  }

  get eventCount(): number {
    let sum = 0;
    for (const { c, u, d } of this.events.values()) sum += c + u + d;
    return sum;
  }

  #first(): Counted {
    return { counts: this.#firstCounts, op: this.#firstOp, isFirst: true };
  }

  #takeOut({ counts, op, isFirst }: Counted): void {
    counts[op]--;
    if (isFirst) counts.updates--;
  }

  #select(table: TableMetadata): void {
    let counts = this.events.get(table);
    if (counts === undefined) this.events.set(table, (counts = noCounts()));
    this.#lastTable = table;
    this.#last = counts;
  }
}

function noCounts(): TableCounts {
  return { c: 0, u: 0, d: 0, updates: 0 };
}
