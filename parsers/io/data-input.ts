/**
 * Bounds-checked big-endian cursor over a byte range. Mirrors DataInputPlus and VIntCoding.
 *
 * 64-bit values are left in `high` and `low` (signed 32-bit halves): a BigInt per timestamp would cost more than the
 * rest of a row. Nothing is copied; callers keep offsets.
 *
 *   <unsigned vint> is <byte><byte>*   leading one-bits of the first byte = number of bytes that follow
 */
import { CorruptError } from '../errors.js';

const EMPTY = Buffer.alloc(0);

/** For reading four bytes at once at any place. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export class DataInput {
  bytes: Buffer = EMPTY;
  /** The same bytes. */
  view: DataView = viewOf(EMPTY);
  /** Next byte to read, an index into `bytes`. */
  position = 0;
  /** First index that does not belong to the range. */
  limit = 0;
  /** Position in the segment of `bytes[0]`, for error messages. */
  base = 0;
  /** Upper half of the last 64-bit value. */
  high = 0;
  /** Lower half of the last 64-bit value. */
  low = 0;

  reset(bytes: Buffer, position: number, limit: number, base: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = viewOf(bytes);
    }
    this.position = position;
    this.limit = limit;
    this.base = base;
  }

  readUnsignedByte(): number {
    const position = this.position;
    if (position >= this.limit) this.fail('ends inside a byte');
    this.position = position + 1;
    return this.bytes[position];
  }

  readUnsignedShort(): number {
    const at = this.take(2);
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  readInt(): number {
    const at = this.take(4);
    const bytes = this.bytes;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }

  /** Leaves the value in `high` and `low`. */
  readUnsignedVInt(): void {
    const position = this.position;
    if (position >= this.limit) this.fail('ends inside a number');
    const first = this.bytes[position];
    if (first < 0x80) {
      this.position = position + 1;
      this.high = 0;
      this.low = first;
      return;
    }
    this.readLongVInt(first, position + 1);
  }

  private readLongVInt(first: number, start: number): void {
    const extra = Math.clz32(~(first << 24));
    const end = start + extra;
    if (end > this.limit) this.fail('ends inside a number');
    const bytes = this.bytes;
    let high = 0;
    let low = extra < 8 ? first & (0xff >> extra) : 0;
    let at = start;
    if (extra > 3) {
      // The value spans both halves: 3 more bytes fit behind at most 4 bits, the rest shifts into `high`.
      for (; at < end - 4; at++) low = (low << 8) | bytes[at];
      high = low;
      low = 0;
    }
    for (; at < end; at++) low = (low << 8) | bytes[at];
    this.high = high | 0;
    this.low = low | 0;
    this.position = end;
  }

  /** A number that Cassandra wrote from an int: anything else is damage (VIntCoding.checkedCast). */
  readUnsignedVInt32(): number {
    const position = this.position;
    if (position < this.limit) {
      const first = this.bytes[position];
      if (first < 0x80) {
        this.position = position + 1;
        return first;
      }
    }
    this.readUnsignedVInt();
    if (this.high !== this.low >> 31) this.fail('holds a number that does not fit 32 bits');
    return this.low;
  }

  /** A length or count, never negative, never more than the bytes that are left. */
  readLength(): number {
    const length = this.readUnsignedVInt32();
    if (length < 0 || length > this.limit - this.position) this.fail(`holds a length of ${length} where ${this.limit - this.position} bytes are left`);
    return length;
  }

  /** Moves past `length` bytes and returns where they begin. */
  take(length: number): number {
    const at = this.position;
    if (length > this.limit - at) this.fail(`needs ${length} bytes where ${this.limit - at} are left`);
    this.position = at + length;
    return at;
  }

  fail(what: string): never {
    throw new CorruptError('mutation_malformed', this.base + this.position, `the entry ${what} at position ${this.base + this.position}`);
  }
}
