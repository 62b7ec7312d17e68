/**
 * LZ4 frame, as Kafka's consumers read it (Lz4BlockInputStream): independent blocks of 64 KiB, no block checksum, no
 * content size, no content checksum.
 *
 *   <frame> is <magic:uint32 LE = 0x184D2204><flags = 0x60><block size = 0x40><header checksum><block>*<end mark:uint32 = 0>
 *     <header checksum>  second byte of xxHash32 over flags and block size
 *   <block> is <size:uint32 LE, top bit = stored uncompressed><bytes>
 *   <bytes> are <token><more literal length>*<literals>[<offset:uint16 LE><more match length>*], repeated
 *
 * The rules of a block's end: the last five bytes are literals, the last match starts at least twelve bytes before the end.
 */
import { viewOf } from '../../../../parsers/io/data-input.js';
import { xxhash32 } from './xxhash32.js';

const BLOCK_BYTES = 64 << 10;
const UNCOMPRESSED = 0x80000000;
const HASH_BITS = 14;
const MIN_MATCH = 4;
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
/** The search steps further the longer nothing is found. */
const SKIP_SHIFT = 4;

const HEADER = makeHeader();
const table = new Int32Array(1 << HASH_BITS);
/** A block that doesn't compress is at most this much longer. */
const BLOCK_BOUND = BLOCK_BYTES + Math.ceil(BLOCK_BYTES / 255) + 16;

function makeHeader(): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]);
  header[6] = (xxhash32(header.subarray(4, 6)) >>> 8) & 0xff;
  return header;
}

export function compressLz4Frame(input: Buffer): Buffer {
  const blocks = Math.ceil(input.length / BLOCK_BYTES);
  const output = Buffer.allocUnsafe(HEADER.length + blocks * (4 + BLOCK_BOUND) + 4);
  const source = viewOf(input);
  const target = viewOf(output);
  let to = HEADER.copy(output);
  for (let from = 0; from < input.length; from += BLOCK_BYTES) {
    const end = Math.min(from + BLOCK_BYTES, input.length);
    const length = compressBlock(source, { start: from, end }, target, to + 4);
    if (length < end - from) {
      output.writeUInt32LE(length, to);
      to += 4 + length;
    } else {
      output.writeUInt32LE((UNCOMPRESSED | (end - from)) >>> 0, to);
      to += 4 + input.copy(output, to + 4, from, end);
    }
  }
  output.writeUInt32LE(0, to);
  return output.subarray(0, to + 4);
}

/** Returns the compressed length. Bytes are compared as words of four: that is where the time goes. */
function compressBlock(input: DataView, { start, end }: { readonly start: number; readonly end: number }, output: DataView, to: number): number {
  const first = to;
  const matchEnd = end - LAST_LITERALS;
  const searchEnd = end - MATCH_LIMIT;
  table.fill(-1);
  let anchor = start;
  let misses = 0;
  for (let at = start; at < searchEnd; ) {
    const word = input.getInt32(at, true);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    let candidate = table[slot];
    table[slot] = at;
    if (candidate < 0 || input.getInt32(candidate, true) !== word) {
      at += 1 + (misses++ >> SKIP_SHIFT);
      continue;
    }
    misses = 0;
    const last = endOfMatch(input, candidate + MIN_MATCH, at + MIN_MATCH, matchEnd);
    // The search may have stepped over its beginning.
    while (at > anchor && candidate > start && input.getUint8(at - 1) === input.getUint8(candidate - 1)) {
      at--;
      candidate--;
    }
    const more = last - at - MIN_MATCH;
    to = putLiterals(output, to, input, anchor, at, more);
    const offset = at - candidate;
    output.setUint16(to, offset, true);
    to += 2;
    if (more >= 15) to = putLength(output, to, more - 15);
    at = anchor = last;
  }
  return putLiterals(output, to, input, anchor, end, 0) - first;
}

/** Where the bytes from `at` on, up to `end`, are no longer those from `earlier` on. */
function endOfMatch(input: DataView, earlier: number, at: number, end: number): number {
  let from = earlier;
  let last = at;
  for (const lastWord = end - 4; last <= lastWord; from += 4, last += 4) {
    const unlike = input.getInt32(from, true) ^ input.getInt32(last, true);
    // The equal bytes are the lowest: one for each eight zeros there.
    if (unlike !== 0) return last + ((31 - Math.clz32(unlike & -unlike)) >> 3);
  }
  for (; last < end && input.getUint8(from) === input.getUint8(last); from++) last++;
  return last;
}

/** A token and `input[anchor..end)`; `more` bytes than the least are in the match that follows. */
function putLiterals(output: DataView, to: number, input: DataView, anchor: number, end: number, more: number): number {
  const literals = end - anchor;
  output.setUint8(to++, ((literals < 15 ? literals : 15) << 4) | (more < 15 ? more : 15));
  if (literals >= 15) to = putLength(output, to, literals - 15);
  const shift = to - anchor;
  let from = anchor;
  // The last word may reach behind the end: what follows is written over that, and the bound has room for it.
  for (const lastWord = Math.min(end, input.byteLength - 3); from < lastWord; from += 4) output.setInt32(from + shift, input.getInt32(from));
  for (; from < end; from++) output.setUint8(from + shift, input.getUint8(from));
  return to + literals;
}

function putLength(output: DataView, to: number, length: number): number {
  for (; length >= 255; length -= 255) output.setUint8(to++, 255);
  output.setUint8(to++, length);
  return to;
}
