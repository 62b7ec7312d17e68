/**
 * Damage by someone who knows the format: all checksums are right again, so that the decoder behind them is reached. What
 * comes out may be anything, but never a crash, a hang, memory without bound or bytes from outside the entry; and the
 * entries that were left alone come out as they were.
 */
import { crc32 } from 'node:zlib';
import { readDescriptor } from '../../parsers/index.js';
import type { Compression } from '../helpers/block-writers.js';
import type { Rng } from '../helpers/random.js';
import { encodeDescriptorWith, encodeEntry, encodeMarker, SegmentWriter } from '../helpers/segment-writer.js';
import type { SegmentOptions, SegmentVersion } from '../helpers/segment-writer.js';
import type { Original } from './corpus.js';

export interface Forged {
  readonly file: Buffer;
  /** Entries of the original that must come out unchanged. */
  readonly untouched: readonly number[];
}

export type Forgery = (rng: Rng, original: Original) => Forged;

function optionsOf(original: Original): SegmentOptions {
  const { version, id, compression, encryption } = readDescriptor(original.file);
  return {
    version: version as SegmentVersion,
    id: BigInt(id),
    ...(compression === null ? {} : { compression: compression as Compression }),
    ...(encryption === null || original.key === undefined ? {} : {
      encryption: { key: original.key, iv: encryption.iv, keyAlias: encryption.keyAlias, chunkLength: 4096 },
    }),
  };
}

/** The segment with other mutations, everything around them right; they may be too small for an entry. */
function rebuild(original: Original, mutations: readonly Buffer[], rng: Rng): Buffer {
  const writer = new SegmentWriter(optionsOf(original));
  for (const mutation of mutations) {
    writer.append(mutation);
    if (rng.chance(0.2)) writer.sync();
  }
  writer.close();
  return writer.image();
}

/** Byte patterns that mean something to vints, flags and counts. */
function spice(rng: Rng): Buffer {
  return rng.pick([
    Buffer.alloc(9, 0xff),
    Buffer.from('ff7fffffffffffffff', 'hex'),
    Buffer.from('ff8000000000000000', 'hex'),
    Buffer.from('ffffffffff80000000', 'hex'),
    Buffer.from('f07fffffff', 'hex'),
    Buffer.from('f0ffffffff', 'hex'),
    Buffer.from('e01fffffff', 'hex'),
    Buffer.of(0xf8, 0xff, 0xff, 0xff, 0xff, 0xff),
    Buffer.of(0xc0, 0, 0),
    Buffer.of(0),
    Buffer.of(1),
    Buffer.of(2),
    Buffer.of(0x7f),
    Buffer.of(0x80, 0x80),
    Buffer.of(0xff),
    rng.bytes(rng.between(1, 8)),
  ]);
}

function mutate(rng: Rng, mutation: Buffer, donor: Buffer): Buffer {
  const at = rng.below(mutation.length + 1);
  const bytes = Buffer.from(mutation);
  switch (rng.below(9)) {
    case 0:
      if (bytes.length > 0) bytes[at % bytes.length] ^= 1 << rng.below(8);
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at % bytes.length] = rng.pick([0, 1, 2, 0x1f, 0x20, 0x40, 0x7f, 0x80, 0xff]);
      return bytes;
    case 2:
      spice(rng).copy(bytes, at);
      return bytes;
    case 3:
      return Buffer.concat([bytes.subarray(0, at), spice(rng), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + rng.between(1, 16)))]);
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), donor.subarray(rng.below(donor.length + 1))]);
    case 7:
      return Buffer.concat([bytes, spice(rng)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - rng.between(1, 64)))]);
  }
}

/** Deep in one mutation: every count, length and flag of it. */
function malformedMutation(rng: Rng, original: Original): Forged {
  const mutations = original.entries.map((entry) => entry.mutation);
  if (mutations.length === 0) return { file: original.file, untouched: [] };
  const victims = new Set(Array.from({ length: rng.between(1, 2) }, () => rng.below(mutations.length)));
  for (const i of victims) {
    let bytes = mutations[i];
    for (let round = rng.between(1, 3); round > 0; round--) bytes = mutate(rng, bytes, rng.pick(original.entries).mutation);
    // An impossible size ends the section: that is another forgery.
    mutations[i] = bytes.length >= 10 ? bytes : Buffer.concat([bytes, Buffer.alloc(10)]);
  }
  return { file: rebuild(original, mutations, rng), untouched: original.entries.map((_, i) => i).filter((i) => !victims.has(i)) };
}

/** Nothing but a few random bytes, or a table id and random bytes. */
function randomMutation(rng: Rng, original: Original): Forged {
  const head = original.entries.length > 0 && rng.chance(0.8) ? rng.pick(original.entries).mutation.subarray(0, rng.between(1, 24)) : Buffer.of(1);
  const mutations = Array.from({ length: rng.between(1, 4) }, () => Buffer.concat([head, rng.bytes(rng.between(10, 300))]));
  return { file: rebuild(original, mutations, rng), untouched: [] };
}

