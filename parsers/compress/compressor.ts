/** Decompressors by the class name that a segment's header holds (org.apache.cassandra.io.compress). */
import { CorruptError } from '../errors.js';
import { uncompressDeflate } from './deflate-compressor.js';
import { uncompressLZ4 } from './lz4-compressor.js';
import { uncompressSnappy } from './snappy-compressor.js';
import { uncompressZstd } from './zstd-compressor.js';

export interface Compressor {
  readonly name: string;
  /** No input grows more than this, so that a lie about a length costs no memory. */
  readonly maxRatio: number;
  /** Returns `length` bytes, in `output` or a buffer of its own; throws when the input does not decompress. */
  uncompress(input: Buffer, output: Buffer, length: number): Buffer;
}

const COMPRESSORS: readonly Compressor[] = [
  { name: 'LZ4Compressor', maxRatio: 255, uncompress: uncompressLZ4 },
  { name: 'SnappyCompressor', maxRatio: 64, uncompress: uncompressSnappy },
  { name: 'DeflateCompressor', maxRatio: 1032, uncompress: uncompressDeflate },
  { name: 'ZstdCompressor', maxRatio: 131_072, uncompress: uncompressZstd },
  { name: 'NoopCompressor', maxRatio: 1, uncompress: (input) => input },
];

export function compressorNamed(name: string): Compressor {
  const found = COMPRESSORS.find((compressor) => compressor.name === name);
  if (found === undefined) throw new CorruptError('compression_unsupported', 0, `the segment is compressed with ${name}`);
  return found;
}
