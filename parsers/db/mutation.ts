/**
 * One atomic write to one partition key, over one or several tables of a keyspace. Mirrors org.apache.cassandra.db.Mutation.
 *
 *   <mutation> is <count:vint><update>*
 *
 * An update does not say how long it is: the second is found by reading the first to its end, with its table's schema.
 */
import { DataInput } from '../io/data-input.js';
import { int64ToNumber } from '../io/int64.js';
import type { SchemaView } from '../schema/schema.js';
import { EncodingStats } from './encoding-stats.js';
import { IS_EMPTY, PartitionUpdate } from './partition-update.js';

/** A table id, a key of no bytes and the flags of an empty update. */
const SMALLEST_UPDATE = 18;

/** The schema has no table of this id, so the entry can't be read past it. */
export class UnknownTableError extends Error {
  override readonly name = 'UnknownTableError';
  readonly tableId: string;
  readonly position: number;

  constructor(tableId: string, position: number) {
    super(`no table with id ${tableId} in the schema (position ${position}): it was dropped, or is newer than the schema`);
    this.tableId = tableId;
    this.position = position;
  }
}

/**
 * A cursor over mutations: `open` an entry, look at the key and the first table, then `nextUpdate` until undefined.
 * A mutation that nobody wants costs its key only. One instance serves for all entries; what it shows is valid until
 * the next call.
 */
export class Mutation {
  readonly #input = new DataInput();
  readonly #update = new PartitionUpdate(this.#input);
  #schema: SchemaView;
  #version = 0;
  #read = 0;
  readonly #stats = new EncodingStats();
  /** How many updates the entry holds. */
  updateCount = 0;
  /** Where the first update's table id stands: `tableIdStart .. +16` of `bytes`. */
  tableIdStart = 0;
  /** Partition key, the same for all updates. */
  keyStart = 0;
  keyEnd = 0;

  constructor(schema: SchemaView) {
    this.#schema = schema;
  }

  /** Tables are looked up here from now on. */
  set schema(schema: SchemaView) {
    this.#schema = schema;
  }

  get bytes(): Buffer {
    return this.#input.bytes;
  }

  /**
   * Takes the serialized mutation `bytes[start..end)` of a segment of commit-log version `version`; `base` is the
   * position in the segment of `bytes[0]`. Reads its count, first table id and key.
   */
  open(bytes: Buffer, start: number, end: number, { base, version }: { readonly base: number; readonly version: number }): void {
    const input = this.#input;
    input.reset(bytes, start, end, base);
    this.#version = version;
    this.#read = 0;
    const count = input.readUnsignedVInt32();
    if (count <= 0 || count > (end - input.position) / SMALLEST_UPDATE) input.fail(`holds ${count} table updates in ${end - start} bytes`);
    this.updateCount = count;
    this.#readTableIdAndKey();
  }

  /**
   * Earliest write time in the first update, microseconds since 1970 (EncodingStats.minTimestamp: rounded as numbers are, and
   * long ago when nothing in the update has one); Infinity: the update is empty. Of an entry none of whose updates was read.
   */
  minTimestamp(): number {
    const input = this.#input;
    const { position } = input;
    const stats = this.#stats;
    const isEmpty = (input.readUnsignedByte() & IS_EMPTY) !== 0;
    if (!isEmpty) stats.read(input);
    input.position = position;
    return isEmpty ? Infinity : int64ToNumber(stats.minTimestampHigh, stats.minTimestampLow);
  }

  /** Reads what is left of the current update and opens the next; undefined after the last. */
  nextUpdate(): PartitionUpdate | undefined {
    const input = this.#input;
    const update = this.#update;
    if (this.#read > 0) {
      update.skipRest();
      if (this.#read === this.updateCount) {
        if (input.position !== input.limit) input.fail(`holds ${input.limit - input.position} bytes behind its last update`);
        return undefined;
      }
      this.#readTableIdAndKey();
    }
    this.#read++;
    const table = this.#schema.tableAt(input.bytes, this.tableIdStart);
    if (table === undefined) throw new UnknownTableError(uuidAt(input.bytes, this.tableIdStart), input.base + this.tableIdStart);
    update.open(table, this.keyStart, this.keyEnd, this.#version);
    return update;
  }

  #readTableIdAndKey(): void {
    const input = this.#input;
    this.tableIdStart = input.take(16);
    const length = input.readLength();
    this.keyStart = input.take(length);
    this.keyEnd = this.keyStart + length;
  }
}

function uuidAt(bytes: Buffer, start: number): string {
  const hex = bytes.hexSlice(start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

