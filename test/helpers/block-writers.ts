/**
 * Section bodies as Cassandra's compressors write them: LZ4Compressor (little-endian length, then an LZ4 block),
 * SnappyCompressor (raw Snappy, no framing), DeflateCompressor (zlib). Small compressors of our own, after the formats'
 * public descriptions, so that they share nothing with the code under test.
 */
import { deflateSync } from 'node:zlib';
import { findMatches } from './matches.js';
import { zstdFrame } from './zstd-writer.js';

export type Compression = 'LZ4Compressor' | 'SnappyCompressor' | 'DeflateCompressor' | 'ZstdCompressor';

export function compress(bytes: Buffer, compression: Compression): Buffer {
  switch (compression) {
    case 'LZ4Compressor':
      return lz4WithLength(bytes);
    case 'SnappyCompressor':
      return snappy(bytes);
    case 'DeflateCompressor':
      return bytes.length === 0 ? Buffer.alloc(0) : deflateSync(bytes);
    case 'ZstdCompressor':
      return zstdFrame(bytes);
  }
}

/** LZ4Compressor.compress: the plain length in four bytes, least significant first, then the block. */
export function lz4WithLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, lz4Block(bytes)]);
}

/**
 *   <block>    is <sequence>* <token:u8> <more literal length>* <literals>
 *   <sequence> is <token:u8> <more literal length>* <literals> <distance:u16le> <more match length>*
 * The token holds the literal length (high half) and the match length less four (low half); 15 means that bytes follow,
 * summed up until one is not 255. The last five bytes are literals, the last match begins twelve before the end.
 */
export function lz4Block(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let literalStart = 0;
  for (const match of findMatches(bytes, { maxDistance: 0xffff, lastStart: 12, lastLiterals: 5 })) {
    const literals = bytes.subarray(match.literalStart, match.start);
    const token = (Math.min(literals.length, 15) << 4) | Math.min(match.length - 4, 15);
    parts.push(Buffer.from([token, ...moreLength(literals.length)]), literals);
    parts.push(Buffer.from([match.distance & 0xff, match.distance >> 8, ...moreLength(match.length - 4)]));
    literalStart = match.start + match.length;
  }
  const literals = bytes.subarray(literalStart);
  parts.push(Buffer.from([Math.min(literals.length, 15) << 4, ...moreLength(literals.length)]), literals);
  return Buffer.concat(parts);
}

function moreLength(length: number): number[] {
  if (length < 15) return [];
  const bytes: number[] = [];
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) bytes.push(255);
  bytes.push(rest);
  return bytes;
}

/**
 *   <stream>  is <plain length:varint> <element>*
 *   <element> is <tag:u8> ...: low two bits 0 literal, 1 copy of 4-11 within 2 KiB, 2 copy of 1-64 within 64 KiB,
 *             3 copy of 1-64 with a four-byte distance
 */
export function snappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [snappyVarint(bytes.length)];
  let literalStart = 0;
  for (const match of findMatches(bytes, { maxDistance: 0x3_0000, lastStart: 4, lastLiterals: 0 })) {
    parts.push(...snappyLiteral(bytes.subarray(match.literalStart, match.start)));
    for (let rest = match.length; rest > 0;) {
      const length = Math.min(rest, 64);
      parts.push(snappyCopy(length, match.distance));
      rest -= length;
    }
    literalStart = match.start + match.length;
  }
  parts.push(...snappyLiteral(bytes.subarray(literalStart)));
  return Buffer.concat(parts);
}

function snappyVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function snappyLiteral(literals: Buffer): Buffer[] {
  if (literals.length === 0) return [];
  const less = literals.length - 1;
  if (less < 60) return [Buffer.of(less << 2), literals];
  const bytes: number[] = [];
  for (let rest = less; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  return [Buffer.from([(59 + bytes.length) << 2, ...bytes]), literals];
}

function snappyCopy(length: number, distance: number): Buffer {
  if (length >= 4 && length <= 11 && distance < 2048) {
    return Buffer.of(((distance >> 8) << 5) | ((length - 4) << 2) | 1, distance & 0xff);
  }
  const tag = (length - 1) << 2;
  if (distance < 0x1_0000) return Buffer.of(tag | 2, distance & 0xff, distance >> 8);
  return Buffer.of(tag | 3, distance & 0xff, (distance >> 8) & 0xff, (distance >> 16) & 0xff, distance >>> 24);
}
