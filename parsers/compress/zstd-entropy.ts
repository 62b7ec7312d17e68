/**
 * Bits and tables of Zstandard: the backward bit stream, finite state entropy (FSE) and Huffman tables.
 * RFC 8878, 4.1 and 4.2.
 */

/** Reads bits from the end of a range to its beginning; the last byte's highest set bit marks where they start. */
export class BackwardBits {
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  /** Bits not read yet; negative when more were asked for than there were. */
  left = 0;

  open(bytes: Buffer, start: number, end: number): void {
    const last = end > start ? bytes[end - 1] : 0;
    if (last === 0) throw new RangeError('Zstd: a bit stream without its end mark');
    this.#bytes = bytes;
    this.#start = start;
    this.left = 8 * (end - 1 - start) + 31 - Math.clz32(last);
  }

  /** Up to 24 bits; bits before the beginning are zeros. */
  peek(count: number): number {
    const from = this.left - count;
    if (from >= 0) {
      const bytes = this.#bytes;
      const at = this.#start + (from >>> 3);
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      return (word >>> (from & 7)) & ((1 << count) - 1);
    }
    return this.left <= 0 ? 0 : this.#peekHead(this.left) << -from;
  }

  #peekHead(count: number): number {
    const bytes = this.#bytes;
    const at = this.#start;
    return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)) & ((1 << count) - 1);
  }

  /** Up to 31 bits, all of which must be there. */
  read(count: number): number {
    if (count > this.left) throw new RangeError('Zstd: ends inside a bit stream');
    if (count <= 24) {
      const value = this.peek(count);
      this.left -= count;
      return value;
    }
    const high = this.peek(count - 16);
    this.left -= count - 16;
    const low = this.peek(16);
    this.left -= 16;
    return high * 0x10000 + low;
  }
}

/** For each state: its symbol, and the bits and base that make the next one. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table that always gives one symbol (RLE mode). */
export function singleSymbol(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), bases: Uint16Array.of(0) };
}

/** From normalized counts; -1 is "less than one". */
export function buildFseTable(counts: ArrayLike<number>, log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    next[symbol] = counts[symbol] === -1 ? 1 : counts[symbol];
    if (counts[symbol] === -1) symbols[high--] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let i = 0; i < counts[symbol]; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  if (at !== 0) throw new RangeError('Zstd: an FSE table that does not add up');
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const reached = next[symbols[state]]++;
    bits[state] = log - (31 - Math.clz32(reached));
    bases[state] = (reached << bits[state]) - size;
  }
  return { log, symbols, bits, bases };
}

/** Reads the counts of an FSE table at `start`; returns it and where it ends. */
export function readFseTable(bytes: Buffer, start: number, end: number, limits: { readonly log: number; readonly symbols: number }): { table: FseTable; end: number } {
  let at = 8 * start;
  const take = (count: number): number => {
    const value = peekForward(bytes, at, end, count);
    at += count;
    return value;
  };
  const log = take(4) + 5;
  if (log > limits.log) throw new RangeError(`Zstd: an FSE table of ${log} bits`);
  const counts: number[] = [];
  let left = (1 << log) + 1;
  while (left > 1 && counts.length < limits.symbols) {
    // Values up to `left` fit `width` bits, the low ones in one bit less.
    const width = 32 - Math.clz32(left);
    const low = (1 << width) - 1 - left;
    let value = peekForward(bytes, at, end, width - 1);
    if (value < low) at += width - 1;
    else {
      value = take(width);
      if (value >= 1 << (width - 1)) value -= low;
    }
    counts.push(value - 1);
    left -= value === 0 ? 1 : value - 1;
    if (value !== 1) continue;
    for (let repeat = 3; repeat === 3; ) {
      repeat = take(2);
      for (let i = 0; i < repeat; i++) counts.push(0);
    }
  }
  if (left !== 1 || counts.length > limits.symbols || at > 8 * end) throw new RangeError('Zstd: an FSE table that does not add up');
  return { table: buildFseTable(counts, log), end: (at + 7) >>> 3 };
}

function peekForward(bytes: Buffer, bit: number, end: number, count: number): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const at = (bit >>> 3) + i;
    if (at < end) value |= bytes[at] << (8 * i);
  }
  return (value >>> (bit & 7)) & ((1 << count) - 1);
}

const MAX_HUFFMAN_BITS = 11;
const MAX_WEIGHTS = 255;

/** Symbols and code lengths by the next `log` bits. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

/** Reads a Huffman tree description; returns its table and where it ends. */
export function readHuffmanTable(bytes: Buffer, start: number, end: number): { table: HuffmanTable; end: number } {
  if (start >= end) throw new RangeError('Zstd: ends before a Huffman table');
  const head = bytes[start];
  if (head < 128) {
    const last = start + 1 + head;
    if (last > end) throw new RangeError('Zstd: ends inside a Huffman table');
    return { table: buildHuffmanTable(compressedWeights(bytes, start + 1, last)), end: last };
  }
  const count = head - 127;
  const last = start + 1 + ((count + 1) >> 1);
  if (last > end) throw new RangeError('Zstd: ends inside a Huffman table');
  const weights = Array.from({ length: count }, (_, i) => (bytes[start + 1 + (i >> 1)] >> ((i & 1) === 0 ? 4 : 0)) & 15);
  return { table: buildHuffmanTable(weights), end: last };
}

/** Two interleaved states until the stream is used up. */
function compressedWeights(bytes: Buffer, start: number, end: number): number[] {
  const { table, end: streamStart } = readFseTable(bytes, start, end, { log: 6, symbols: 16 });
  const stream = new BackwardBits();
  stream.open(bytes, streamStart, end);
  const states = [stream.read(table.log), stream.read(table.log)];
  const weights: number[] = [];
  for (let i = 0; weights.length < MAX_WEIGHTS; i ^= 1) {
    const state = states[i];
    weights.push(table.symbols[state]);
    const width = table.bits[state];
    if (width > stream.left) {
      weights.push(table.symbols[states[i ^ 1]]);
      return weights;
    }
    states[i] = table.bases[state] + stream.read(width);
  }
  throw new RangeError('Zstd: too many Huffman weights');
}

/** The last weight is what the others leave to a power of two. */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_HUFFMAN_BITS) throw new RangeError(`Zstd: a Huffman weight of ${weight}`);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > MAX_HUFFMAN_BITS || (rest & (rest - 1)) !== 0) throw new RangeError('Zstd: Huffman weights that do not add up');
  const all = [...weights, 32 - Math.clz32(rest)];
  const symbols = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (let symbol = 0; symbol < all.length; symbol++) {
      if (all[symbol] !== weight) continue;
      const count = 1 << (weight - 1);
      symbols.fill(symbol, at, at + count);
      bits.fill(log + 1 - weight, at, at + count);
      at += count;
    }
  }
  return { log, symbols, bits };
}
