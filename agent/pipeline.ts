/**
 * Read commit-log segments, keep the mutations this node owns, turn them into row-change events, publish them, remember
 * how far. Pulled from the end: while the publisher waits, nothing is read.
 */
import { CorruptError, Mutation, MutationFrames, UnknownTableError, type CommitLogDescriptor, type Schema, type SyncSegment } from '../parsers/index.js';
import { Captures } from './events/capture.js';
import { MutationEvents } from './events/mutation-events.js';
import { Tally } from './events/tally.js';
import type { Publisher, StreamPosition } from './publisher/publisher.js';
import type { EventRecord, Serializer } from './serializer/serializer.js';
import type { LogSegment } from './source/recorded-directory.js';

/** What this node does with a mutation; the mutation is open, its rows undecoded. */
export type Ownership = (mutation: Mutation) => 'publish' | 'drop';

/** Without a ring: every copy. */
export const everyCopy: Ownership = () => 'publish';

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

/** Events that go to the publisher in one piece; more where a mutation has more. */
const BATCH_EVENTS = 500;

export class Pipeline {
  readonly tally = new Tally();
  /** Behind the last mutation that was read; undefined before the first. */
  position: StreamPosition | undefined;
  readonly #stages: PipelineStages;
  readonly #frames = new MutationFrames();
  readonly #mutation: Mutation;
  readonly #events: MutationEvents;
  readonly #captures = new Captures();

  constructor(stages: PipelineStages) {
    this.#stages = stages;
    this.#mutation = new Mutation(stages.schema);
    this.#events = new MutationEvents(stages.schema, this.tally);
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
    frames.open(section);
    this.#events.readAt = this.#stages.now();
    try {
      while (frames.next()) {
        this.#take(records, descriptor);
        this.position = { segment: descriptor.id, position: frames.position, index: 0 };
        if (records.length < BATCH_EVENTS) continue;
        yield records;
        records = [];
      }
    } catch (error) {
      yield records;
      throw inSegment(name, error);
    }
    yield records;
  }

  /** Adds the records of the mutation that `frames` stands at. */
  #take(records: EventRecord[], descriptor: CommitLogDescriptor): void {
    const { serializer, ownership } = this.#stages;
    const { tally } = this;
    const frames = this.#frames;
    const mutation = this.#mutation;
    const events = this.#events;
    const before = records.length;
    tally.openMutation();
    try {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
      if (this.#isUnwanted(mutation)) return;
      if (ownership(mutation) === 'drop') {
        tally.skip('not_owned', '');
        return;
      }
      events.open(mutation, frames, descriptor);
      while (events.next()) records.push(serializer.serialize(events.event));
    } catch (error) {
      if (error instanceof UnknownTableError) {
        tally.skip('unknown_table', error.tableId);
        return;
      }
      // A mutation that does not decode is not half published.
      records.length = before;
      tally.takeBack();
      throw error;
    }
  }

  /** True, and counted, for a mutation of a single table that is not captured: its rows need not be decoded. */
  #isUnwanted(mutation: Mutation): boolean {
    if (mutation.updateCount > 1) return false;
    const table = this.#stages.schema.tableAt(mutation.bytes, mutation.tableIdStart);
    const reason = table === undefined ? undefined : this.#captures.whyNot(table);
    if (table === undefined || reason === undefined) return false;
    this.tally.skip(reason, `${table.keyspace}.${table.name}`);
    return true;
  }
}

function* sectionsOf(segment: LogSegment): Generator<SyncSegment, void> {
  try {
    yield* segment.sections();
  } catch (error) {
    throw inSegment(segment.name, error);
  }
}

/** Says which file a damaged place is in. */
function inSegment(name: string, error: unknown): unknown {
  return error instanceof CorruptError ? new CorruptError(error.code, error.position, `${name}: ${error.message}`, { cause: error }) : error;
}