/** A marker whose checksum is right and whose end is not: the checksum does not cover the end. */
function lyingMarker(rng: Rng, original: Original): Forged {
  const file = Buffer.from(original.file);
  const start = rng.pick(original.markers);
  if (start + 8 > file.length) return { file, untouched: [] };
  const near = start + rng.between(-16, 4096);
  const end = rng.pick([near, near, start, start + 7, start + 8, 0, -1, 0x7fff_ffff, -0x8000_0000, file.length, file.length + 1, rng.pick(original.markers)]);
  encodeMarker(BigInt(readDescriptor(file).id), start, end).copy(file, start);
  return { file, untouched: [] };
}

/** Sizes that do not fit, with their checksum. */
function lyingEntry(rng: Rng, original: Original): Forged {
  const options = optionsOf(original);
  if (!original.isPlain || original.entries.length === 0) return randomMutation(rng, original);
  const entry = encodeEntry(rng.pick(original.entries).mutation);
  const size = rng.pick([0, 1, 9, 10, -1, -0x8000_0000, 0x7fff_ffff, entry.length, entry.length - 11, entry.length - 13, rng.below(65_536)]);
  entry.writeInt32BE(size | 0);
  entry.writeInt32BE(crc32(entry.subarray(0, 4)) | 0, 4);
  const sound = original.entries.slice(0, 2).map(({ mutation }) => encodeEntry(mutation));
  const body = Buffer.concat(rng.chance(0.5) ? [...sound, entry] : [entry, ...sound]);
  const header = original.file.subarray(0, original.headerLength);
  const end = header.length + 8 + body.length;
  return { file: Buffer.concat([header, encodeMarker(options.id, header.length, end), body, Buffer.alloc(8)]), untouched: [] };
}

/** A sound header with parameters that no node wrote. */
function strangeHeader(rng: Rng, original: Original): Forged {
  const { version, id } = readDescriptor(original.file);
  const parameters = rng.pick<Buffer>([
    Buffer.from(''),
    Buffer.from('null'),
    Buffer.from('[]'),
    Buffer.from('"LZ4Compressor"'),
    Buffer.from('{"compressionClass":7}'),
    Buffer.from('{"compressionClass":""}'),
    Buffer.from('{"compressionClass":"."}'),
    Buffer.from('{"compressionClass":"__proto__"}'),
    Buffer.from('{"compressionClass":"constructor"}'),
    Buffer.from('{"compressionClass":"org.apache.cassandra.io.compress.NoopCompressor"}'),
    Buffer.from('{"__proto__":{"compressionClass":"LZ4Compressor"}}'),
    Buffer.from('{"compressionClass":"LZ4Compressor","encCipher":"AES/CBC/PKCS5Padding","encKeyAlias":"a","encIV":"00"}'),
    Buffer.from('{"encCipher":"AES/CBC/PKCS5Padding","encKeyAlias":"a"}'),
    Buffer.from('{"encCipher":"AES/CBC/PKCS5Padding","encKeyAlias":"a","encIV":"000102030405060708090a0b0c0d0e0f"}'),
    Buffer.from('{"encCipher":"AES/ECB/NoPadding","encKeyAlias":"a","encIV":"zz"}'),
    Buffer.from('{"encCipher":{},"encKeyAlias":[],"encIV":7}'),
    Buffer.alloc(65_535, '['),
    Buffer.alloc(65_535, ' '),
    Buffer.from(`{"x":"${'\\u0000'.repeat(10_000)}"}`),
    rng.bytes(rng.between(1, 200)),
  ]);
  const head = encodeDescriptorWith(rng.chance(0.8) ? version : rng.pick([0, 1, 5, 6, 8, 9, 64, 65, -1, 0x7fff_ffff]), rng.chance(0.8) ? BigInt(id) : rng.int64(), parameters);
  return { file: Buffer.concat([head, original.file.subarray(original.headerLength)]), untouched: [] };
}

/** A body of any bytes behind a sound marker and a plain length that may be right, near or absurd. */
function strangeBody(rng: Rng, original: Original): Forged {
  if (original.isPlain) return malformedMutation(rng, original);
  const [start, end] = original.markers;
  const body = Buffer.from(original.file.subarray(start + 8, end ?? start + 8));
  const length = body.length >= 4 ? body.readInt32BE(0) : 0;
  const lengths = [length, length, length + 1, length - 1, 0, -1, 1, 0x7fff_ffff, 64 << 20, (64 << 20) + 1, body.length * 200, body.length * 1000, rng.u32() | 0];
  const rest = rng.chance(0.5) ? Buffer.concat([spice(rng), rng.bytes(rng.below(200))]) : mutate(rng, body.subarray(4), rng.bytes(50));
  const lie = Buffer.alloc(4);
  lie.writeInt32BE(rng.pick(lengths) | 0);
  const header = original.file.subarray(0, original.headerLength);
  const parts = [lie, rest];
  const size = lie.length + rest.length;
  return { file: Buffer.concat([header, encodeMarker(BigInt(readDescriptor(original.file).id), start, start + 8 + size), ...parts, Buffer.alloc(8)]), untouched: [] };
}

export const FORGERIES: Readonly<Record<string, Forgery>> = {
  'malformed mutation': malformedMutation,
  'random mutation': randomMutation,
  'lying marker': lyingMarker,
  'lying entry': lyingEntry,
  'strange header': strangeHeader,
  'strange body': strangeBody,
};
