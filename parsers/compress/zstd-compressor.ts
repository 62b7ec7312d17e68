/**
 * Mirrors org.apache.cassandra.io.compress.ZstdCompressor: one Zstandard frame. Node decompresses it natively from
 * 22.15 on; before that fzstd does, in JavaScript.
 */
import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';

type ZstdDecompressSync = (input: Buffer, options: { maxOutputLength: number }) => Buffer;
const native = (zlib as { zstdDecompressSync?: ZstdDecompressSync }).zstdDecompressSync;

export function uncompressZstd(input: Buffer, output: Buffer, length: number): Buffer {
  if (native !== undefined) return native(input, { maxOutputLength: length });
  const result = decompress(input, output.subarray(0, length));
  return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
}
