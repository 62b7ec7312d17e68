/** Mirrors org.apache.cassandra.io.compress.DeflateCompressor: one zlib stream. */
import { inflateSync } from 'node:zlib';

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

export function uncompressDeflate(input: Buffer, _output: Buffer, length: number): Buffer {
  // One byte more than needed: zlib takes a second buffer of the same size when the first is full to the brim.
  const options = { maxOutputLength: length, chunkSize: Math.max(64, length + 1), info: true };
  const { buffer, engine } = inflateSync(input, options) as unknown as Inflated;
  // A marker that points too far takes the next section in, which zlib would leave unread.
  if (engine.bytesWritten !== input.length) throw new RangeError(`Deflate: ${input.length - engine.bytesWritten} bytes behind the stream`);
  return buffer;
}
