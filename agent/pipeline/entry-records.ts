/** One entry of the log after the other -> the records of its events, or the reason why there are none. */
import { CorruptError, Mutation, UnknownTableError, type CommitLogDescriptor, type MutationFrames, type SchemaView } from '../../parsers/index.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import { Captures } from '../events/capture.js';
import { MutationEvents } from '../events/mutation-events.js';
import type { Tally } from '../events/tally.js';
import type { EventRecord, Serializer } from '../serializer/serializer.js';

/** What this node does with a mutation; the mutation is open, its rows undecoded. */
export type Ownership = (mutation: Mutation) => 'publish' | 'drop';

/** Without a ring: every copy. */
export const everyCopy: Ownership = () => 'publish';

export interface EntryStages {
  readonly schema: SchemaView;
  readonly ownership: Ownership;
  readonly serializer: Serializer;
  readonly tally: Tally;
  /** True: an equal change was published a short time ago. */
  readonly isRepeat?: (digest: string) => boolean;
}

const MICROS_PER_MILLI = 1000;

export class EntryRecords {
  /** Of the entry that was taken last; used again by the next. */
  readonly records: EventRecord[] = [];
  readonly mutation: Mutation;
  readonly events: MutationEvents;
  /** Latest write time of an event so far, ms since 1970, as far as it is not ahead of `readAt`. */
  latestWrite = 0;
  /** When the entries in hand were read, ms since 1970. */
  #readAt = 0;
  readonly #stages: EntryStages;
  readonly #captures = new Captures();

  constructor(stages: EntryStages) {
    this.#stages = stages;
    this.mutation = new Mutation(stages.schema);
    this.events = new MutationEvents(stages.schema, stages.tally);
  }

  set readAt(milliseconds: number) {
    this.#readAt = milliseconds;
    this.events.readAt = milliseconds;
  }

  /** Opens the entry that `frames` stands at. Throws CorruptError. */
  open(frames: MutationFrames, { version }: CommitLogDescriptor): Mutation {
    this.mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version });
    return this.mutation;
  }

  /**
   * The records of the open entry in `records`. Throws UnknownTableError, with the records of what stands before the
   * unknown table in place, and CorruptError, with none: an entry that does not decode is not half published.
   */
  take(frames: MutationFrames, descriptor: CommitLogDescriptor): void {
    const { serializer, ownership, tally, isRepeat } = this.#stages;
    const { mutation, events, records } = this;
    records.length = 0;
    tally.openMutation();
    if (this.#isUnwanted()) return;
    if (ownership(mutation) === 'drop') {
      tally.skip('not_owned', '');
      return;
    }
    events.open(mutation, frames, descriptor);
    try {
      while (events.next()) {
        const { event } = events;
        this.#note(event.timestampHigh, event.timestampLow);
        if (isRepeat?.(event.digest) === true) this.#dropRepeat();
        else records.push(serializer.serialize(event));
      }
    } catch (error) {
      if (!(error instanceof UnknownTableError)) this.takeBack();
      throw error;
    }
  }

  /** The entry's events are not published after all, or will be taken again. */
  takeBack(): void {
    this.records.length = 0;
    this.#stages.tally.takeBack();
  }

  #dropRepeat(): void {
    const { table } = this.events.event;
    this.#stages.tally.uncount();
    this.#stages.tally.skip('repeat', `${table.keyspace}.${table.name}`);
  }

  #note(high: number, low: number): void {
    const written = int64ToNumber(high, low) / MICROS_PER_MILLI;
    if (written > this.latestWrite && written <= this.#readAt) this.latestWrite = written;
  }

  /** True, and counted, for an entry of a single table that is not captured: its rows need not be decoded. */
  #isUnwanted(): boolean {
    const { mutation } = this;
    if (mutation.updateCount > 1) return false;
    const table = this.#stages.schema.tableAt(mutation.bytes, mutation.tableIdStart);
    const reason = table === undefined ? undefined : this.#captures.whyNot(table);
    if (table === undefined || reason === undefined) return false;
    this.#stages.tally.skip(reason, `${table.keyspace}.${table.name}`);
    return true;
  }
}

/** Says which file a damaged place is in. */
export function inSegment(name: string, error: unknown): unknown {
  return error instanceof CorruptError ? new CorruptError(error.code, error.position, `${name}: ${error.message}`, { cause: error }) : error;
}
