/**
 * LZ4 block decoder. Mirrors org.apache.cassandra.io.compress.LZ4Compressor: a little-endian length, then one LZ4 block.
 *
 *   <block>    is <sequence>*
 *   <sequence> is <token><more literal length>*<literals>[<offset:uint16 LE><more match length>*]
 *     <token>  literal length in the upper four bits, match length minus 4 in the lower; 15 = more bytes follow
 *
 * A decoder of our own: it runs for every section of a compressed log, and native ones need an install script.
 */
const MIN_MATCH = 4;
const LENGTH_BYTES = 4;
/** Below this many bytes a loop is faster than the call that copies memory. */
const COPY_FROM = 24;

export function uncompressLZ4(input: Buffer, output: Buffer, length: number): Buffer {
  if (input.length < LENGTH_BYTES || input.readInt32LE(0) !== length) throw new RangeError('the LZ4 length is not the length of the section');
  decodeBlock(input, output, length);
  return output.subarray(0, length);
}

function decodeBlock(input: Buffer, output: Buffer, length: number): void {
  const inputEnd = input.length;
  let from = LENGTH_BYTES;
  let to = 0;
  while (from < inputEnd) {
    const token = input[from++];
    let literals = token >>> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; ) {
        if (from >= inputEnd) throw new RangeError(`LZ4: ends inside a length at ${from}`);
        literals += more = input[from++];
      }
    }
    if (literals > inputEnd - from || literals > length - to) throw new RangeError(`LZ4: ${literals} literals at ${from} reach past the end`);
    if (literals < COPY_FROM) {
      for (const end = to + literals; to < end; ) output[to++] = input[from++];
    } else {
      input.copy(output, to, from, from + literals);
      to += literals;
      from += literals;
    }
    if (from === inputEnd) break;
    if (inputEnd - from < 2) throw new RangeError(`LZ4: ends inside an offset at ${from}`);
    const offset = input[from] | (input[from + 1] << 8);
    from += 2;
    let match = token & 15;
    if (match === 15) {
      for (let more = 255; more === 255; ) {
        if (from >= inputEnd) throw new RangeError(`LZ4: ends inside a length at ${from}`);
        match += more = input[from++];
      }
    }
    match += MIN_MATCH;
    if (offset === 0 || offset > to || match > length - to) throw new RangeError(`LZ4: a match of ${match} bytes ${offset} back at ${from} leaves the block`);
    copyMatch(output, to, offset, match);
    to += match;
  }
  if (to !== length) throw new RangeError(`LZ4: ${to} bytes instead of ${length}`);
}

/** Source and destination may overlap: then the match repeats the last `offset` bytes. */
function copyMatch(output: Buffer, to: number, offset: number, length: number): void {
  if (length < COPY_FROM || offset < length) {
    for (let at = to - offset, end = to + length; to < end; ) output[to++] = output[at++];
  } else {
    output.copyWithin(to, to - offset, to - offset + length);
  }
}
