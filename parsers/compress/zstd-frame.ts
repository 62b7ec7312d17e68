/**
 * Zstandard decoder of one frame into a buffer of known length. RFC 8878; no dictionaries, and the content checksum is not
 * looked at: every entry of a section has its own.
 *
 *   <frame> is <magic:FD2FB528><descriptor>[<window>][<content size>]<block>*[<checksum>]
 *   <block> is <header:3 bytes><content>            raw, RLE or <literals><sequences>
 *
 * A decoder of our own, for Node before 22.15: fzstd neither bounds the work that a few bytes can ask for nor says how much
 * it wrote. Here no step is done that does not fill the output.
 */
import { BLOCK, loadBlock, MAX_BLOCK, unsignedAt } from './zstd-bits.js';
import { decodeFourStreams, decodeStream, HuffmanTable, LITERALS } from './zstd-huffman.js';
import { Sequences } from './zstd-sequences.js';

/** Fills `output[0..length)`; throws RangeError when the frame holds anything else. */
export function decodeZstdFrame(input: Buffer, output: Buffer, length: number): void {
  new FrameDecoder(input, output, length).decode();
}

/** Filled again for each block that describes its table. */
const HUFFMAN = new HuffmanTable();

class FrameDecoder {
  readonly #input: Buffer;
  readonly #output: Buffer;
  readonly #length: number;
  readonly #sequences: Sequences;
  #to = 0;
  #hasHuffman = false;
  #literalsEnd = 0;

  constructor(input: Buffer, output: Buffer, length: number) {
    this.#input = input;
    this.#output = output;
    this.#length = length;
    this.#sequences = new Sequences(output, length);
  }

  decode(): void {
    const input = this.#input;
    if (input.length < 6 || input.readUInt32LE(0) !== 0xfd2fb528) throw new RangeError('Zstd: not a frame');
    const descriptor = input[4];
    const isSingleSegment = (descriptor & 0x20) !== 0;
    if ((descriptor & 0x08) !== 0 || (descriptor & 3) !== 0) throw new RangeError('Zstd: a frame with a dictionary or of another version');
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
    let at = 5 + (isSingleSegment ? 0 : 1) + sizeBytes;
    for (let isLast = false; !isLast; ) {
      if (input.length - at < 3) throw new RangeError('Zstd: ends before a block');
      const header = input.readUIntLE(at, 3);
      isLast = (header & 1) !== 0;
      at = this.#block(at + 3, (header >> 1) & 3, header >> 3);
    }
    if (input.length !== at + ((descriptor & 0x04) !== 0 ? 4 : 0)) throw new RangeError('Zstd: something behind the frame');
    if (this.#to !== this.#length) throw new RangeError(`Zstd: ${this.#to} bytes instead of ${this.#length}`);
  }

  /** Returns where the block ends. */
  #block(at: number, type: number, size: number): number {
    const input = this.#input;
    const end = at + (type === 1 ? 1 : size);
    if (type === 3 || size > MAX_BLOCK || end > input.length) throw new RangeError(`Zstd: a block of kind ${type} and ${size} bytes`);
    if (type === 2) {
      const start = loadBlock(input, at, end);
      const contentEnd = start + size;
      this.#readSequences(this.#readLiterals(start, contentEnd), contentEnd);
      return end;
    }
    if (size > this.#length - this.#to) throw new RangeError('Zstd: more than the section holds');
    if (type === 0) input.copy(this.#output, this.#to, at, end);
    else this.#output.fill(input[at], this.#to, this.#to + size);
    this.#to += size;
    return end;
  }

  /** <literals> is <header: kind, size format, sizes>[<Huffman table>][<jump table>]<streams>. Returns where they end. */
  #readLiterals(start: number, end: number): number {
    if (end - start < 1) throw new RangeError('Zstd: an empty block');
    const kind = BLOCK[start] & 3;
    const format = (BLOCK[start] >> 2) & 3;
    if (kind < 2) {
      const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      if (end - start < headerBytes) throw new RangeError('Zstd: ends inside the literals');
      const size = unsignedAt(start, headerBytes) >> (headerBytes === 1 ? 3 : 4);
      return this.#plainLiterals(start + headerBytes, end, kind === 1, size);
    }
    const headerBytes = format < 2 ? 3 : format + 2;
    if (end - start < headerBytes) throw new RangeError('Zstd: ends inside the literals');
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const header = unsignedAt(start, headerBytes);
    const size = Math.floor(header / 16) % 2 ** width;
    const compressed = Math.floor(header / 2 ** (4 + width));
    let at = start + headerBytes;
    const last = at + compressed;
    if (size > MAX_BLOCK || last > end) throw new RangeError(`Zstd: ${size} literals in ${compressed} bytes`);
    if (kind === 2) {
      at = HUFFMAN.read(at, last);
      this.#hasHuffman = true;
    }
    if (!this.#hasHuffman) throw new RangeError('Zstd: literals without a Huffman table');
    this.#literalsEnd = size;
    if (format === 0) decodeStream(HUFFMAN, at, last, size);
    else decodeFourStreams(HUFFMAN, at, last, size);
    return last;
  }

  #plainLiterals(at: number, end: number, isRepeated: boolean, size: number): number {
    const last = at + (isRepeated ? 1 : size);
    if (size > MAX_BLOCK || last > end) throw new RangeError(`Zstd: ${size} literals reach past the block`);
    if (isRepeated) LITERALS.fill(BLOCK[at], 0, size);
    else LITERALS.set(BLOCK.subarray(at, last));
    this.#literalsEnd = size;
    return last;
  }

  #readSequences(start: number, end: number): void {
    const head = start < end ? BLOCK[start] : -1;
    const countBytes = head < 128 ? 1 : head < 255 ? 2 : 3;
    if (head < 0 || end - start < countBytes) throw new RangeError('Zstd: ends before its sequences');
    const count = countBytes === 1 ? head : countBytes === 2 ? ((head - 128) << 8) + BLOCK[start + 1] : unsignedAt(start + 1, 2) + 0x7f00;
    const at = start + countBytes;
    if (count === 0) {
      if (at !== end) throw new RangeError('Zstd: something behind the literals');
      this.#lastLiterals(0);
    } else {
      const sequences = this.#sequences;
      this.#to = sequences.execute(count, sequences.readTables(at, end), end, this.#literalsEnd, this.#to);
      this.#lastLiterals(sequences.literalsUsed);
    }
  }

  /** What the sequences left. */
  #lastLiterals(from: number): void {
    const count = this.#literalsEnd - from;
    if (count > this.#length - this.#to) throw new RangeError(`Zstd: ${count} literals more than the section holds`);
    this.#output.set(LITERALS.subarray(from, this.#literalsEnd), this.#to);
    this.#to += count;
  }
}
