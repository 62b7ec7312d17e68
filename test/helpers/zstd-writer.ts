/**
 * Zstandard frames after RFC 8878, with a content checksum as Cassandra's ZstdCompressor asks for. Block kinds in turn:
 * raw, RLE, and compressed blocks of raw literals with no or one sequence in RLE mode: enough to hold repeats without a
 * real entropy coder.
 *
 *   <frame> is <magic:u32le 0xFD2FB528> <descriptor:u8> <content size> <block>* <checksum:u32le>
 *   <block> is <header:u24le last, type, size> <content>
 */
import { findMatches } from './matches.js';

const MAX_BLOCK = 0x1_0000;
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

export function zstdFrame(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.of(0x28, 0xb5, 0x2f, 0xfd), frameHeader(bytes.length)];
  let at = 0;
  do {
    const end = Math.min(at + MAX_BLOCK, bytes.length);
    parts.push(block(bytes, at, end, end === bytes.length));
    at = end;
  } while (at < bytes.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(Number(xxh64(bytes) & 0xffff_ffffn));
  parts.push(checksum);
  return Buffer.concat(parts);
}

/** Single segment, with content size and checksum. */
function frameHeader(size: number): Buffer {
  if (size < 256) return Buffer.of(0x24, size);
  if (size < 0x1_0000 + 256) return Buffer.of(0x64, (size - 256) & 0xff, (size - 256) >> 8);
  const header = Buffer.alloc(5);
  header[0] = 0xa4;
  header.writeUInt32LE(size, 1);
  return header;
}

function block(bytes: Buffer, start: number, end: number, isLast: boolean): Buffer {
  const plain = bytes.subarray(start, end);
  if (plain.length > 1 && plain.every((byte) => byte === plain[0])) {
    return Buffer.concat([blockHeader(RLE, plain.length, isLast), plain.subarray(0, 1)]);
  }
  const content = compressedContent(plain);
  if (content.length >= plain.length) return Buffer.concat([blockHeader(RAW, plain.length, isLast), plain]);
  return Buffer.concat([blockHeader(COMPRESSED, content.length, isLast), content]);
}

function blockHeader(type: number, size: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | Number(isLast), 0, 3);
  return header;
}

/** The block's longest repeat as the one sequence; everything else is literal. */
function compressedContent(plain: Buffer): Buffer {
  const matches = findMatches(plain, { maxDistance: plain.length, lastStart: 4, lastLiterals: 0 });
  const best = matches.reduce<(typeof matches)[number] | null>((a, b) => (a === null || b.length > a.length ? b : a), null);
  if (best === null) return Buffer.concat([rawLiterals(plain), Buffer.of(0)]);
  const literals = Buffer.concat([plain.subarray(0, best.start), plain.subarray(best.start + best.length)]);
  return Buffer.concat([rawLiterals(literals), oneSequence(best.start, best.length, best.distance)]);
}

function rawLiterals(literals: Buffer): Buffer {
  const size = literals.length;
  if (size < 32) return Buffer.concat([Buffer.of(size << 3), literals]);
  if (size < 4096) return Buffer.concat([Buffer.of(((size & 0xf) << 4) | 0x04, size >> 4), literals]);
  return Buffer.concat([Buffer.of(((size & 0xf) << 4) | 0x0c, (size >> 4) & 0xff, size >> 12), literals]);
}

/**
 * One sequence, its three codes in RLE mode (so they take no bits), then the extra bits, read from the end: offset, match
 * length, literal length under a leading 1.
 */
function oneSequence(literalLength: number, matchLength: number, distance: number): Buffer {
  const [literalCode, literalBits, literalExtra] = codeOf(literalLength, LITERAL_LENGTHS, 16);
  const [matchCode, matchBits, matchExtra] = codeOf(matchLength - 3, MATCH_LENGTHS, 32);
  const offsetValue = distance + 3;
  const offsetCode = 31 - Math.clz32(offsetValue);
  let bits = 1n;
  bits = (bits << BigInt(offsetCode)) | BigInt(offsetValue - 2 ** offsetCode);
  bits = (bits << BigInt(matchBits)) | BigInt(matchExtra);
  bits = (bits << BigInt(literalBits)) | BigInt(literalExtra);
  const stream: number[] = [];
  for (let rest = bits; rest > 0n; rest >>= 8n) stream.push(Number(rest & 0xffn));
  return Buffer.from([1, 0b0101_0100, literalCode, offsetCode, matchCode, ...stream]);
}

/** [base, extra bits] of the codes behind the direct ones (16 for literal lengths, 32 for match lengths less 3). */
const LITERAL_LENGTHS: readonly (readonly [number, number])[] = [
  [16, 1], [18, 1], [20, 1], [22, 1], [24, 2], [28, 2], [32, 3], [40, 3], [48, 4], [64, 6], [128, 7], [256, 8],
  [512, 9], [1024, 10], [2048, 11], [4096, 12], [8192, 13], [16384, 14], [32768, 15], [65536, 16],
];
const MATCH_LENGTHS: readonly (readonly [number, number])[] = [
  [32, 1], [34, 1], [36, 1], [38, 1], [40, 2], [44, 2], [48, 3], [56, 3], [64, 4], [80, 4], [96, 5], [128, 7], [256, 8],
  [512, 9], [1024, 10], [2048, 11], [4096, 12], [8192, 13], [16384, 14], [32768, 15], [65536, 16],
];

function codeOf(length: number, table: readonly (readonly [number, number])[], direct: number): [code: number, bits: number, extra: number] {
  if (length < direct) return [length, 0, 0];
  let i = table.length - 1;
  while (table[i][0] > length) i--;
  return [direct + i, table[i][1], length - table[i][0]];
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotl = (value: bigint, bits: bigint): bigint => u64(value << bits) | (value >> (64n - bits));
const round = (accumulator: bigint, lane: bigint): bigint => u64(rotl(u64(accumulator + u64(lane * P2)), 31n) * P1);

/** XXH64 with seed 0. */
export function xxh64(bytes: Buffer): bigint {
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    let lanes = [u64(P1 + P2), P2, 0n, u64(-P1)];
    for (; at + 32 <= bytes.length; at += 32) {
      lanes = lanes.map((lane, i) => round(lane, bytes.readBigUInt64LE(at + 8 * i)));
    }
    hash = u64(rotl(lanes[0], 1n) + rotl(lanes[1], 7n) + rotl(lanes[2], 12n) + rotl(lanes[3], 18n));
    for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * P1 + P4);
  } else {
    hash = P5;
  }
  hash = u64(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) hash = u64(rotl(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4);
  if (at + 4 <= bytes.length) {
    hash = u64(rotl(hash ^ u64(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = u64(rotl(hash ^ u64(BigInt(bytes[at]) * P5), 11n) * P1);
  hash = u64((hash ^ (hash >> 33n)) * P2);
  hash = u64((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}
