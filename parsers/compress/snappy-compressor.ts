/**
 * Snappy decoder. Mirrors org.apache.cassandra.io.compress.SnappyCompressor: one raw block, without framing.
 *
 *   <block>   is <plain length:varint><element>*
 *   <element> is <tag><more>*      low two bits of the tag: 0 literals, 1 to 3 a copy with its distance in 1, 2, 4 bytes
 *
 * A decoder of our own: snappyjs loops for ever on a literal whose four-byte length is negative.
 */
import { copyLiterals, copyMatch, OVERRUN } from './copies.js';

export function uncompressSnappy(input: Buffer, output: Buffer, length: number): Buffer {
  let from = 0;
  let claimed = 0;
  for (let shift = 0, more = true; more; shift += 7) {
    if (from >= input.length || shift > 28) throw new RangeError('Snappy: ends inside its length');
    const byte = input[from++];
    claimed += (byte & 0x7f) * 2 ** shift;
    more = byte >= 0x80;
  }
  if (claimed !== length) throw new RangeError(`Snappy: holds ${claimed} bytes instead of ${length}`);
  decodeElements(input, from, output, length);
  return output.subarray(0, length);
}

function decodeElements(input: Buffer, from: number, output: Buffer, length: number): void {
  const inputEnd = input.length;
  const inputView = new DataView(input.buffer, input.byteOffset, inputEnd);
  const view = new DataView(output.buffer, output.byteOffset, length);
  const inputRoomEnd = inputEnd - OVERRUN;
  const roomEnd = length - OVERRUN;
  let to = 0;
  while (from < inputEnd) {
    const tag = input[from++];
    if ((tag & 3) === 0) {
      let literals = tag >>> 2;
      if (literals >= 60) {
        const bytes = literals - 59;
        if (bytes > inputEnd - from) throw new RangeError(`Snappy: ends inside a length at ${from}`);
        literals = input.readUIntLE(from, bytes);
        from += bytes;
      }
      literals++;
      if (literals > inputEnd - from || literals > length - to) throw new RangeError(`Snappy: ${literals} literals at ${from} reach past the end`);
      copyLiterals(input, inputView, from, output, view, to, literals, from + literals <= inputRoomEnd && to + literals <= roomEnd);
      to += literals;
      from += literals;
      continue;
    }
    const bytes = (tag & 3) === 3 ? 4 : tag & 3;
    if (bytes > inputEnd - from) throw new RangeError(`Snappy: ends inside a distance at ${from}`);
    let distance = input[from];
    let match = (tag >>> 2) + 1;
    if (bytes === 1) {
      distance |= (tag >>> 5) << 8;
      match = ((tag >>> 2) & 7) + 4;
    } else if (bytes === 2) distance |= input[from + 1] << 8;
    else distance = input.readUInt32LE(from);
    from += bytes;
    if (distance === 0 || distance > to || match > length - to) throw new RangeError(`Snappy: a copy of ${match} bytes ${distance} back at ${from} leaves the block`);
    copyMatch(output, view, to, distance, match, roomEnd);
    to += match;
  }
  if (to !== length) throw new RangeError(`Snappy: ${to} bytes instead of ${length}`);
}
