/** Bytes to be hashed, written into one buffer that grows to the largest change and stays. Big-endian. */
import type { Row } from '../../parsers/index.js';

/** Copying more bytes than this is left to a call. */
const LONGEST_IN_WORDS = 64;
/** Views of the first n bytes are kept up to this n: making one costs a tenth of a hash. */
const KEPT_VIEWS = 2048;
/** A cell's kind, timestamp, TTL, local deletion time and two lengths. */
const FIXED_OF_CELL = 29;
/** A live cell's kind, timestamp and one length. */
const FIXED_OF_LIVE_CELL = 13;
/** What the last word of a copy may write behind its end. */
const SLACK = 3;

export const LIVE = 0;
export const EXPIRING = 1;
export const TOMBSTONE = 2;
export const WITH_PATH = 4;

/** Bytes that come again and again, in little-endian words of four. */
export interface CanonicalWords {
  readonly words: Int32Array;
  readonly length: number;
}

export function canonicalWords(bytes: Buffer): CanonicalWords {
  const padded = Buffer.concat([bytes, Buffer.alloc(SLACK)]);
  return { length: bytes.length, words: Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => padded.readInt32LE(i * 4)) };
}

/** A column's name behind its length. */
export function canonicalName(name: Buffer): CanonicalWords {
  const length = Buffer.alloc(4);
  length.writeInt32BE(name.length);
  return canonicalWords(Buffer.concat([length, name]));
}

export class CanonicalBytes {
  #length = 0;
  #bytes = Buffer.allocUnsafeSlow(4096);
  #view = new DataView(this.#bytes.buffer);
  #views: (Buffer | undefined)[] = [];
  #source: Buffer = this.#bytes;
  #sourceView: DataView = this.#view;

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  int64(high: number, low: number): void {
    this.#reserve(8);
    this.#view.setInt32(this.#length, high);
    this.#view.setInt32(this.#length + 4, low);
    this.#length += 8;
  }

  words({ words, length }: CanonicalWords): void {
    this.#reserve(length + SLACK);
    for (let i = 0; i < words.length; i++) this.#view.setInt32(this.#length + 4 * i, words[i], true);
    this.#length += length;
  }

  /** `source[start..end)` behind its length as int32. */
  bytes(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start + 4 + SLACK);
    this.#view.setInt32(this.#length, end - start);
    this.#length += 4;
    this.#copy(source, start, end);
  }

  /** A cell of `row`, whose offsets point into `source`. */
  cell(name: CanonicalWords, row: Row, { source, cell }: { readonly source: Buffer; readonly cell: number }): void {
    const pathStart = row.pathStart(cell);
    const pathEnd = row.pathEnd(cell);
    const valueStart = row.valueStart(cell);
    const valueEnd = row.valueEnd(cell);
    const kind = row.isTombstone(cell) ? TOMBSTONE : row.isExpiring(cell) ? EXPIRING : LIVE;
    const { words } = name;
    this.#reserve(name.length + FIXED_OF_CELL + pathEnd - pathStart + valueEnd - valueStart + SLACK);
    const view = this.#view;
    let at = this.#length;
    for (let i = 0; i < words.length; i++) view.setInt32(at + 4 * i, words[i], true);
    at += name.length;
    view.setUint8(at, pathStart < 0 ? kind : kind + WITH_PATH);
    view.setInt32(at + 1, row.timestampHigh(cell));
    view.setInt32(at + 5, row.timestampLow(cell));
    at += 9;
    if (kind === EXPIRING) {
      view.setInt32(at, row.ttl(cell));
      at += 4;
    }
    if (kind !== LIVE) {
      view.setInt32(at, row.localDeletionTime(cell));
      at += 4;
    }
    if (pathStart >= 0) {
      view.setInt32(at, pathEnd - pathStart);
      this.#length = at + 4;
      this.#copy(source, pathStart, pathEnd);
      at = this.#length;
    }
    view.setInt32(at, valueEnd - valueStart);
    this.#length = at + 4;
    this.#copy(source, valueStart, valueEnd);
  }

  /** All cells of a plain row: what `cell` writes of each, without asking what kind it is. */
  plainCells(names: readonly CanonicalWords[], row: Row, source: Buffer): void {
    for (let cell = 0; cell < row.cellCount; cell++) {
      const { words, length } = names[row.columnIndex(cell)];
      const high = row.timestampHigh(cell);
      const low = row.timestampLow(cell);
      const start = row.valueStart(cell);
      const end = row.valueEnd(cell);
      this.#reserve(length + FIXED_OF_LIVE_CELL + end - start + SLACK);
      const view = this.#view;
      let at = this.#length;
      for (let i = 0; i < words.length; i++) view.setInt32(at + 4 * i, words[i], true);
      at += length;
      view.setUint8(at, LIVE);
      view.setInt32(at + 1, high);
      view.setInt32(at + 5, low);
      view.setInt32(at + 9, end - start);
      this.#length = at + FIXED_OF_LIVE_CELL;
      this.#copy(source, start, end);
    }
  }

  /** What was written; valid until the next write. */
  written(): Buffer {
    const length = this.#length;
    if (length >= KEPT_VIEWS) return this.#bytes.subarray(0, length);
    return (this.#views[length] ??= this.#bytes.subarray(0, length));
  }

  /** Room for the bytes and SLACK behind them has been reserved. */
  #copy(source: Buffer, start: number, end: number): void {
    const length = end - start;
    const at = this.#length;
    this.#length = at + length;
    if (length > LONGEST_IN_WORDS || source.length - end < SLACK) {
      source.copy(this.#bytes, at, start, end);
      return;
    }
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.length);
    }
    const from = this.#sourceView;
    const to = this.#view;
    for (let i = 0; i < length; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true);
  }

  #reserve(length: number): void {
    if (this.#length + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#length + length, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    this.#views = [];
  }
}
