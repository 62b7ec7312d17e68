/**
 * One row of a partition update, read into flat arrays that the next row reuses. Mirrors org.apache.cassandra.db.rows.Row,
 * Cell.Serializer and the row half of UnfilteredSerializer.
 *
 *   <row>     is [<liveness>][<deletion>][<subset>]<column>*
 *   <column>  is <cell>                                          simple
 *             |  [<deletion>]<count:vint><cell>*                 complex: a non-frozen collection or UDT
 *   <cell>    is <flags>[<timestamp>][<localDeletionTime>][<ttl>][<length:vint><path>][<value>]
 *   <value>   is <bytes>                                         of a type with a fixed length
 *             |  <length:vint><bytes>
 */
import type { DataInput } from '../io/data-input.js';
import type { ColumnMetadata } from '../schema/table-metadata.js';
import { ClusteringPrefix } from './clustering.js';
import { COMPLEX, ColumnSubset, VARIABLE_LENGTH, type Columns } from './columns.js';
import { DeletionTime, NO_DELETION_TIME } from './deletion-time.js';
import type { EncodingStats } from './encoding-stats.js';
import { LivenessInfo, decodeLocalDeletionTime } from './liveness-info.js';

/** Flags of an unfiltered (UnfilteredSerializer). */
const HAS_TIMESTAMP = 0x04;
const HAS_TTL = 0x08;
const HAS_DELETION = 0x10;
const HAS_ALL_COLUMNS = 0x20;
const HAS_COMPLEX_DELETION = 0x40;
const HAS_SHADOWABLE_DELETION = 0x02;

/** Flags of a cell (Cell.Serializer). */
const IS_DELETED = 0x01;
const IS_EXPIRING = 0x02;
const HAS_EMPTY_VALUE = 0x04;
const USE_ROW_TIMESTAMP = 0x08;
const USE_ROW_TTL = 0x10;
/** Ours, in the same word: the column was dropped after this cell was written. */
const IS_DROPPED = 0x100;

/** Slots of one cell. */
const COLUMN = 0;
const FLAGS = 1;
const TIMESTAMP_HIGH = 2;
const TIMESTAMP_LOW = 3;
const TTL = 4;
const LOCAL_DELETION_TIME = 5;
const PATH_START = 6;
const PATH_END = 7;
const VALUE_START = 8;
const VALUE_END = 9;
const CELL_SLOTS = 10;

/** Slots of one complex column. */
const FIRST_CELL = 1;
const CELLS_END = 2;
const DELETED_AT_HIGH = 3;
const DELETED_AT_LOW = 4;
const DELETED_LOCALLY = 5;
const DELETION_DROPPED = 6;
const COMPLEX_SLOTS = 7;

/** First byte of a vint that takes more than one. */
const FIRST_LONG_VINT = 0x80;

/** The smallest cell is its flags and one number. */
const SMALLEST_CELL = 1;

export interface RowHeader {
  readonly stats: EncodingStats;
  /** Columns of the header that this row is a subset of. */
  readonly columns: Columns;
  /** Commit-log version of the segment. */
  readonly version: number;
}

/**
 * Values are offsets into the buffer of the update; a cell is named by its number. Valid until the next row is read.
 */
export class Row {
  readonly clustering = new ClusteringPrefix();
  readonly liveness = new LivenessInfo();
  readonly deletion = new DeletionTime();
  hasDeletion = false;
  isShadowable = false;
  isStatic = false;
  columns: readonly ColumnMetadata[] = [];
  cellCount = 0;
  /** Complex columns that the row touches; their cells stand together, in this order, behind the simple ones. */
  complexCount = 0;
  #cells = new Int32Array(64 * CELL_SLOTS);
  #complex = new Int32Array(8 * COMPLEX_SLOTS);
  /** In which flags some cell differs from one that has the row's timestamp and nothing else. */
  #unusual = 0;
  readonly #subset = new ColumnSubset();
  readonly #complexDeletion = new DeletionTime();

  /** Some cell has not the row marker's timestamp, or expires. */
  get hasOwnTimes(): boolean {
    return (this.#unusual & (USE_ROW_TIMESTAMP | IS_EXPIRING)) !== 0;
  }

  /** All cells are live values of simple columns, none of them dropped. */
  get isPlain(): boolean {
    return this.complexCount === 0 && (this.#unusual & (IS_DELETED | IS_EXPIRING | IS_DROPPED)) === 0;
  }

  column(cell: number): ColumnMetadata {
    return this.columns[this.#cells[cell * CELL_SLOTS + COLUMN]];
  }

  /** Index in `columns` of the cell's column. */
  columnIndex(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + COLUMN];
  }

  timestampHigh(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + TIMESTAMP_HIGH];
  }

  timestampLow(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + TIMESTAMP_LOW];
  }

