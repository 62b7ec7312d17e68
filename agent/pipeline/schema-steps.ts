/** What the schema has to do in the middle of the log: DDL is applied and stored in front of what follows it; a table that nobody knows is asked for, and else its entry kept. */
import { CorruptError, UnknownTableError, type CommitLogPosition } from '../../parsers/index.js';
import type { MutationEvents } from '../publisher/kafka/delivery.js';
import type { SchemaFollower } from '../schema/schema-follower.js';
import type { UnknownEntries } from '../schema/unknown-entries.js';
import type { LiveReader, Stumble } from './live-reader.js';

export interface SchemaStepsOptions {
  readonly follower: SchemaFollower;
  readonly unknown: UnknownEntries;
  readonly reader: LiveReader;
  readonly listener: { unknownTable?(what: { readonly tableId: string; readonly position: CommitLogPosition; readonly message: string }): void };
}

export class SchemaSteps {
  readonly #options: SchemaStepsOptions;

  constructor(options: SchemaStepsOptions) {
    this.#options = options;
  }

  /** Deals with the entry that the reader stumbled over; what it yields takes the reader past it, nothing: it is tried again. */
  async *settle(stumble: Extract<Stumble, { kind: 'schema' | 'unknown' }>, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { reader } = this.#options;
    if (stumble.kind === 'schema') {
      await this.#ddl(signal);
      yield reader.settled();
      return;
    }
    const isKnown = await this.#learn(stumble, signal);
    if (isKnown || reader.isPublished) reader.entry.takeBack();
    if (isKnown) return;
    if (!reader.isPublished) await this.#keep(stumble);
    yield reader.settled([...reader.entry.records]);
  }

  async #ddl(signal: AbortSignal): Promise<void> {
    const { follower, reader } = this.#options;
    const { frames, entryEnd: position, item: { segment: { descriptor } } } = reader;
    for (let isFirst = true; ; isFirst = false) {
      reader.entry.open(frames, descriptor);
      try {
        follower.apply({ mutation: reader.entry.mutation, start: frames.start, end: frames.end, version: descriptor.version, position });
        break;
      } catch (error) {
        // A release with tables of system_schema that this schema does not have.
        if (!isFirst || !(error instanceof UnknownTableError || error instanceof CorruptError)) throw error;
        await this.#learn({ kind: 'unknown', error, tableId: error instanceof UnknownTableError ? error.tableId : '' }, signal);
      }
    }
    await follower.flush();
  }

  #learn({ error, tableId }: Extract<Stumble, { kind: 'unknown' }>, signal: AbortSignal): Promise<boolean> {
    const { follower, reader: { frames, item } } = this.#options;
    const position = { segment: item.segment.id, position: Math.max(0, frames.entryPosition) };
    return error instanceof UnknownTableError
      ? follower.learn({ key: `the table ${tableId}`, tableId, position }, signal)
      : follower.learn({ key: error.message, position }, signal);
  }

  /** What stands before the unknown in the entry is published; the entry is kept. */
  async #keep({ tableId, error }: Extract<Stumble, { kind: 'unknown' }>): Promise<void> {
    const { reader, unknown, listener } = this.#options;
    const { bytes, start, end } = reader.frames;
    const { version } = reader.item.segment.descriptor;
    unknown.keep({ tableId, position: reader.entryEnd, version, decoded: error instanceof UnknownTableError ? reader.entry.events.updatesBefore : 0, bytes: bytes.subarray(start, end) });
    await unknown.flush();
    reader.entry.skip('unknown_table', tableId);
    reader.entry.remembered(reader.frames, reader.item.segment.descriptor);
    listener.unknownTable?.({ tableId, position: reader.entryEnd, message: error.message });
  }
}
