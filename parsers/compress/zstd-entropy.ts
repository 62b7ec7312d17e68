/** Tables of finite state entropy (FSE). RFC 8878, 4.1. */
import { BLOCK } from './zstd-bits.js';

const MAX_LOG = 9;

/**
 * For each state: its symbol, the extra bits that follow it, and the bits and base that make the next state. They are
 * packed so that the bits of three states can be had at once: in the sum of their entries no field but the base overflows.
 */
export interface FseTable {
  log: number;
  readonly entries: Int32Array;
}

export const symbolOf = (entry: number): number => entry & 0xff;
export const extraBitsOf = (entries: number): number => (entries >>> 8) & 0xff;
export const stateBitsOf = (entries: number): number => (entries >>> 16) & 31;
export const nextBaseOf = (entry: number): number => entry >>> 21;

/** What a table may be, and how many extra bits follow each symbol. */
export interface FseKind {
  readonly log: number;
  readonly symbols: number;
  readonly extraBits: ArrayLike<number>;
}

export function newFseTable(): FseTable {
  return { log: 0, entries: new Int32Array(1 << MAX_LOG) };
}

/** A table that always gives one symbol (RLE mode). */
export function setSingleSymbol(table: FseTable, symbol: number, extraBits: ArrayLike<number>): void {
  table.log = 0;
  table.entries[0] = symbol | (extraBits[symbol] << 8);
}

const SYMBOLS = new Uint8Array(1 << MAX_LOG);
const NEXT = new Uint16Array(256);

/** From normalized counts; -1 is "less than one". */
export function buildFseTable(table: FseTable, counts: ArrayLike<number>, log: number, extraBits: ArrayLike<number>): void {
  const size = 1 << log;
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    NEXT[symbol] = counts[symbol] === -1 ? 1 : counts[symbol];
    if (counts[symbol] === -1) SYMBOLS[high--] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let i = 0; i < counts[symbol]; i++) {
      SYMBOLS[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  if (at !== 0) throw new RangeError('Zstd: an FSE table that does not add up');
  const { entries } = table;
  table.log = log;
  for (let state = 0; state < size; state++) {
    const symbol = SYMBOLS[state];
    const reached = NEXT[symbol]++;
    const bits = log - (31 - Math.clz32(reached));
    entries[state] = symbol | (extraBits[symbol] << 8) | (bits << 16) | (((reached << bits) - size) << 21);
  }
}

/** Reads the counts of an FSE table at `start` of BLOCK and builds it; returns where they end. */
export function readFseTable(table: FseTable, start: number, end: number, kind: FseKind): number {
  let at = 8 * start;
  const log = peekForward(at, end, 4) + 5;
  at += 4;
  if (log > kind.log) throw new RangeError(`Zstd: an FSE table of ${log} bits`);
  const counts: number[] = [];
  let left = (1 << log) + 1;
  while (left > 1 && counts.length < kind.symbols) {
    // Values up to `left` fit `width` bits, the low ones in one bit less.
    const width = 32 - Math.clz32(left);
    const low = (1 << width) - 1 - left;
    let value = peekForward(at, end, width - 1);
    if (value < low) at += width - 1;
    else {
      value = peekForward(at, end, width);
      at += width;
      if (value >= 1 << (width - 1)) value -= low;
    }
    counts.push(value - 1);
    left -= value === 0 ? 1 : value - 1;
    if (value !== 1) continue;
    for (let repeat = 3; repeat === 3; at += 2) {
      repeat = peekForward(at, end, 2);
      for (let i = 0; i < repeat; i++) counts.push(0);
    }
  }
  if (left !== 1 || counts.length > kind.symbols || at > 8 * end) throw new RangeError('Zstd: an FSE table that does not add up');
  buildFseTable(table, counts, log, kind.extraBits);
  return (at + 7) >>> 3;
}

/** Bits behind the end are zeros. */
function peekForward(bit: number, end: number, count: number): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const at = (bit >>> 3) + i;
    if (at < end) value |= BLOCK[at] << (8 * i);
  }
  return (value >>> (bit & 7)) & ((1 << count) - 1);
}
