/**
 * Read commit-log segments, keep the mutations this node owns, turn them into row-change events, publish them, remember
 * how far. Pulled from the end: while the publisher waits, nothing is read.
 */
import { MutationFrames, UnknownTableError, type CommitLogDescriptor, type Schema, type SyncSegment } from '../../parsers/index.js';
import { Tally } from '../events/tally.js';
import { EntryRecords, inSegment, type Ownership } from './entry-records.js';
import type { Publisher, StreamPosition } from '../publisher/publisher.js';
import type { EventRecord, Serializer } from '../serializer/serializer.js';
import type { LogSegment } from '../source/recorded-directory.js';

export interface PipelineStages {
  readonly segments: Iterable<LogSegment>;
  readonly schema: Schema;
  readonly ownership: Ownership;
  readonly serializer: Serializer;
  readonly publisher: Publisher;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Stops behind the batch in hand. */
  readonly signal?: AbortSignal;
  /** Called behind each segment. */
  readonly onSegment?: (segment: LogSegment) => void;
}

/** Events that go to the publisher in one piece, small enough for the cache; more where a mutation has more. */
const BATCH_EVENTS = 100;

export class Pipeline {
  readonly tally = new Tally();
  /** Behind the last mutation that was read; undefined before the first. */
  position: StreamPosition | undefined;
  readonly #stages: PipelineStages;
  readonly #frames = new MutationFrames();
  readonly #entry: EntryRecords;

  constructor(stages: PipelineStages) {
    this.#stages = stages;
    const { schema, ownership, serializer } = stages;
    this.#entry = new EntryRecords({ schema, ownership, serializer, tally: this.tally });
  }

  /** Until the source ends or the signal comes. Throws CorruptError at the first damaged place; what stands before it is published. */
  async run(): Promise<void> {
    const { segments, signal, onSegment } = this.#stages;
    for (const segment of segments) {
      for (const section of sectionsOf(segment)) {
        for (const records of this.#batches(section, segment)) {
          await this.#publish(records);
          if (signal?.aborted === true) return;
        }
      }
      onSegment?.(segment);
    }
  }

  async #publish(records: readonly EventRecord[]): Promise<void> {
    const { publisher, serializer } = this.#stages;
    publisher.begin();
    await publisher.append(records);
    if (this.position !== undefined) await publisher.commit(this.position);
    serializer.release();
  }

  /** The records of a section's mutations, cut where a mutation ends. */
  *#batches(section: SyncSegment, { name, descriptor }: LogSegment): Generator<EventRecord[], void> {
    const frames = this.#frames;
    let records: EventRecord[] = [];
    /** Behind the last mutation of this section that was taken. */
    let taken: number | undefined;
    frames.open(section);
    this.#entry.readAt = this.#stages.now();
    try {
      while (frames.next()) {
        this.#take(records, descriptor);
        taken = frames.position;
        if (records.length < BATCH_EVENTS) continue;
        this.#readTo(descriptor, taken);
        yield records;
        records = [];
      }
    } catch (error) {
      this.#readTo(descriptor, taken);
      yield records;
      throw inSegment(name, error);
    }
    this.#readTo(descriptor, taken);
    yield records;
  }

  #readTo({ id }: CommitLogDescriptor, position: number | undefined): void {
    if (position !== undefined) this.position = { segment: id, position, index: 0 };
  }

  /** Adds the records of the mutation that `frames` stands at. */
  #take(records: EventRecord[], descriptor: CommitLogDescriptor): void {
    const entry = this.#entry;
    const table = entry.open(this.#frames, descriptor);
    try {
      entry.take(table, this.#frames, descriptor);
    } catch (error) {
      if (!(error instanceof UnknownTableError)) throw error;
      this.tally.skip('unknown_table', error.tableId);
    }
    for (const record of entry.records) records.push(record);
  }
}

function* sectionsOf(segment: LogSegment): Generator<SyncSegment, void> {
  try {
    yield* segment.sections();
  } catch (error) {
    throw inSegment(segment.name, error);
  }
}
