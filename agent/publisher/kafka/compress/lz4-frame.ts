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
import { xxhash32 } from './xxhash32.js';

const BLOCK_BYTES = 64 << 10;
const UNCOMPRESSED = 0x80000000;
const HASH_BITS = 14;
const MIN_MATCH = 4;
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
/** The search steps further the longer nothing is found. */
const SKIP_SHIFT = 6;

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
  let to = HEADER.copy(output);
  for (let from = 0; from < input.length; from += BLOCK_BYTES) {
    const end = Math.min(from + BLOCK_BYTES, input.length);
    const length = compressBlock(input, from, end, output, to + 4);
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

/** Returns the compressed length. */
function compressBlock(input: Buffer, start: number, end: number, output: Buffer, to: number): number {
  const first = to;
  const matchEnd = end - LAST_LITERALS;
  table.fill(-1);
  let anchor = start;
  let misses = 0;
  for (let at = start; at < end - MATCH_LIMIT; ) {
    const word = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = table[slot];
    table[slot] = at;
    if (candidate < 0 || !sameWord(input, candidate, at)) {
      at += 1 + (misses++ >> SKIP_SHIFT);
      continue;
    }
    misses = 0;
    let length = MIN_MATCH;
    while (at + length < matchEnd && input[candidate + length] === input[at + length]) length++;
    to = putSequence(output, to, input, { anchor, literals: at - anchor, offset: at - candidate, match: length });
    at += length;
    anchor = at;
  }
  return putSequence(output, to, input, { anchor, literals: end - anchor, offset: 0, match: 0 }) - first;
}

function sameWord(input: Buffer, a: number, b: number): boolean {
  return input[a] === input[b] && input[a + 1] === input[b + 1] && input[a + 2] === input[b + 2] && input[a + 3] === input[b + 3];
}

/** A match of 0 = the literals that end the block. */
function putSequence(output: Buffer, to: number, input: Buffer, { anchor, literals, offset, match }: { anchor: number; literals: number; offset: number; match: number }): number {
  const more = match === 0 ? 0 : match - MIN_MATCH;
  output[to++] = (Math.min(literals, 15) << 4) | Math.min(more, 15);
  if (literals >= 15) to = putLength(output, to, literals - 15);
  if (literals < 24) for (let i = 0; i < literals; i++) output[to + i] = input[anchor + i];
  else input.copy(output, to, anchor, anchor + literals);
  to += literals;
  if (match === 0) return to;
  output[to++] = offset & 0xff;
  output[to++] = offset >>> 8;
  return more >= 15 ? putLength(output, to, more - 15) : to;
}

function putLength(output: Buffer, to: number, length: number): number {
  for (; length >= 255; length -= 255) output[to++] = 255;
  output[to++] = length;
  return to;
}
