/**
 * JSON text as bytes, written side by side into chunks; records are views of them. `release` lets all chunks be written
 * anew: memory from outside V8's heap is what makes its garbage collector work.
 *
 * A record is contiguous: where the chunk ends inside one, its beginning moves to the next chunk.
 */
import type { Rendered } from './rendered.js';

const CHUNK_SIZE = 256 * 1024;
const KEPT_CHUNKS = 32;
/** Longer texts go to Node's own encoders. */
const SHORT_TEXT = 200;
/** Bytes of the longest number: sign and 19 digits. */
const LONGEST_INT64 = 20;

/** The two digits of 00 to 99, as big-endian words. */
const TWO_DIGITS = Uint16Array.from({ length: 100 }, (_, n) => ((48 + Math.floor(n / 10)) << 8) | (48 + (n % 10)));

/** 1 for bytes that don't stand for themselves in a JSON string, or are no ASCII. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c ? 1 : 0));

/** Of 10. */
const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/** Bytes between the hyphens of a UUID. */
const UUID_GROUPS = [4, 2, 2, 2, 6];

/** The two hex digits of a byte, as big-endian words. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(0));

export class JsonBytes {
  bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
  /** Of `bytes`. */
  view = new DataView(this.bytes.buffer);
  readonly #full: Buffer[] = [];
  readonly #free: Buffer[] = [];
  /** Where the next byte goes. */
  at = 0;
  /** Where the record in hand begins: what stands before it stays. */
  #start = 0;

  /** Nobody needs the records any more that were written so far. */
  release(): void {
    for (const chunk of this.#full) {
      if (chunk.length === CHUNK_SIZE && this.#free.length < KEPT_CHUNKS) this.#free.push(chunk);
    }
    this.#full.length = 0;
    this.at = 0;
  }

  /** Begins a record. */
  begin(): void {
    this.#start = this.at;
  }

  /** Index in `bytes` where the record begins; another one once it has moved to a new chunk. */
  get start(): number {
    return this.#start;
  }

  /** Bytes of the record so far. */
  get length(): number {
    return this.at - this.#start;
  }

  /** Replaces a byte of the record. */
  patch(at: number, value: number): void {
    this.bytes[this.#start + at] = value;
  }

  /** Takes back what was written last. */
  back(count: number): void {
    this.at -= count;
  }

  /** Makes room for `length` bytes; what is written next without asking again must fit. */
  reserve(length: number): void {
    if (this.at + length > this.bytes.length) this.#nextChunk(length);
  }

  #nextChunk(length: number): void {
    const begun = this.at - this.#start;
    const needed = begun + length;
    const chunk = needed > CHUNK_SIZE ? Buffer.allocUnsafeSlow(needed * 2) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE));
    this.bytes.copy(chunk, 0, this.#start, this.at);
    this.#full.push(this.bytes);
    this.bytes = chunk;
    this.view = new DataView(chunk.buffer);
    this.#start = 0;
    this.at = begun;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** JSON that was rendered before. */
  raw({ bytes, words }: Rendered): void {
    const length = bytes.length;
    // The last word may reach behind the end.
    this.reserve(length + 3);
    const { view, at } = this;
    const count = words.length;
    if (count === 0) this.bytes.set(bytes, at);
    else for (let i = 0; i < count; i++) view.setInt32(at + 4 * i, words[i]);
    this.at = at + length;
  }

  /** Bytes of this record from `from` to `to` once more. */
  again(from: number, to: number): void {
    this.reserve(to - from);
    this.bytes.copyWithin(this.at, this.#start + from, this.#start + to);
    this.at += to - from;
  }

  /** JSON text as UTF-8. */
  text(json: string): void {
    const length = json.length;
    if (length > SHORT_TEXT) {
      this.#encode(json);
      return;
    }
    this.reserve(length);
    const { bytes, at } = this;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = json.charCodeAt(i);
      seen |= code;
      bytes[at + i] = code;
    }
    if (seen < 0x80) this.at = at + length;
    else this.#encode(json);
  }

  #encode(json: string): void {
    this.reserve(json.length * 3);
    this.at += this.bytes.write(json, this.at);
  }

  /** A quoted string of `source[start..end)`; false, with nothing written, when it isn't short and printable ASCII. */
  asciiString(source: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > SHORT_TEXT) return false;
    this.reserve(length + 2);
    const bytes = this.bytes;
    let at = this.at;
    let special = 0;
    bytes[at++] = 0x22;
    for (let i = start; i < end; i++) {
      const byte = source[i];
      special |= SPECIAL[byte];
      bytes[at++] = byte;
    }
    if (special !== 0) return false;
    bytes[at] = 0x22;
    this.at = at + 1;
    return true;
  }

  /** `"yyyy-MM-dd HH:mm:ss.SSSZ"` of a millisecond of the years 1 to 9999, its day given as `yyyy-MM-dd`. */
  timestamp(day: Uint8Array, millisOfDay: number): void {
    this.reserve(27);
    const { bytes, view, at } = this;
    bytes[at] = 0x22;
    for (let i = 0; i < 10; i++) bytes[at + 1 + i] = day[i];
    const seconds = (millisOfDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    const millis = millisOfDay - seconds * 1000;
    const hundreds = (millis / 100) | 0;
    bytes[at + 11] = 0x20;
    view.setUint16(at + 12, TWO_DIGITS[hours]);
    bytes[at + 14] = 0x3a;
    view.setUint16(at + 15, TWO_DIGITS[minutes - hours * 60]);
    bytes[at + 17] = 0x3a;
    view.setUint16(at + 18, TWO_DIGITS[seconds - minutes * 60]);
    bytes[at + 20] = 0x2e;
    bytes[at + 21] = 48 + hundreds;
    view.setUint16(at + 22, TWO_DIGITS[millis - hundreds * 100]);
    bytes[at + 24] = 0x5a;
    bytes[at + 25] = 0x22;
    this.at = at + 26;
  }

  /** `value / 10^scale` with `scale` digits behind the point, for a value of 0 to 2^50 and a scale of 1 to 6. */
  decimal(value: number, scale: number): void {
    this.reserve(LONGEST_INT64);
    const unit = POWERS[scale];
    const whole = Math.floor(value / unit);
    let rest = value - whole * unit;
    if (whole < 0x100000000) {
      this.#digits(whole);
    } else {
      const millions = Math.floor(whole / 1e6);
      this.#digits(millions);
      this.#sixDigits(whole - millions * 1e6);
    }
    const point = this.at;
    for (let at = point + scale; at > point; at--) {
      const next = (rest / 10) | 0;
      this.bytes[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.bytes[point] = 0x2e;
    this.at = point + 1 + scale;
  }

  /** A quoted UUID of the 16 bytes at `start`. */
  uuid(source: Buffer, start: number): void {
    this.reserve(38);
    const { bytes, view } = this;
    let at = this.at;
    let from = start;
    bytes[at++] = 0x22;
    for (let group = 0; group < 5; group++) {
      if (group > 0) bytes[at++] = 0x2d;
      for (const to = from + UUID_GROUPS[group]; from < to; from++, at += 2) view.setUint16(at, HEX[source[from]]);
    }
    bytes[at] = 0x22;
    this.at = at + 1;
  }

  /** Hex digits of the first `length` characters, each below 256. */
  hex(text: string, length: number): void {
    this.reserve(length * 2);
    const { view, at } = this;
    for (let i = 0; i < length; i++) view.setUint16(at + 2 * i, HEX[text.charCodeAt(i)]);
    this.at = at + length * 2;
  }

  /** Digits of an integer of up to 32 bits, signed or not. */
  int(value: number): void {
    this.reserve(LONGEST_INT64);
    if (value < 0) this.bytes[this.at++] = 0x2d;
    this.#digits(value < 0 ? -value : value);
  }

  /** Digits of a signed 64-bit integer, all of them. */
  int64(hi: number, lo: number): void {
    this.reserve(LONGEST_INT64);
    let high = hi;
    let low = lo >>> 0;
    if (hi < 0) {
      this.bytes[this.at++] = 0x2d;
      low = -lo >>> 0;
      high = (low === 0 ? -hi : ~hi) >>> 0;
    }
    // 2^32 = 4294 * 10^6 + 967296: all partial sums stay below 2^53
    const rest = high * 967296 + low;
    const carried = Math.floor(rest / 1e6);
    const millions = high * 4294 + carried;
    if (millions === 0) {
      this.#digits(rest);
      return;
    }
    const top = Math.floor(millions / 1e6);
    if (top === 0) {
      this.#digits(millions);
    } else {
      this.#digits(top);
      this.#sixDigits(millions - top * 1e6);
    }
    this.#sixDigits(rest - carried * 1e6);
  }

  /** Digits of a number below 2^32, without leading zeros. */
  #digits(value: number): void {
    const view = this.view;
    let rest = value;
    let end = this.at + countDigits(value);
    this.at = end;
    while (rest >= 100) {
      const quotient = Math.floor(rest / 100);
      end -= 2;
      view.setUint16(end, TWO_DIGITS[rest - quotient * 100]);
      rest = quotient;
    }
    if (rest >= 10) view.setUint16(end - 2, TWO_DIGITS[rest]);
    else this.bytes[end - 1] = 48 + rest;
  }

  #sixDigits(value: number): void {
    const { view, at } = this;
    const first = (value / 10000) | 0;
    const rest = value - first * 10000;
    const second = (rest / 100) | 0;
    view.setUint16(at, TWO_DIGITS[first]);
    view.setUint16(at + 2, TWO_DIGITS[second]);
    view.setUint16(at + 4, TWO_DIGITS[rest - second * 100]);
    this.at = at + 6;
  }
}

function countDigits(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e8) return value < 1e6 ? (value < 1e5 ? 5 : 6) : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : 10;
}
