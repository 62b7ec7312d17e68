/**
 * Where the columns of a partition key stand in its bytes. Mirrors CompositeType.split and TableMetadata.partitionKeyType.
 *
 *   <key>       is <bytes>                              of a single column
 *             |  (<length:uint16><bytes><00>)*          of several
 */
import { CorruptError, type TableMetadata } from '../../parsers/index.js';

export class PartitionKey {
  /** Offsets into the mutation's buffer, one pair for each column of the key. */
  starts = new Int32Array(8);
  ends = new Int32Array(8);

  /** Throws CorruptError `value_invalid` when the bytes are not a key of the table; `base` is the position of `bytes[0]`. */
  read(table: TableMetadata, bytes: Buffer, span: { readonly start: number; readonly end: number; readonly base: number }): void {
    const count = table.partitionKey.length;
    if (count > this.starts.length) {
      this.starts = new Int32Array(count);
      this.ends = new Int32Array(count);
    }
    if (count === 1) {
      this.starts[0] = span.start;
      this.ends[0] = span.end;
    } else {
      this.#readComposite(table, bytes, span);
    }
  }

  #readComposite(table: TableMetadata, bytes: Buffer, { start, end, base }: { readonly start: number; readonly end: number; readonly base: number }): void {
    const count = table.partitionKey.length;
    let at = start;
    for (let i = 0; i < count; i++) {
      const length = end - at < 2 ? -1 : (bytes[at] << 8) | bytes[at + 1];
      if (length < 0 || length > end - at - 3 || bytes[at + 2 + length] !== 0) fail(table, base + start);
      this.starts[i] = at + 2;
      this.ends[i] = at + 2 + length;
      at += 3 + length;
    }
    if (at !== end) fail(table, base + start);
  }
}

function fail(table: TableMetadata, position: number): never {
  throw new CorruptError('value_invalid', position, `the partition key at position ${position} is not one of ${table.keyspace}.${table.name}`);
}
