/**
 * Mirrors org.apache.cassandra.io.compress.ZstdCompressor: one Zstandard frame. Node decompresses it natively from
 * 22.15 on; before that our own decoder does.
 */
import * as zlib from 'node:zlib';
import { decodeZstdFrame } from './zstd-frame.js';

type ZstdDecompressSync = (input: Buffer, options: { maxOutputLength: number }) => Buffer;
const native = (zlib as { zstdDecompressSync?: ZstdDecompressSync }).zstdDecompressSync;

export function uncompressZstd(input: Buffer, output: Buffer, length: number): Buffer {
  if (native !== undefined) return native(input, { maxOutputLength: length });
  decodeZstdFrame(input, output, length);
  return output.subarray(0, length);
}
