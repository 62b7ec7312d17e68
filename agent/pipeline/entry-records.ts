/** One entry of the log after the other -> the records of its events, or the reason why there are none. */
import { CorruptError, Mutation, UnknownTableError, type CommitLogDescriptor, type CommitLogPosition, type MutationFrames, type SchemaView, type TableMetadata } from '../../parsers/index.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import { Captures, type TableSelection } from '../events/capture.js';
import type { ChangeEvent } from '../events/change-event.js';
import { MutationEvents } from '../events/mutation-events.js';
import { Tally, type SkipReason } from '../events/tally.js';
import type { EventRecord, Serializer } from '../serializer/serializer.js';

/** What this node does with a mutation, which is open, its rows undecoded; `table` is that of its first update. `hold`: nobody can say yet. */
export type Ownership = (mutation: Mutation, table: TableMetadata) => 'publish' | 'hold' | 'drop';

/** Of such a mutation that was read before: whether it was published then, whatever it was judged by. */
export type SurelyPublished = (mutation: Mutation, table: TableMetadata) => boolean;

/** Without a ring: every copy. */
export const everyCopy: Ownership = () => 'publish';

/** By the bytes of `cdc.id`. */
export interface KnownChanges {
  has(digest: string): boolean;
  add(digest: string, at: CommitLogPosition): void;
}

export interface EntryStages {
  readonly schema: SchemaView;
  readonly ownership: Ownership;
  /** Not given: everything was. */
  readonly surelyPublished?: SurelyPublished;
  readonly serializer: Serializer;
  readonly tally: Tally;
  /** Tables that become events; not given: all that are captured. */
  readonly selection?: TableSelection | undefined;
  /** The deletion of what a key names is followed by a record without value. */
  readonly tombstones?: boolean | undefined;
  /** Late changes are counted and not published. */
  readonly dropLate?: boolean | undefined;
  /** What a transaction holds; not given: everything. */
  readonly transaction?: (() => { readonly maxEvents: number; readonly maxBytes: number }) | undefined;
  /** Why a mutation is dropped. */
  readonly dropReason?: () => SkipReason;
  /** Changes that were published a short time ago. */
  readonly repeats?: KnownChanges;
}

/** An event that need not be published. */
interface Spare {
  readonly reason: 'repeat' | 'late';
  readonly table: TableMetadata;
  /** Number in the tally, and place in `digests`. */
  readonly number: number;
  /** Its place in `records`, and how many it has there. */
  readonly record: number;
  readonly count: number;
}

const MICROS_PER_MILLI = 1000;
/** Bytes of an entry; of larger ones everything is published. */
const LARGEST_WITH_SPARES = 256 * 1024;
/** Of a record, beside key, value and headers: more than Kafka's format takes. */
const RECORD_OVERHEAD = 128;

export class EntryRecords {
  /** Of the entry that was taken last; used again by the next. */
  readonly records: EventRecord[] = [];
  readonly mutation: Mutation;
  readonly events: MutationEvents;
  /** Latest write time of an event of all entries so far, ms since 1970, as far as it is not ahead of `readAt`. */
  latestWrite = 0;
  /** Latest write time in the entry that was taken last, ms since 1970. */
  written = 0;
  /** When the entries in hand were read, ms since 1970. */
  #readAt = 0;
  readonly #stages: EntryStages;
  readonly #captures: Captures;
  /** The entry at hand was published in part: it must give the same events again. */
  isPartlyPublished = false;
  /** Of the entry at hand, as the two that follow. */
  readonly #digests: string[] = [];
  readonly #spares: Spare[] = [];
  #lateInEntry = 0;
  #past: { readonly events: MutationEvents; readonly mutation: Mutation } | undefined;

  constructor(stages: EntryStages) {
    this.#stages = stages;
    this.mutation = new Mutation(stages.schema);
    this.#captures = new Captures(stages.selection);
    this.events = new MutationEvents(stages.schema, stages.tally, stages.selection);
  }

  set readAt(milliseconds: number) {
    this.#readAt = milliseconds;
    this.events.readAt = milliseconds;
  }

  /** Events written before this, ms since 1970, are late: history that came back. */
  lateBefore = 0;
  /** Counts them, published or not. */
  late = 0;

