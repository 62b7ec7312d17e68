/** One entry to its end: every update, row and marker handed to a sink, counted and validated as Cassandra's reader does. */
import { CorruptError, MarshalError, Mutation, UNFILTERED, UnknownTableError, type MutationFrames, type PartitionUpdate, type RangeTombstoneMarker, type Row, type SchemaView } from '../../parsers/index.js';
import { validateRow } from '../../parsers/db/validate.js';
import { UpdateCounts } from './update-counts.js';
import { isRowEmpty } from './visibility.js';

/** Gets what an entry holds while it is decoded. What it gets is valid during the call. */
export interface UpdateSink {
  beginUpdate(update: PartitionUpdate): void;
  /** Static rows too. */
  row(update: PartitionUpdate, row: Row): void;
  marker(update: PartitionUpdate, marker: RangeTombstoneMarker): void;
  endUpdate(update: PartitionUpdate): void;
}

export class EntryDecoder {
  /** Counts of the updates that were decoded: the first `updateCount` of the array. */
  readonly counts: UpdateCounts[] = [];
  updateCount = 0;
  readonly mutation: Mutation;
  readonly #version: number;
  readonly #sink: UpdateSink | undefined;
  #invalid: CorruptError | undefined;
  readonly #schema: SchemaView;
  #isOpen = false;

  /** `version` is the segment's commit-log version. */
  constructor(schema: SchemaView, version: number, sink: UpdateSink | undefined) {
    this.#schema = schema;
    this.mutation = new Mutation(schema);
    this.#version = version;
    this.#sink = sink;
  }

  /** Keyspace and name of the table whose update is in hand: where decoding failed. */
  get tableName(): string | undefined {
    const table = this.#isOpen ? this.#schema.tableAt(this.mutation.bytes, this.mutation.tableIdStart) : undefined;
    return table === undefined ? undefined : `${table.keyspace}.${table.name}`;
  }

  /**
   * Decodes the entry that the frames stand at. Returns the id of the first table that the schema lacks, or undefined.
   * Throws CorruptError when the entry does not decode, or a value in it is invalid.
   */
  decode(frames: MutationFrames): string | undefined {
    this.#reset();
    const { mutation } = this;
    try {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: this.#version });
      this.#isOpen = true;
      for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) this.#readUpdate(update);
    } catch (error) {
      // Cassandra looks at the values after the whole entry was read: an unknown table comes first.
      if (error instanceof UnknownTableError) return error.tableId;
      throw error;
    }
    if (this.#invalid !== undefined) throw this.#invalid;
    return undefined;
  }

  #reset(): void {
    this.updateCount = 0;
    this.#invalid = undefined;
    this.#isOpen = false;
  }

  #readUpdate(update: PartitionUpdate): void {
    const counts = (this.counts[this.updateCount] ??= new UpdateCounts());
    counts.begin(update);
    const sink = this.#sink;
    sink?.beginUpdate(update);
    for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
      if (kind === UNFILTERED.RANGE_TOMBSTONE_MARKER) {
        counts.marker(update.marker);
        sink?.marker(update, update.marker);
      } else {
        counts.row(update.row);
        if (kind === UNFILTERED.ROW) this.#validate(update);
        sink?.row(update, update.row);
      }
    }
    sink?.endUpdate(update);
    this.updateCount++;
  }

  #validate({ row, bytes, table }: PartitionUpdate): void {
    if (this.#invalid !== undefined || isRowEmpty(row)) return;
    try {
      validateRow(row, bytes, table);
    } catch (cause) {
      if (!(cause instanceof MarshalError)) throw cause;
      this.#invalid = new CorruptError('value_invalid', -1, `a value in ${table.keyspace}.${table.name} is invalid: ${cause.message}`, { cause });
    }
  }
}
