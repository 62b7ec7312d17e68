/**
 * Which columns an update has, and which of those a row has. Mirrors org.apache.cassandra.db.Columns.Serializer.
 *
 *   <columns> is <count:vint>(<length:vint><name>)*
 *   <subset>  is <0:vint>                              all of them
 *             |  <missing:vint>                        fewer than 64 columns: a bit per missing one
 *             |  <missing count:vint><index:vint>*     64 or more: the present ones when they are few, else the missing ones
 */
import { CorruptError } from '../errors.js';
import type { DataInput } from '../io/data-input.js';
import type { ColumnMetadata, TableMetadata } from '../schema/table-metadata.js';

/** Updates of one table come in a handful of shapes; more than this and the oldest is forgotten. */
const SHAPES_PER_TABLE = 16;

/** In `valueLengths`: a length is written before each value. */
export const VARIABLE_LENGTH = -1;
/** In `valueLengths`: the column is complex. */
export const COMPLEX = -2;

/** A list of columns, with what the row reader asks of each kept flat: types are of many classes, and slow to ask. */
export class Columns {
  static readonly NONE = new Columns([]);
  readonly list: readonly ColumnMetadata[];
  /** Fixed length of the column's values, VARIABLE_LENGTH or COMPLEX. */
  readonly valueLengths: Int32Array;
  /** Some column of the list was dropped at some time. */
  readonly hasDropped: boolean;

  constructor(list: readonly ColumnMetadata[]) {
    this.list = list;
    this.valueLengths = Int32Array.from(list, ({ isComplex, type }) => (isComplex ? COMPLEX : type.valueLengthIfFixed));
    this.hasDropped = list.some(({ droppedTime }) => droppedTime !== null);
  }
}

interface Shape {
  readonly length: number;
  /** The encoded list, four bytes each, and the bytes that are left. */
  readonly words: Int32Array;
  readonly rest: Buffer;
  readonly columns: Columns;
}

/**
 * Reads column lists. The same few lists stand in nearly every update of a table, so a list is resolved once and then
 * recognised by its bytes: the encoding delimits itself, so equal bytes are the equal list.
 */
export class ColumnsReader {
  readonly #shapes = new WeakMap<TableMetadata, Shape[]>();
  #lastTable: TableMetadata | undefined;
  #lastShapes: Shape[] = [];

  read(input: DataInput, table: TableMetadata): Columns {
    const shapes = table === this.#lastTable ? this.#lastShapes : this.#shapesOf(table);
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i];
      if (startsWith(input, shape)) {
        input.position += shape.length;
        return shape.columns;
      }
    }
    const start = input.position;
    const columns = new Columns(resolve(input, table));
    if (shapes.length === SHAPES_PER_TABLE) shapes.pop();
    shapes.unshift(makeShape(Buffer.from(input.bytes.subarray(start, input.position)), columns));
    return columns;
  }

  #shapesOf(table: TableMetadata): Shape[] {
    let shapes = this.#shapes.get(table);
    if (shapes === undefined) this.#shapes.set(table, (shapes = []));
    this.#lastTable = table;
    return (this.#lastShapes = shapes);
  }
}

function makeShape(encoded: Buffer, columns: Columns): Shape {
  const words = Int32Array.from({ length: encoded.length >> 2 }, (_, i) => encoded.readInt32BE(i * 4));
  return { length: encoded.length, words, rest: encoded.subarray(words.length * 4), columns };
}

function startsWith(input: DataInput, { length, words, rest }: Shape): boolean {
  const { bytes, view } = input;
  let at = input.position;
  if (length > input.limit - at) return false;
  for (let i = 0; i < words.length; i++, at += 4) {
    if (view.getInt32(at) !== words[i]) return false;
  }
  for (let i = 0; i < rest.length; i++) {
    if (bytes[at + i] !== rest[i]) return false;
  }
  return true;
}

function resolve(input: DataInput, table: TableMetadata): ColumnMetadata[] {
  const count = input.readLength();
  const columns: ColumnMetadata[] = [];
  for (let i = 0; i < count; i++) {
    const length = input.readLength();
    const start = input.take(length);
    const column = table.columnByNameBytes(input.bytes, start, start + length);
    if (column === undefined) {
      const name = input.bytes.utf8Slice(start, start + length);
      throw new CorruptError('unknown_column', input.base + start, `${table.keyspace}.${table.name} has no column ${JSON.stringify(name)} in this schema (position ${input.base + start})`);
    }
    columns.push(column);
  }
  return columns;
}

/** Indexes into `superset` of the columns that a row has, in order. */
export class ColumnSubset {
  indexes = new Int32Array(64);
  size = 0;

  all(count: number): void {
    this.#reserve(count);
    for (let i = 0; i < count; i++) this.indexes[i] = i;
    this.size = count;
  }

  read(input: DataInput, count: number): void {
    input.readUnsignedVInt();
    const { high, low } = input;
    if (high === 0 && low === 0) {
      this.all(count);
      return;
    }
    this.#reserve(count);
    if (count < 64) this.#readBitmap(input, count, high, low);
    else this.#readLarge(input, count, low);
  }

  #reserve(count: number): void {
    if (count > this.indexes.length) this.indexes = new Int32Array(count * 2);
  }

  #readBitmap(input: DataInput, count: number, high: number, low: number): void {
    let size = 0;
    for (let i = 0; i < count; i++) {
      const missing = i < 32 ? (low >>> i) & 1 : (high >>> (i - 32)) & 1;
      if (missing === 0) this.indexes[size++] = i;
    }
    this.size = size;
    const beyond = count >= 32 ? high >>> (count - 32) : high | (low >>> count);
    if (beyond !== 0 && count !== 64) input.fail('names columns beyond those of its header');
  }

  #readLarge(input: DataInput, count: number, missing: number): void {
    const present = count - missing;
    if (missing < 0 || present < 0) input.fail(`leaves out ${missing} of ${count} columns`);
    let size = 0;
    let previous = -1;
    if (present < Math.trunc(count / 2)) {
      for (; size < present; size++) this.indexes[size] = previous = nextIndex(input, previous, count);
    } else {
      for (let i = 0; i < missing; i++) {
        const absent = nextIndex(input, previous, count);
        while (++previous < absent) this.indexes[size++] = previous;
      }
      while (++previous < count) this.indexes[size++] = previous;
    }
    this.size = size;
  }
}

function nextIndex(input: DataInput, previous: number, count: number): number {
  const index = input.readUnsignedVInt32();
  if (index <= previous || index >= count) input.fail(`names column ${index} of ${count} out of order`);
  return index;
}
