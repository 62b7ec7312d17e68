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
import { BackwardBits, buildFseTable, readFseTable, readHuffmanTable, singleSymbol } from './zstd-entropy.js';
import type { FseTable, HuffmanTable } from './zstd-entropy.js';

const MAX_BLOCK = 128 * 1024;
/** Below this many bytes a loop is faster than the call that copies memory. */
const COPY_FROM = 24;

/** Fills `output[0..length)`; throws RangeError when the frame holds anything else. */
export function decodeZstdFrame(input: Buffer, output: Buffer, length: number): void {
  new FrameDecoder(input, output, length).decode();
}

class FrameDecoder {
  readonly #input: Buffer;
  readonly #output: Buffer;
  readonly #length: number;
  #to = 0;
  #huffman: HuffmanTable | null = null;
  readonly #tables: (FseTable | null)[] = [null, null, null];
  readonly #offsets = [1, 4, 8];
  #literals: Uint8Array = SCRATCH;
  #literalsAt = 0;
  #literalsEnd = 0;
  readonly #bits = new BackwardBits();

  constructor(input: Buffer, output: Buffer, length: number) {
    this.#input = input;
    this.#output = output;
    this.#length = length;
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
      this.#sequences(this.#readLiterals(at, end), end);
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
    const input = this.#input;
    if (end - start < 1) throw new RangeError('Zstd: an empty block');
    const kind = input[start] & 3;
    const format = (input[start] >> 2) & 3;
    if (kind < 2) {
      const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      if (end - start < headerBytes) throw new RangeError('Zstd: ends inside the literals');
      const size = input.readUIntLE(start, headerBytes) >> (headerBytes === 1 ? 3 : 4);
      return this.#plainLiterals(start + headerBytes, end, kind === 1, size);
    }
    const headerBytes = format < 2 ? 3 : format + 2;
    if (end - start < headerBytes) throw new RangeError('Zstd: ends inside the literals');
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const header = input.readUIntLE(start, headerBytes);
    const size = Math.floor(header / 16) % 2 ** width;
    const compressed = Math.floor(header / 2 ** (4 + width));
    let at = start + headerBytes;
    const last = at + compressed;
    if (size > MAX_BLOCK || last > end) throw new RangeError(`Zstd: ${size} literals in ${compressed} bytes`);
    if (kind === 2) ({ table: this.#huffman, end: at } = readHuffmanTable(input, at, last));
    this.#literals = SCRATCH;
    this.#literalsEnd = size;
    if (format === 0) this.#huffmanStream(at, last, 0, size);
    else this.#fourStreams(at, last, size);
    return last;
  }

  #plainLiterals(at: number, end: number, isRepeated: boolean, size: number): number {
    const last = at + (isRepeated ? 1 : size);
    if (size > MAX_BLOCK || last > end) throw new RangeError(`Zstd: ${size} literals reach past the block`);
    if (isRepeated) this.#literals = SCRATCH.fill(this.#input[at], 0, size);
    else this.#literals = this.#input.subarray(at, last);
    this.#literalsEnd = size;
    return last;
  }

  #fourStreams(start: number, end: number, size: number): void {
    const input = this.#input;
    if (end - start < 6) throw new RangeError('Zstd: ends inside a jump table');
    const quarter = (size + 3) >> 2;
    let at = start + 6;
    for (let i = 0; i < 4; i++) {
      const last = i === 3 ? end : at + input.readUInt16LE(start + 2 * i);
      if (last > end) throw new RangeError('Zstd: a literal stream reaches past the literals');
      this.#huffmanStream(at, last, quarter * i, i === 3 ? size : quarter * (i + 1));
      at = last;
    }
  }

