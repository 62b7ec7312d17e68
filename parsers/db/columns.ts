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

interface Shape {
  readonly encoded: Buffer;
  readonly columns: readonly ColumnMetadata[];
}

/**
 * Reads column lists. The same few lists stand in nearly every update of a table, so a list is resolved once and then
 * recognised by its bytes: the encoding delimits itself, so equal bytes are the equal list.
 */
export class ColumnsReader {
  readonly #shapes = new WeakMap<TableMetadata, Shape[]>();
  #lastTable: TableMetadata | undefined;
  #lastShapes: Shape[] = [];

  read(input: DataInput, table: TableMetadata): readonly ColumnMetadata[] {
    const shapes = table === this.#lastTable ? this.#lastShapes : this.#shapesOf(table);
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i];
      if (startsWith(input, shape.encoded)) {
        input.position += shape.encoded.length;
        return shape.columns;
      }
    }
    const start = input.position;
    const columns = resolve(input, table);
    if (shapes.length === SHAPES_PER_TABLE) shapes.pop();
    shapes.unshift({ encoded: Buffer.from(input.bytes.subarray(start, input.position)), columns });
    return columns;
  }

  #shapesOf(table: TableMetadata): Shape[] {
    let shapes = this.#shapes.get(table);
    if (shapes === undefined) this.#shapes.set(table, (shapes = []));
    this.#lastTable = table;
    return (this.#lastShapes = shapes);
  }
}

function startsWith(input: DataInput, encoded: Buffer): boolean {
  const { bytes, position } = input;
  const length = encoded.length;
  if (length > input.limit - position) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[position + i] !== encoded[i]) return false;
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
