/** Huffman coded literals: the table and its streams. RFC 8878, 4.2. */
import { BackwardBits, BLOCK, MAX_BLOCK, streamEnd, unsignedAt, wordBelow } from './zstd-bits.js';
import { newFseTable, nextBaseOf, readFseTable, stateBitsOf, symbolOf } from './zstd-entropy.js';
import type { FseKind } from './zstd-entropy.js';

/** Bytes behind the literals that may be read and written. */
const LITERALS_SLACK = 32;

/** Literals of one block; decoding is synchronous and never nested. */
export const LITERALS = new Uint8Array(MAX_BLOCK + LITERALS_SLACK);

const MAX_HUFFMAN_BITS = 11;
const MAX_WEIGHTS = 255;

/** By the next `log` bits: the symbol in the upper byte, the length of its code in the lower. */
export class HuffmanTable {
  log = 0;
  readonly entries = new Uint16Array(1 << MAX_HUFFMAN_BITS);

  /** Reads a tree description at `start` of BLOCK; returns where it ends. */
  read(start: number, end: number): number {
    if (start >= end) throw new RangeError('Zstd: ends before a Huffman table');
    const head = BLOCK[start];
    const count = head - 127;
    const last = start + 1 + (head < 128 ? head : (count + 1) >> 1);
    if (last > end) throw new RangeError('Zstd: ends inside a Huffman table');
    if (head < 128) this.#build(compressedWeights(start + 1, last));
    else this.#build(Array.from({ length: count }, (_, i) => (BLOCK[start + 1 + (i >> 1)] >> ((i & 1) === 0 ? 4 : 0)) & 15));
    return last;
  }

  /** The last weight is what the others leave to a power of two. */
  #build(weights: number[]): void {
    let sum = 0;
    for (const weight of weights) {
      if (weight > MAX_HUFFMAN_BITS) throw new RangeError(`Zstd: a Huffman weight of ${weight}`);
      if (weight > 0) sum += 1 << (weight - 1);
    }
    const log = 32 - Math.clz32(sum);
    const rest = (1 << log) - sum;
    if (sum === 0 || log > MAX_HUFFMAN_BITS || (rest & (rest - 1)) !== 0) throw new RangeError('Zstd: Huffman weights that do not add up');
    weights.push(32 - Math.clz32(rest));
    const { entries } = this;
    this.log = log;
    let at = 0;
    for (let weight = 1; weight <= log; weight++) {
      for (let symbol = 0; symbol < weights.length; symbol++) {
        if (weights[symbol] !== weight) continue;
        for (const last = at + (1 << (weight - 1)); at < last; at++) entries[at] = (symbol << 8) | (log + 1 - weight);
      }
    }
  }
}

const WEIGHTS: FseKind = { log: 6, symbols: 16, extraBits: new Uint8Array(16) };
const WEIGHTS_TABLE = newFseTable();

/** Two interleaved states until the stream is used up. */
function compressedWeights(start: number, end: number): number[] {
  const streamStart = readFseTable(WEIGHTS_TABLE, start, end, WEIGHTS);
  const { log, entries } = WEIGHTS_TABLE;
  const stream = new BackwardBits();
  stream.open(streamStart, end);
  let state = stream.read(log);
  let other = stream.read(log);
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS) {
    const entry = entries[state];
    weights.push(symbolOf(entry));
    const width = stateBitsOf(entry);
    if (width > stream.at - stream.first) {
      weights.push(symbolOf(entries[other]));
      return weights;
    }
    state = other;
    other = nextBaseOf(entry) + stream.read(width);
  }
  throw new RangeError('Zstd: too many Huffman weights');
}

/** Fills LITERALS[0..size) from one stream. */
export function decodeStream(table: HuffmanTable, start: number, end: number, size: number): void {
  finishStream(table, start, streamEnd(start, end), 0, size);
}

/** Fills LITERALS[0..size) from a jump table and four streams, each a quarter: read in turn they do not wait for one another. */
export function decodeFourStreams(table: HuffmanTable, start: number, end: number, size: number): void {
  if (end - start < 6) throw new RangeError('Zstd: ends inside a jump table');
  const quarter = (size + 3) >> 2;
  const start1 = start + 6;
  const start2 = start1 + unsignedAt(start, 2);
  const start3 = start2 + unsignedAt(start + 2, 2);
  const start4 = start3 + unsignedAt(start + 4, 2);
  if (start4 > end) throw new RangeError('Zstd: a literal stream reaches past the literals');
  const rest = size - 3 * quarter;
  if (rest < 0) throw new RangeError('Zstd: fewer literals than streams');
  let at1 = streamEnd(start1, start2);
  let at2 = streamEnd(start2, start3);
  let at3 = streamEnd(start3, start4);
  let at4 = streamEnd(start4, end);
  const { log, entries } = table;
  const shift = 32 - log;
  const two = 2 * log;
  let to = 0;
  while (to + 2 <= rest && at1 - 8 * start1 >= two && at2 - 8 * start2 >= two && at3 - 8 * start3 >= two && at4 - 8 * start4 >= two) {
    const word1 = wordBelow(at1);
    const word2 = wordBelow(at2);
    const word3 = wordBelow(at3);
    const word4 = wordBelow(at4);
    const a1 = entries[word1 >>> shift];
    const a2 = entries[word2 >>> shift];
    const a3 = entries[word3 >>> shift];
    const a4 = entries[word4 >>> shift];
    const b1 = entries[(word1 << a1) >>> shift];
    const b2 = entries[(word2 << a2) >>> shift];
    const b3 = entries[(word3 << a3) >>> shift];
    const b4 = entries[(word4 << a4) >>> shift];
    // The sum of two entries holds the sum of their lengths.
    at1 -= (a1 + b1) & 0xff;
    at2 -= (a2 + b2) & 0xff;
    at3 -= (a3 + b3) & 0xff;
    at4 -= (a4 + b4) & 0xff;
    LITERALS[to] = a1 >> 8;
    LITERALS[to + 1] = b1 >> 8;
    LITERALS[to + quarter] = a2 >> 8;
    LITERALS[to + quarter + 1] = b2 >> 8;
    LITERALS[to + 2 * quarter] = a3 >> 8;
    LITERALS[to + 2 * quarter + 1] = b3 >> 8;
    LITERALS[to + 3 * quarter] = a4 >> 8;
    LITERALS[to + 3 * quarter + 1] = b4 >> 8;
    to += 2;
  }
  finishStream(table, start1, at1, to, quarter);
  finishStream(table, start2, at2, to + quarter, 2 * quarter);
  finishStream(table, start3, at3, to + 2 * quarter, 3 * quarter);
  finishStream(table, start4, at4, to + 3 * quarter, size);
}

const STREAM = new BackwardBits();

/** The stream that begins at byte `start`, from bit `at` down to its beginning. */
function finishStream(table: HuffmanTable, start: number, at: number, to: number, toEnd: number): void {
  const { log, entries } = table;
  const shift = 32 - log;
  const first = 8 * start;
  while (to < toEnd && at - first >= log) {
    const entry = entries[wordBelow(at) >>> shift];
    LITERALS[to++] = entry >> 8;
    at -= entry & 0xff;
  }
  STREAM.first = first;
  STREAM.at = at;
  while (to < toEnd) {
    const entry = entries[STREAM.peek(log)];
    LITERALS[to++] = entry >> 8;
    STREAM.at -= entry & 0xff;
  }
  if (STREAM.at !== first) throw new RangeError('Zstd: literals that do not fit their stream');
}
