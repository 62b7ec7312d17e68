/**
 * The changes that one mutation makes to one partition of one table. Mirrors org.apache.cassandra.db.partitions.PartitionUpdate
 * and UnfilteredRowIteratorSerializer.
 *
 *   <update> is <table id:16 bytes><key length:vint><key><flags:byte><header>[<deletion>][<static row>][<row estimate:vint>]<unfiltered>*<end:01>
 *   <header> is <stats>[<static columns>]<regular columns>
 *   <unfiltered> is <flags:byte>[<extended flags:byte>](<clustering><row> | <marker>)
 */
import type { DataInput } from '../io/data-input.js';
import type { TableMetadata } from '../schema/table-metadata.js';
import { Columns, ColumnsReader } from './columns.js';
import { DeletionTime } from './deletion-time.js';
import { EncodingStats } from './encoding-stats.js';
import { RangeTombstoneMarker } from './range-tombstone-marker.js';
import { Row } from './row.js';

/** Flags of an update (UnfilteredRowIteratorSerializer). */
export const IS_EMPTY = 0x01;
const IS_REVERSED = 0x02;
const HAS_PARTITION_DELETION = 0x04;
const HAS_STATIC_ROW = 0x08;
const HAS_ROW_ESTIMATE = 0x10;

/** Flags of an unfiltered (UnfilteredSerializer). */
const END_OF_PARTITION = 0x01;
const IS_MARKER = 0x02;
const EXTENSION_FLAG = 0x80;
const IS_STATIC = 0x01;

/** What `next()` read; the values are in `row` or `marker`. */
export const UNFILTERED = { END: 0, STATIC_ROW: 1, ROW: 2, RANGE_TOMBSTONE_MARKER: 3 } as const;
export type UnfilteredKind = (typeof UNFILTERED)[keyof typeof UNFILTERED];

/**
 * A cursor over one update: `next()` until END. Everything it shows is valid until the next call and points into
 * `bytes`; the owner (`Mutation`) moves it to the next update.
 */
export class PartitionUpdate {
  table!: TableMetadata;
  keyStart = 0;
  keyEnd = 0;
  hasPartitionDeletion = false;
  readonly partitionDeletion = new DeletionTime();
  readonly row = new Row();
  readonly marker = new RangeTombstoneMarker();
  readonly #input: DataInput;
  readonly #columns = new ColumnsReader();
  readonly #header = { stats: new EncodingStats(), columns: Columns.NONE, version: 0 };
  #regulars = Columns.NONE;
  #statics = Columns.NONE;
  #flags = IS_EMPTY;
  #state: 'static' | 'rows' | 'end' = 'end';

  constructor(input: DataInput) {
    this.#input = input;
  }

  /** The buffer that all offsets point into. */
  get bytes(): Buffer {
    return this.#input.bytes;
  }

  /** Reads up to the first row; the table id has been read already. */
  open(table: TableMetadata, keyStart: number, keyEnd: number, version: number): void {
    const input = this.#input;
    this.table = table;
    this.keyStart = keyStart;
    this.keyEnd = keyEnd;
    const flags = (this.#flags = input.readUnsignedByte());
    this.hasPartitionDeletion = (flags & (HAS_PARTITION_DELETION | IS_EMPTY)) === HAS_PARTITION_DELETION;
    this.partitionDeletion.clear();
    if ((flags & IS_EMPTY) !== 0) {
      this.#state = 'end';
      return;
    }
    if ((flags & IS_REVERSED) !== 0) input.fail('holds a reversed partition update');
    const header = this.#header;
    header.version = version;
    header.stats.read(input);
    this.#statics = (flags & HAS_STATIC_ROW) !== 0 ? this.#columns.read(input, table) : Columns.NONE;
    this.#regulars = this.#columns.read(input, table);
    if (this.hasPartitionDeletion) this.partitionDeletion.read(input, header.stats);
    this.#state = 'static';
  }

  /** Reads the next static row, row or marker. */
  next(): UnfilteredKind {
    if (this.#state === 'rows') return this.#nextUnfiltered();
    if (this.#state === 'end') return UNFILTERED.END;
    this.#state = 'rows';
    const hasStatic = (this.#flags & HAS_STATIC_ROW) !== 0;
    if (hasStatic) this.#readStaticRow();
    if ((this.#flags & HAS_ROW_ESTIMATE) !== 0) this.#input.readUnsignedVInt32();
    return hasStatic ? UNFILTERED.STATIC_ROW : this.#nextUnfiltered();
  }

  /** Reads what is left, without keeping it: an update says nowhere how long it is. */
  skipRest(): void {
    while (this.next() !== UNFILTERED.END);
  }

  #readStaticRow(): void {
    const input = this.#input;
    const flags = input.readUnsignedByte();
    if ((flags & (END_OF_PARTITION | IS_MARKER | EXTENSION_FLAG)) !== EXTENSION_FLAG) input.fail(`holds a static row with flags ${flags}`);
    const extendedFlags = input.readUnsignedByte();
    this.row.isStatic = true;
    this.row.clustering.clearStatic();
    this.#header.columns = this.#statics;
    this.row.read(input, this.#header, flags, extendedFlags);
  }

  #nextUnfiltered(): UnfilteredKind {
    const input = this.#input;
    const flags = input.readUnsignedByte();
    if ((flags & END_OF_PARTITION) !== 0) {
      this.#state = 'end';
      return UNFILTERED.END;
    }
    const extendedFlags = (flags & EXTENSION_FLAG) !== 0 ? input.readUnsignedByte() : 0;
    const header = this.#header;
    if ((flags & IS_MARKER) !== 0) {
      this.marker.read(input, this.table.clusteringValueLengths, header.stats);
      return UNFILTERED.RANGE_TOMBSTONE_MARKER;
    }
    if ((extendedFlags & IS_STATIC) !== 0) input.fail('holds a static row behind other rows');
    const row = this.row;
    row.isStatic = false;
    row.clustering.readClustering(input, this.table.clusteringValueLengths);
    header.columns = this.#regulars;
    row.read(input, header, flags, extendedFlags);
    return UNFILTERED.ROW;
  }
}