  /** Counts what the open entry is not published for. */
  skip(reason: SkipReason, name: string): void {
    this.#stages.tally.skip(reason, name);
  }

  /** Opens the entry that `frames` stands at; the table of its first update, undefined when it is not known. Throws CorruptError. */
  open(frames: MutationFrames, { version }: CommitLogDescriptor): TableMetadata | undefined {
    const { mutation } = this;
    mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version });
    return this.#stages.schema.tableAt(mutation.bytes, mutation.tableIdStart);
  }

  /**
   * The records of the open entry in `records`; false when it has to be held. Throws UnknownTableError, with the records
   * of what stands before the unknown table in place, and CorruptError, with none: an entry that does not decode is not
   * half published. `table`: as `open` gave it.
   */
  take(table: TableMetadata | undefined, frames: MutationFrames, descriptor: CommitLogDescriptor): boolean {
    const { tally, dropReason, ownership } = this.#stages;
    const { mutation } = this;
    empty(this.records);
    const reason = table === undefined ? undefined : this.#whyUnwanted(table);
    const verdict = table === undefined || reason !== undefined ? 'publish' : ownership(mutation, table);
    if (verdict === 'hold') return false;
    tally.openMutation();
    if (reason !== undefined && table !== undefined) tally.skip(reason, `${table.keyspace}.${table.name}`);
    else if (verdict === 'drop') tally.skip(dropReason?.() ?? 'not_owned', '');
    else this.#decode(frames, descriptor);
    return true;
  }

  #decode(frames: MutationFrames, descriptor: CommitLogDescriptor): void {
    this.written = 0;
    this.#forget();
    this.events.open(this.mutation, frames, descriptor);
    try {
      this.#collect(!this.isPartlyPublished && frames.end - frames.start <= LARGEST_WITH_SPARES);
    } catch (error) {
      if (!(error instanceof UnknownTableError)) this.takeBack();
      throw error;
    }
    this.remembered(frames, descriptor);
  }

  #collect(maySpare: boolean): void {
    const { serializer, repeats, tombstones, tally } = this.#stages;
    const { events, records } = this;
    while (events.next()) {
      const { event } = events;
      this.#note(event.timestampHigh, event.timestampLow);
      if (!serializer.shows(event)) {
        // It keeps its index.
        tally.uncount();
        tally.skip('filtered', nameOf(event.table));
        continue;
      }
      if (event.isLate) this.#lateInEntry++;
      const record = records.length;
      records.push(serializer.serialize(event));
      if (tombstones === true && deletesItsKey(event)) records.push(tombstoneOf(records[record]));
      const reason = maySpare ? this.#whySpare(event) : undefined;
      if (reason !== undefined) this.#spares.push({ reason, table: event.table, number: tally.ofMutation - 1, record, count: records.length - record });
      if (repeats !== undefined) this.#digests.push(event.digest);
    }
  }

  #whySpare(event: ChangeEvent): Spare['reason'] | undefined {
    const { repeats, dropLate } = this.#stages;
    if (repeats?.has(event.digest) === true) return 'repeat';
    return event.isLate && dropLate === true ? 'late' : undefined;
  }

  /**
   * What need not be published isn't, unless the entry fills more than a transaction: then it may go on by the number of
   * its records after a restart, when other changes are known and others are late. It must give the same ones again.
   */
  #dropSpares(): void {
    const spares = this.#spares;
    if (spares.length === 0 || this.#mayFillTransactions()) return;
    const { tally } = this.#stages;
    const numbers = new Set(spares.map(({ number }) => number));
    const places = new Set(spares.flatMap(({ record, count }) => (count === 1 ? [record] : [record, record + 1])));
    tally.uncountAll(numbers);
    for (const { reason, table } of spares) tally.skip(reason, nameOf(table));
    remove(this.#digests, numbers);
    remove(this.records, places);
  }

  #mayFillTransactions(): boolean {
    const limits = this.#stages.transaction?.();
    if (limits === undefined) return false;
    const bytes = this.records.reduce((sum, record) => sum + sizeOf(record), 0);
    return this.records.length > limits.maxEvents || bytes > limits.maxBytes;
  }

  /** The open entry's changes, as far as they are in `records` then, will be published: from now on they are known. Not before: it may have to be taken again. */
  remembered(frames: MutationFrames, { id }: CommitLogDescriptor): void {
    const { repeats } = this.#stages;
    this.#dropSpares();
    this.late += this.#lateInEntry;
    this.#lateInEntry = 0;
    if (repeats === undefined || this.#digests.length === 0) return;
    const at = { segment: id, position: frames.position };
    for (const digest of this.#digests) repeats.add(digest, at);
    empty(this.#digests);
  }

  /** Only tells of the open entry's changes what later ones are compared with: it was published before. */
  remember(table: TableMetadata | undefined, frames: MutationFrames, descriptor: CommitLogDescriptor): void {
    const { repeats, schema, serializer, surelyPublished } = this.#stages;
    empty(this.records);
    if (repeats === undefined || (table !== undefined && this.#whyUnwanted(table) !== undefined)) return;
    // Another node's, perhaps: when the ring gives us this or a later copy of it, that one is to be published.
    if (table !== undefined && surelyPublished?.(this.mutation, table) === false) return;
    const { events, mutation } = (this.#past ??= { events: new MutationEvents(schema, new Tally(), this.#stages.selection), mutation: new Mutation(schema) });
    mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
    events.open(mutation, frames, descriptor);
    const at = { segment: descriptor.id, position: frames.position };
    try {
      while (events.next()) {
        if (serializer.shows(events.event)) repeats.add(events.event.digest, at);
      }
    } catch (error) {
      // Whatever it was, it was dealt with when the entry was published.
      if (!(error instanceof UnknownTableError || error instanceof CorruptError)) throw error;
    }
  }

  /** The entry's events are not published after all, or will be taken again. */
  takeBack(): void {
    empty(this.records);
    this.#forget();
    this.#stages.tally.takeBack();
  }

  #forget(): void {
    empty(this.#digests);
    empty(this.#spares);
    this.#lateInEntry = 0;
  }

  #note(high: number, low: number): void {
    const written = int64ToNumber(high, low) / MICROS_PER_MILLI;
    this.events.event.isLate = written < this.lateBefore;
    if (written > this.written) this.written = written;
    if (written > this.latestWrite && written <= this.#readAt) this.latestWrite = written;
  }

  /** Of an entry whose rows need not be decoded: a single table that is not captured, or a keyspace that never is. */
  #whyUnwanted(table: TableMetadata): SkipReason | undefined {
    const reason = this.#captures.whyNot(table);
    return this.mutation.updateCount === 1 || reason === 'system_keyspace' ? reason : undefined;
  }
}

/** For lists of one or two: setting `length` calls out of compiled code. */
function empty(list: unknown[]): void {
  while (list.length > 0) list.pop();
}

function nameOf({ keyspace, name }: TableMetadata): string {
  return `${keyspace}.${name}`;
}

function remove<T>(list: T[], places: ReadonlySet<number>): void {
  const left = list.filter((_, i) => !places.has(i));
  list.length = 0;
  for (const each of left) list.push(each);
}

/** In a transaction, and not less. */
function sizeOf({ keyStart, keyEnd, valueStart, valueEnd, headers }: EventRecord): number {
  const ofHeaders = headers.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return keyEnd - keyStart + valueEnd - valueStart + ofHeaders + RECORD_OVERHEAD;
}

/** Nothing of the record's key is left: in a table without clustering columns the partition is the row. */
function deletesItsKey({ op, scope, table }: ChangeEvent): boolean {
  return op === 'd' && (scope === 'row' || (scope === 'partition' && table.clustering.length === 0));
}

/** For compacted topics: the same key, and no value. */
function tombstoneOf({ topic, bytes, keyStart, keyEnd, key, headers, partitionHint, timestamp }: EventRecord): EventRecord {
  return { topic, bytes, keyStart, keyEnd, key, headers, partitionHint, timestamp, valueStart: -1, valueEnd: -1, value: bytes.subarray(0, 0) };
}

/** Says which file a damaged place is in. */
export function inSegment(name: string, error: unknown): unknown {
  return error instanceof CorruptError ? new CorruptError(error.code, error.position, `${name}: ${error.message}`, { cause: error }) : error;
}
