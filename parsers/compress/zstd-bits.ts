/** The block that is being decoded, and its bit streams. RFC 8878, 4.1. */

export const MAX_BLOCK = 128 * 1024;
/** Bytes before and behind the block that may be read, so that a whole word can be read at each of its bits. */
const SLACK = 32;

/** Content of one block; decoding is synchronous and never nested. */
export const BLOCK = new Uint8Array(SLACK + MAX_BLOCK + SLACK);
const BLOCK_VIEW = new DataView(BLOCK.buffer);

/** Copies a block's content into BLOCK; returns where it begins there. */
export function loadBlock(input: Buffer, start: number, end: number): number {
  input.copy(BLOCK, SLACK, start, end);
  BLOCK.fill(0, SLACK + end - start, 2 * SLACK + end - start);
  return SLACK;
}

/** Up to six bytes, little-endian. */
export function unsignedAt(at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + BLOCK[at + i];
  return value;
}

/** The 25 or more bits below bit `at` of BLOCK, the highest one first. Reads up to four bytes before the bit. */
export function wordBelow(at: number): number {
  return BLOCK_VIEW.getInt32(((at + 7) >> 3) - 4, true) << (-at & 7);
}

/** The first `count` bits of a word, 0 to 31. */
export function firstBits(word: number, count: number): number {
  return word >>> 1 >>> (31 - count);
}

/** Where the bits of a stream end: below the highest set bit of its last byte. */
export function streamEnd(start: number, end: number): number {
  const last = end > start ? BLOCK[end - 1] : 0;
  if (last === 0) throw new RangeError('Zstd: a bit stream without its end mark');
  return 8 * (end - 1) + 31 - Math.clz32(last);
}

/** Reads bits from the end of a range of BLOCK to its beginning. For what is read seldom: loops that count keep `at` themselves. */
export class BackwardBits {
  /** The bit where the range begins. */
  first = 0;
  /** Bits below this one are not read yet. */
  at = 0;

  open(start: number, end: number): void {
    this.at = streamEnd(start, end);
    this.first = 8 * start;
  }

  /** Up to 25 bits; bits before the beginning are zeros. */
  peek(count: number): number {
    const left = this.at - this.first;
    if (left >= count) return firstBits(wordBelow(this.at), count);
    return left <= 0 ? 0 : firstBits(wordBelow(this.at), left) << (count - left);
  }

  /** Up to 31 bits, all of which must be there. */
  read(count: number): number {
    if (count > this.at - this.first) throw new RangeError('Zstd: ends inside a bit stream');
    if (count <= 25) {
      const value = this.peek(count);
      this.at -= count;
      return value;
    }
    return this.read(count - 16) * 0x10000 + this.read(16);
  }
}
