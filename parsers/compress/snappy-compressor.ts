/** Mirrors org.apache.cassandra.io.compress.SnappyCompressor: one raw Snappy block. */
import { uncompress } from 'snappyjs';

export function uncompressSnappy(input: Buffer, _output: Buffer, length: number): Buffer {
  const result = uncompress(input, length);
  return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
}
