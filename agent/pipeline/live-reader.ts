/**
 * The live log as the delivery takes it: sections in order -> mutations with their records. What needs waiting (DDL to
 * store, a table to ask for, a ring to learn) ends a chunk in front of its entry, is settled, and the next chunk begins
 * there: so a position never passes what is not yet safe.
 */
import { CorruptError, MutationFrames, UnknownTableError, comparePositions, type CommitLogPosition, type Mutation, type TableMetadata } from '../../parsers/index.js';
import type { MutationEvents } from '../publisher/kafka/delivery.js';
import type { EventRecord } from '../serializer/serializer.js';
import type { LiveItem } from '../source/live/live-options.js';
import { EntryRecords, inSegment, type EntryStages } from './entry-records.js';

export type SectionItem = Extract<LiveItem, { readonly kind: 'section' }>;

/** Why a chunk ended in front of the entry at hand. */
export type Stumble =
  | { readonly kind: 'schema' }
  | { readonly kind: 'held'; readonly keyspace: string }
  | { readonly kind: 'unknown'; readonly error: UnknownTableError | CorruptError; readonly tableId: string }
  | { readonly kind: 'undecodable'; readonly error: CorruptError };

export interface ReaderOptions {
  /** Entries up to here were published: they are read for what the window of repeats must know of them, and not given. */
  readonly published: CommitLogPosition | null;
  /** The entry that ends here was published in part. */
  readonly partlyPublished?: CommitLogPosition | null;
  /** Of those behind `from` that are published, the ones that are given all the same. */
  readonly again?: { readonly from: CommitLogPosition; readonly gives: (mutation: Mutation, table: TableMetadata) => boolean } | undefined;
  /** Of an entry that gives events. `written`: latest write time in it, ms. */
  readonly onTaken?: ((end: CommitLogPosition, taken: { readonly written: number; readonly events: number }) => void) | undefined;
}

const SCHEMA_KEYSPACE = 'system_schema';
const NO_RECORDS: readonly EventRecord[] = [];

export class LiveReader {
  readonly entry: EntryRecords;
  readonly frames = new MutationFrames();
  readonly #stages: EntryStages;
  readonly #onTaken: ReaderOptions['onTaken'];
  /** Null as soon as an entry behind it was passed, as all entries that follow are. */
  #published: CommitLogPosition | null;
  #partlyPublished: CommitLogPosition | null;
  readonly #again: ReaderOptions['again'];
  /** The entry at hand is one of these. */
  #isAgain = false;
  /** Mutations that were given all the same. */
  againCount = 0;
  /** Used again for every mutation. */
  readonly #given: { records: readonly EventRecord[]; end: { segment: number; position: number } };
  #item: SectionItem | undefined;
  /** The entry that `frames` stands at has not been given. */
  #isPending = false;
  #isDone = true;
  #stumble: Stumble | undefined;

  constructor(stages: EntryStages, from: CommitLogPosition, options: ReaderOptions) {
    this.#stages = stages;
    this.#onTaken = options.onTaken;
    this.#published = options.published;
    this.#partlyPublished = options.partlyPublished ?? null;
    this.#again = options.again;
    this.entry = new EntryRecords(stages);
    this.#given = { records: NO_RECORDS, end: { segment: from.segment, position: from.position } };
  }

  /** Takes the next section. */
  open(item: SectionItem, readAt: number): void {
    this.#item = item;
    this.#isPending = false;
    this.#isDone = false;
    this.frames.open(item.section);
    this.entry.readAt = readAt;
    const { end } = this.#given;
    if (end.segment === item.segment.id) return;
    end.segment = item.segment.id;
    end.position = 0;
  }

