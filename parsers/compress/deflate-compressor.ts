/** Mirrors org.apache.cassandra.io.compress.DeflateCompressor: one zlib stream. */
import { inflateSync } from 'node:zlib';

export function uncompressDeflate(input: Buffer, _output: Buffer, length: number): Buffer {
  return inflateSync(input, { maxOutputLength: length, chunkSize: Math.max(64, length) });
}