  /** Seconds, 0 = none. */
  ttl(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + TTL];
  }

  /** A slot (see `localDeletionSeconds`): when a tombstone was made or an expiring cell dies. */
  localDeletionTime(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + LOCAL_DELETION_TIME];
  }

  isTombstone(cell: number): boolean {
    return (this.#cells[cell * CELL_SLOTS + FLAGS] & IS_DELETED) !== 0;
  }

  isExpiring(cell: number): boolean {
    return (this.#cells[cell * CELL_SLOTS + FLAGS] & IS_EXPIRING) !== 0;
  }

  /** Written before its column was dropped: Cassandra does not see it (DeserializationHelper.isDropped). */
  isDropped(cell: number): boolean {
    return (this.#cells[cell * CELL_SLOTS + FLAGS] & IS_DROPPED) !== 0;
  }

  /** -1 for a simple column. */
  pathStart(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + PATH_START];
  }

  pathEnd(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + PATH_END];
  }

  valueStart(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + VALUE_START];
  }

  valueEnd(cell: number): number {
    return this.#cells[cell * CELL_SLOTS + VALUE_END];
  }

  complexColumn(index: number): ColumnMetadata {
    return this.columns[this.#complex[index * COMPLEX_SLOTS]];
  }

  complexFirstCell(index: number): number {
    return this.#complex[index * COMPLEX_SLOTS + FIRST_CELL];
  }

  complexCellsEnd(index: number): number {
    return this.#complex[index * COMPLEX_SLOTS + CELLS_END];
  }

  /** Reads the deletion of a complex column into `target`; live when it has none. */
  complexDeletion(index: number, target: DeletionTime): DeletionTime {
    const at = index * COMPLEX_SLOTS;
    target.markedForDeleteAtHigh = this.#complex[at + DELETED_AT_HIGH];
    target.markedForDeleteAtLow = this.#complex[at + DELETED_AT_LOW];
    target.localDeletionTime = this.#complex[at + DELETED_LOCALLY];
    return target;
  }

  isComplexDeletionDropped(index: number): boolean {
    return this.#complex[index * COMPLEX_SLOTS + DELETION_DROPPED] !== 0;
  }

  /** Reads the body that follows flags and clustering (UnfilteredSerializer.deserializeRowBody). */
  read(input: DataInput, header: RowHeader, flags: number, extendedFlags: number): void {
    const { stats, columns, version } = header;
    this.columns = columns.list;
    if ((flags & HAS_TIMESTAMP) !== 0) this.liveness.read(input, stats, (flags & HAS_TTL) !== 0, version);
    else this.liveness.clear();
    this.hasDeletion = (flags & HAS_DELETION) !== 0;
    this.isShadowable = this.hasDeletion && (extendedFlags & HAS_SHADOWABLE_DELETION) !== 0;
    if (this.hasDeletion) this.deletion.read(input, stats);
    else this.deletion.clear();
    const subset = this.#subset;
    const { valueLengths } = columns;
    if ((flags & HAS_ALL_COLUMNS) !== 0) subset.all(valueLengths.length);
    else subset.read(input, valueLengths.length);
    this.cellCount = 0;
    this.complexCount = 0;
    this.#unusual = 0;
    const { indexes, size } = subset;
    for (let i = this.#readOrdinary(input, valueLengths); i < size; i++) {
      const index = indexes[i];
      if (valueLengths[index] === COMPLEX) this.#readComplexColumn(input, header, index, (flags & HAS_COMPLEX_DELETION) !== 0);
      else this.#readCell(input, header, index);
    }
    if (columns.hasDropped) this.#markDropped();
  }

  /**
   * Reads the cells of an INSERT, which have the row marker's timestamp and a short value, up to the first that is anything
   * else: `#readCell` reads that one, or says what is wrong with it. Returns its number in the subset.
   */
  #readOrdinary(input: DataInput, valueLengths: Int32Array): number {
    const { bytes, limit } = input;
    const { indexes, size } = this.#subset;
    const { timestampHigh, timestampLow } = this.liveness;
    while (size * CELL_SLOTS > this.#cells.length) this.#cells = grow(this.#cells);
    const cells = this.#cells;
    let position = input.position;
    let cell = 0;
    for (; cell < size && limit - position >= 2 && bytes[position] === USE_ROW_TIMESTAMP; cell++) {
      const index = indexes[cell];
      let valueStart = position + 1;
      let valueLength = valueLengths[index];
      if (valueLength === VARIABLE_LENGTH) valueLength = bytes[valueStart++];
      if (valueLength < 0 || valueLength >= FIRST_LONG_VINT || valueLength > limit - valueStart) break;
      position = valueStart + valueLength;
      const at = cell * CELL_SLOTS;
      cells[at + COLUMN] = index;
      cells[at + FLAGS] = USE_ROW_TIMESTAMP;
      cells[at + TIMESTAMP_HIGH] = timestampHigh;
      cells[at + TIMESTAMP_LOW] = timestampLow;
      cells[at + TTL] = 0;
      cells[at + LOCAL_DELETION_TIME] = NO_DELETION_TIME;
      cells[at + PATH_START] = -1;
      cells[at + PATH_END] = -1;
      cells[at + VALUE_START] = valueStart;
      cells[at + VALUE_END] = position;
    }
    input.position = position;
    this.cellCount = cell;
    return cell;
  }

  #readComplexColumn(input: DataInput, header: RowHeader, index: number, hasDeletion: boolean): void {
    const deletion = this.#complexDeletion;
    if (hasDeletion) deletion.read(input, header.stats);
    else deletion.clear();
    const count = input.readUnsignedVInt32();
    if (count < 0 || count > (input.limit - input.position) / SMALLEST_CELL) input.fail(`holds a collection of ${count} cells where ${input.limit - input.position} bytes are left`);
    if ((this.complexCount + 1) * COMPLEX_SLOTS > this.#complex.length) this.#complex = grow(this.#complex);
    const at = this.complexCount++ * COMPLEX_SLOTS;
    const complex = this.#complex;
    complex[at] = index;
    complex[at + FIRST_CELL] = this.cellCount;
    complex[at + DELETED_AT_HIGH] = deletion.markedForDeleteAtHigh;
    complex[at + DELETED_AT_LOW] = deletion.markedForDeleteAtLow;
    complex[at + DELETED_LOCALLY] = deletion.localDeletionTime;
    complex[at + DELETION_DROPPED] = 0;
    for (let i = 0; i < count; i++) this.#readCell(input, header, index);
    complex[at + CELLS_END] = this.cellCount;
  }

  #readCell(input: DataInput, header: RowHeader, index: number): void {
    const { liveness } = this;
    const flags = input.readUnsignedByte() & 0x1f;
    let high = liveness.timestampHigh;
    let low = liveness.timestampLow;
    if ((flags & USE_ROW_TIMESTAMP) === 0) {
      header.stats.readTimestamp(input);
      high = input.high;
      low = input.low;
    }
    this.#unusual |= flags ^ USE_ROW_TIMESTAMP;
    let ttl = 0;
    let localDeletionTime = NO_DELETION_TIME;
    if ((flags & (IS_DELETED | IS_EXPIRING | USE_ROW_TTL)) !== 0) {
      if ((flags & USE_ROW_TTL) !== 0) {
        ttl = liveness.ttl;
        localDeletionTime = liveness.localExpirationTime;
      } else {
        const seconds = header.stats.readLocalDeletionTime(input);
        if ((flags & IS_EXPIRING) !== 0) ttl = header.stats.readTTL(input);
        localDeletionTime = decodeLocalDeletionTime(seconds, ttl, header.version);
      }
    }
    let valueLength = header.columns.valueLengths[index];
    let pathStart = -1;
    let pathEnd = -1;
    if (valueLength === COMPLEX) {
      const length = input.readLength();
      pathStart = input.take(length);
      pathEnd = pathStart + length;
    }
    if ((flags & HAS_EMPTY_VALUE) !== 0) valueLength = 0;
    else if (valueLength < 0) valueLength = input.readLength();
    const valueStart = input.take(valueLength);
    const at = this.cellCount++ * CELL_SLOTS;
    if (at + CELL_SLOTS > this.#cells.length) this.#cells = grow(this.#cells);
    const cells = this.#cells;
    cells[at + COLUMN] = index;
    cells[at + FLAGS] = flags;
    cells[at + TIMESTAMP_HIGH] = high;
    cells[at + TIMESTAMP_LOW] = low;
    cells[at + TTL] = ttl;
    cells[at + LOCAL_DELETION_TIME] = localDeletionTime;
    cells[at + PATH_START] = pathStart;
    cells[at + PATH_END] = pathEnd;
    cells[at + VALUE_START] = valueStart;
    cells[at + VALUE_END] = valueStart + valueLength;
  }

  /** Marks what was written before its column was dropped (DeserializationHelper.isDropped). */
  #markDropped(): void {
    for (let cell = 0; cell < this.cellCount; cell++) {
      const at = cell * CELL_SLOTS;
      if (isBeforeDrop(this.column(cell), this.#cells[at + TIMESTAMP_HIGH], this.#cells[at + TIMESTAMP_LOW])) this.#drop(at);
    }
    for (let i = 0; i < this.complexCount; i++) {
      const at = i * COMPLEX_SLOTS;
      if (isBeforeDrop(this.complexColumn(i), this.#complex[at + DELETED_AT_HIGH], this.#complex[at + DELETED_AT_LOW])) this.#complex[at + DELETION_DROPPED] = 1;
    }
  }

  #drop(at: number): void {
    this.#cells[at + FLAGS] |= IS_DROPPED;
    this.#unusual |= IS_DROPPED;
  }
}

function isBeforeDrop(column: ColumnMetadata, high: number, low: number): boolean {
  const dropped = column.droppedTime;
  if (dropped === null) return false;
  return high < dropped.hi || (high === dropped.hi && low >>> 0 <= dropped.lo >>> 0);
}

function grow(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