  /** Behind the last entry that was given, or passed over. */
  get position(): CommitLogPosition {
    return { ...this.#given.end };
  }

  /** Everything of the section was given. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get stumble(): Stumble | undefined {
    return this.#stumble;
  }

  get item(): SectionItem {
    if (this.#item === undefined) throw new Error('no section is open');
    return this.#item;
  }

  /** Just behind the entry at hand. */
  get entryEnd(): CommitLogPosition {
    return { segment: this.item.segment.id, position: this.frames.position };
  }

  /** The entry at hand was published before this start, as far as it is to be. */
  get isPublished(): boolean {
    return !this.#isAgain && this.#isReadAgain;
  }

  get #isReadAgain(): boolean {
    return this.#published !== null && comparePositions(this.entryEnd, this.#published) <= 0;
  }

  /** Mutations up to the section's end, or up to what has to be settled. What it gives is valid until the next is asked for. */
  *chunk(): Generator<MutationEvents, void> {
    const { serializer } = this.#stages;
    const { descriptor } = this.item.segment;
    const given = this.#given;
    this.#stumble = undefined;
    let isTold = true;
    while (this.#isPending || this.#advance()) {
      this.#stumble = this.#take(descriptor);
      if (this.#stumble !== undefined) break;
      isTold = this.entry.records.length > 0;
      this.#pass();
      if (!isTold) continue;
      given.records = this.entry.records;
      yield given;
      serializer.release();
    }
    if (isTold) return;
    given.records = NO_RECORDS;
    yield given;
  }

  /** The entry at hand, dealt with: `records` are all of it that is published. */
  *settled(records: readonly EventRecord[] = NO_RECORDS): Generator<MutationEvents, void> {
    this.#pass();
    this.#given.records = records;
    yield this.#given;
    this.#stages.serializer.release();
  }

  #advance(): boolean {
    this.#isPending = this.frames.next();
    this.#isDone = !this.#isPending;
    return this.#isPending;
  }

  #pass(): void {
    this.#isPending = false;
    this.#given.end.position = this.frames.position;
    if (this.#published === null) return;
    if (this.#isAgain && this.entry.records.length > 0) this.againCount++;
    this.#isAgain = false;
    if (this.#isReadAgain) return;
    this.#published = null;
    this.#partlyPublished = null;
    this.entry.isPartlyPublished = false;
  }

  #take(descriptor: SectionItem['segment']['descriptor']): Stumble | undefined {
    const { entry, frames } = this;
    try {
      const first = entry.open(frames, descriptor);
      if (first?.keyspace === SCHEMA_KEYSPACE) return { kind: 'schema' };
      if (this.#published !== null) {
        this.#isAgain = this.#isReadAgain && this.#isGivenAgain(first);
        if (this.isPublished) {
          entry.remember(first, frames, descriptor);
          return undefined;
        }
        entry.isPartlyPublished = this.#partlyPublished !== null && comparePositions(this.entryEnd, this.#partlyPublished) === 0;
      }
      if (!entry.take(first, frames, descriptor)) return { kind: 'held', keyspace: first?.keyspace ?? '' };
      const events = entry.records.length;
      if (events > 0) this.#onTaken?.(this.entryEnd, { written: entry.written, events });
      return undefined;
    } catch (error) {
      return this.#stumbleOf(error);
    }
  }

  #isGivenAgain(table: TableMetadata | undefined): boolean {
    const again = this.#again;
    return again !== undefined && table !== undefined && comparePositions(this.entryEnd, again.from) > 0 && again.gives(this.entry.mutation, table);
  }

  #stumbleOf(error: unknown): Stumble {
    if (error instanceof UnknownTableError) return { kind: 'unknown', error, tableId: error.tableId };
    if (!(error instanceof CorruptError)) throw error;
    if (error.code !== 'unknown_column') return { kind: 'undecodable', error: inSegment(this.item.segment.name, error) as CorruptError };
    const { bytes, tableIdStart } = this.entry.mutation;
    return { kind: 'unknown', error, tableId: this.#stages.schema.tableAt(bytes, tableIdStart)?.id ?? '' };
  }
}