  #huffmanStream(start: number, end: number, to: number, toEnd: number): void {
    const table = this.#huffman;
    if (table === null || to > toEnd) throw new RangeError('Zstd: literals without a Huffman table');
    const { log, symbols, bits } = table;
    const stream = this.#bits;
    stream.open(this.#input, start, end);
    const input = this.#input;
    const literals = SCRATCH;
    let left = stream.left;
    while (to < toEnd && left >= log) {
      const state = bitsAt(input, start, left - log, log);
      literals[to++] = symbols[state];
      left -= bits[state];
    }
    stream.left = left;
    while (to < toEnd) {
      const state = stream.peek(log);
      literals[to++] = symbols[state];
      stream.left -= bits[state];
    }
    if (stream.left !== 0) throw new RangeError('Zstd: literals that do not fit their stream');
  }

  #sequences(start: number, end: number): void {
    const input = this.#input;
    const head = start < end ? input[start] : -1;
    const countBytes = head < 128 ? 1 : head < 255 ? 2 : 3;
    if (head < 0 || end - start < countBytes) throw new RangeError('Zstd: ends before its sequences');
    const count = countBytes === 1 ? head : countBytes === 2 ? ((head - 128) << 8) + input[start + 1] : input.readUInt16LE(start + 1) + 0x7f00;
    let at = start + countBytes;
    if (count === 0) {
      if (at !== end) throw new RangeError('Zstd: something behind the literals');
    } else {
      if (at >= end) throw new RangeError('Zstd: ends before its sequences');
      const modes = input[at++];
      if ((modes & 3) !== 0) throw new RangeError('Zstd: unknown sequence modes');
      for (let i = 0; i < 3; i++) at = this.#readTable(i, (modes >> (6 - 2 * i)) & 3, at, end);
      this.#execute(count, at, end);
    }
    this.#lastLiterals();
  }

  #readTable(i: number, mode: number, at: number, end: number): number {
    const kind = TABLE_KINDS[i];
    if (mode === 0) this.#tables[i] = kind.predefined;
    if (mode === 1) {
      if (at >= end || this.#input[at] >= kind.symbols) throw new RangeError('Zstd: an unknown code');
      this.#tables[i] = singleSymbol(this.#input[at++]);
    }
    if (mode === 2) ({ table: this.#tables[i], end: at } = readFseTable(this.#input, at, end, kind));
    if (this.#tables[i] === null) throw new RangeError('Zstd: repeats a table that was not there');
    return at;
  }

  /** Reads the sequences and does what they say; all state of the loop is local, which is half of its speed. */
  #execute(count: number, start: number, end: number): void {
    const [lengths, offsets, matches] = this.#tables as FseTable[];
    const bits = this.#bits;
    bits.open(this.#input, start, end);
    const input = this.#input;
    const output = this.#output;
    const literals = this.#literals;
    const literalsEnd = this.#literalsEnd;
    const blockEnd = Math.min(this.#length, this.#to + MAX_BLOCK);
    const last = this.#offsets;
    let lengthState = bits.read(lengths.log);
    let offsetState = bits.read(offsets.log);
    let matchState = bits.read(matches.log);
    let left = bits.left;
    let from = this.#literalsAt;
    let to = this.#to;
    for (let i = 0; i < count; i++) {
      const offsetCode = offsets.symbols[offsetState];
      const matchCode = matches.symbols[matchState];
      const lengthCode = lengths.symbols[lengthState];
      let value: number;
      if (offsetCode <= 24) {
        left -= offsetCode;
        value = (1 << offsetCode) + bitsAt(input, start, left, offsetCode);
      } else {
        bits.left = left;
        value = 2 ** offsetCode + bits.read(offsetCode);
        left = bits.left;
      }
      const matchBits = MATCH_BITS[matchCode];
      left -= matchBits;
      let match = MATCH_BASES[matchCode] + bitsAt(input, start, left, matchBits);
      const lengthBits = LENGTH_BITS[lengthCode];
      left -= lengthBits;
      let run = LENGTH_BASES[lengthCode] + bitsAt(input, start, left, lengthBits);
      if (i < count - 1) {
        const a = lengths.bits[lengthState];
        const b = matches.bits[matchState];
        const c = offsets.bits[offsetState];
        left -= a;
        lengthState = lengths.bases[lengthState] + bitsAt(input, start, left, a);
        left -= b;
        matchState = matches.bases[matchState] + bitsAt(input, start, left, b);
        left -= c;
        offsetState = offsets.bases[offsetState] + bitsAt(input, start, left, c);
      }
      if (left < 0) throw new RangeError('Zstd: ends inside a bit stream');
      let distance: number;
      if (value > 3) {
        last[2] = last[1];
        last[1] = last[0];
        last[0] = distance = value - 3;
      } else distance = this.#resolve(value, run);
      if (run > literalsEnd - from || run + match > blockEnd - to) throw new RangeError(`Zstd: a sequence of ${run} literals reaches past the block`);
      if (run < COPY_FROM) {
        for (; run > 0; run--) output[to++] = literals[from++];
      } else {
        output.set(literals.subarray(from, from + run), to);
        from += run;
        to += run;
      }
      if (distance <= 0 || distance > to) throw new RangeError(`Zstd: a match ${distance} back at ${to}`);
      if (match < COPY_FROM || distance < match) {
        for (let at = to - distance; match > 0; match--) output[to++] = output[at++];
      } else {
        output.copyWithin(to, to - distance, to - distance + match);
        to += match;
      }
    }
    this.#literalsAt = from;
    this.#to = to;
    if (left !== 0) throw new RangeError('Zstd: sequences that do not fit their stream');
  }

  #copyLiterals(count: number, limit: number): void {
    let at = this.#literalsAt;
    let to = this.#to;
    if (count > this.#literalsEnd - at || count > limit - to) throw new RangeError(`Zstd: a sequence of ${count} literals reaches past the block`);
    const literals = this.#literals;
    const output = this.#output;
    if (count < COPY_FROM) {
      for (const end = to + count; to < end; ) output[to++] = literals[at++];
    } else output.set(literals.subarray(at, at + count), to);
    this.#literalsAt += count;
    this.#to += count;
  }

  /** Offset values 1 to 3 mean one of the last three offsets. */
  #resolve(value: number, literals: number): number {
    const last = this.#offsets;
    if (value > 3) {
      last[2] = last[1];
      last[1] = last[0];
      return (last[0] = value - 3);
    }
    const index = value - (literals === 0 ? 0 : 1);
    if (index === 0) return last[0];
    const offset = index === 3 ? last[0] - 1 : last[index];
    if (index !== 1) last[2] = last[1];
    last[1] = last[0];
    return (last[0] = offset);
  }

  #lastLiterals(): void {
    this.#copyLiterals(this.#literalsEnd - this.#literalsAt, this.#length);
    this.#literalsAt = 0;
  }
}

/** Up to 24 bits at bit `from` of the stream that begins at `start`. A negative `from` gives nonsense: check it before use. */
function bitsAt(bytes: Buffer, start: number, from: number, count: number): number {
  const at = start + (from >> 3);
  return ((bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> (from & 7)) & ((1 << count) - 1);
}

/** Literals of one block; decoding is synchronous and never nested. */
const SCRATCH = new Uint8Array(MAX_BLOCK);

const LENGTH_BITS = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_BITS = Uint8Array.from([...Array<number>(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const LENGTH_BASES = basesOf(LENGTH_BITS, 0);
const MATCH_BASES = basesOf(MATCH_BITS, 3);

/** Each code begins where the one before ends. */
function basesOf(bits: Uint8Array, first: number): Int32Array {
  const bases = new Int32Array(bits.length);
  for (let i = 0, base = first; i < bits.length; base += 2 ** bits[i], i++) bases[i] = base;
  return bases;
}

const PREDEFINED_LENGTHS = [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
const PREDEFINED_OFFSETS = [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1];
const PREDEFINED_MATCHES = [1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1];

/** Literal lengths, offsets, match lengths: largest table, number of codes, the predefined table. */
const TABLE_KINDS = [
  { log: 9, symbols: 36, predefined: buildFseTable(PREDEFINED_LENGTHS, 6) },
  { log: 8, symbols: 32, predefined: buildFseTable(PREDEFINED_OFFSETS, 5) },
  { log: 9, symbols: 53, predefined: buildFseTable(PREDEFINED_MATCHES, 6) },
] as const;
