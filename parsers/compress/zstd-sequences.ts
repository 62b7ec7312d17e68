/** The sequences of a block: literals to copy, then a match to repeat. RFC 8878, 3.1.1.3.2 to 3.1.1.5. */
import { copyLiterals, copyMatch, OVERRUN } from './copies.js';
import { BackwardBits, BLOCK, firstBits, MAX_BLOCK, wordBelow } from './zstd-bits.js';
import { buildFseTable, extraBitsOf, newFseTable, nextBaseOf, readFseTable, setSingleSymbol, stateBitsOf, symbolOf } from './zstd-entropy.js';
import type { FseKind, FseTable } from './zstd-entropy.js';
import { LITERALS } from './zstd-huffman.js';

/** Bits that one word has for sure. */
const WORD_BITS = 25;

const LENGTH_BITS = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_BITS = Uint8Array.from([...Array<number>(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const OFFSET_BITS = Uint8Array.from({ length: 32 }, (_, code) => code);
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

interface CodeKind extends FseKind {
  readonly predefined: FseTable;
  /** Filled again for each block that describes its table. */
  readonly described: FseTable;
}

function codeKind(log: number, extraBits: Uint8Array, counts: number[], predefinedLog: number): CodeKind {
  const predefined = newFseTable();
  buildFseTable(predefined, counts, predefinedLog, extraBits);
  return { log, symbols: extraBits.length, extraBits, predefined, described: newFseTable() };
}

const LENGTHS = codeKind(9, LENGTH_BITS, PREDEFINED_LENGTHS, 6);
const OFFSETS = codeKind(8, OFFSET_BITS, PREDEFINED_OFFSETS, 5);
const MATCHES = codeKind(9, MATCH_BITS, PREDEFINED_MATCHES, 6);

/** Which table one kind of code is read with; it lasts from block to block. */
class CodeTable {
  readonly #kind: CodeKind;
  #table: FseTable | null = null;

  constructor(kind: CodeKind) {
    this.#kind = kind;
  }

  get current(): FseTable {
    if (this.#table === null) throw new RangeError('Zstd: repeats a table that was not there');
    return this.#table;
  }

  /** Reads what the mode says is at `at` of BLOCK; returns where it ends. */
  read(mode: number, at: number, end: number): number {
    const kind = this.#kind;
    if (mode === 0) this.#table = kind.predefined;
    if (mode !== 1 && mode !== 2) return at;
    this.#table = kind.described;
    if (mode === 2) return readFseTable(kind.described, at, end, kind);
    if (at >= end || BLOCK[at] >= kind.symbols) throw new RangeError('Zstd: an unknown code');
    setSingleSymbol(kind.described, BLOCK[at], kind.extraBits);
    return at + 1;
  }
}

const LITERALS_VIEW = new DataView(LITERALS.buffer);
const BITS = new BackwardBits();

/** Executes the sequences of one frame's blocks; tables and offsets last from block to block. */
export class Sequences {
  readonly #output: Buffer;
  readonly #view: DataView;
  readonly #length: number;
  readonly #lengths = new CodeTable(LENGTHS);
  readonly #offsets = new CodeTable(OFFSETS);
  readonly #matches = new CodeTable(MATCHES);
  #last1 = 1;
  #last2 = 4;
  #last3 = 8;
  /** Literals of the block that its sequences used. */
  literalsUsed = 0;

  constructor(output: Buffer, length: number) {
    this.#output = output;
    this.#view = new DataView(output.buffer, output.byteOffset, length);
    this.#length = length;
  }

  /** Reads the modes and tables at `at` of BLOCK; returns where they end. */
  readTables(at: number, end: number): number {
    if (at >= end) throw new RangeError('Zstd: ends before its sequences');
    const modes = BLOCK[at++];
    if ((modes & 3) !== 0) throw new RangeError('Zstd: unknown sequence modes');
    at = this.#lengths.read(modes >> 6, at, end);
    at = this.#offsets.read((modes >> 4) & 3, at, end);
    return this.#matches.read((modes >> 2) & 3, at, end);
  }

  /** Reads `count` sequences and does what they say, from `to` of the output; returns where they end. All state of the loop is local. */
  execute(count: number, start: number, end: number, literalsEnd: number, to: number): number {
    const { entries: lengths, log: lengthsLog } = this.#lengths.current;
    const { entries: offsets, log: offsetsLog } = this.#offsets.current;
    const { entries: matches, log: matchesLog } = this.#matches.current;
    BITS.open(start, end);
    const output = this.#output;
    const view = this.#view;
    const blockEnd = Math.min(this.#length, to + MAX_BLOCK);
    const roomEnd = this.#length - OVERRUN;
    const first = BITS.first;
    let lengthState = BITS.read(lengthsLog);
    let offsetState = BITS.read(offsetsLog);
    let matchState = BITS.read(matchesLog);
    let at = BITS.at;
    let from = 0;
    for (let i = 1; i <= count; i++) {
      const lengthEntry = lengths[lengthState];
      const offsetEntry = offsets[offsetState];
      const matchEntry = matches[matchState];
      const sum = (lengthEntry + offsetEntry + matchEntry) | 0;
      const offsetBits = extraBitsOf(offsetEntry);
      const matchBits = extraBitsOf(matchEntry);
      const lengthBits = extraBitsOf(lengthEntry);
      let offset: number;
      let match = MATCH_BASES[symbolOf(matchEntry)];
      let run = LENGTH_BASES[symbolOf(lengthEntry)];
      if (extraBitsOf(sum) <= WORD_BITS) {
        let word = wordBelow(at);
        offset = (1 << offsetBits) + firstBits(word, offsetBits);
        word <<= offsetBits;
        match += firstBits(word, matchBits);
        run += firstBits(word << matchBits, lengthBits);
        at -= extraBitsOf(sum);
      } else {
        BITS.at = at;
        offset = 2 ** offsetBits + BITS.read(offsetBits);
        match += BITS.read(matchBits);
        run += BITS.read(lengthBits);
        at = BITS.at;
      }
      if (i < count) {
        // Up to 26 bits; the last of them may not be in the word, so that the third field has its own.
        let word = wordBelow(at);
        const a = stateBitsOf(lengthEntry);
        lengthState = nextBaseOf(lengthEntry) + firstBits(word, a);
        word <<= a;
        const b = stateBitsOf(matchEntry);
        matchState = nextBaseOf(matchEntry) + firstBits(word, b);
        const c = stateBitsOf(offsetEntry);
        offsetState = nextBaseOf(offsetEntry) + firstBits(wordBelow(at - a - b), c);
        at -= stateBitsOf(sum);
      }
      if (at < first) throw new RangeError('Zstd: ends inside a bit stream');
      const distance = offset > 3 ? this.#distance(offset - 3) : this.#repeated(offset, run);
      if (run > literalsEnd - from || run + match > blockEnd - to) throw new RangeError(`Zstd: a sequence of ${run} literals reaches past the block`);
      if (distance <= 0 || distance > to + run) throw new RangeError(`Zstd: a match ${distance} back at ${to + run}`);
      copyLiterals(LITERALS, LITERALS_VIEW, from, output, view, to, run, to + run <= roomEnd);
      from += run;
      to += run;
      copyMatch(output, view, to, distance, match, roomEnd);
      to += match;
    }
    if (at !== first) throw new RangeError('Zstd: sequences that do not fit their stream');
    this.literalsUsed = from;
    return to;
  }

  #distance(distance: number): number {
    this.#last3 = this.#last2;
    this.#last2 = this.#last1;
    return (this.#last1 = distance);
  }

  /** Offset values 1 to 3 mean one of the last three offsets. */
  #repeated(offset: number, literals: number): number {
    const index = offset - (literals === 0 ? 0 : 1);
    if (index === 0) return this.#last1;
    const distance = index === 1 ? this.#last2 : index === 2 ? this.#last3 : this.#last1 - 1;
    if (index !== 1) this.#last3 = this.#last2;
    this.#last2 = this.#last1;
    return (this.#last1 = distance);
  }
}
