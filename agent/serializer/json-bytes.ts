/** JSON text as bytes: strings, numbers, and what was rendered before. */
import { RecordChunks } from './record-chunks.js';
import type { Rendered } from './rendered.js';

/** Longer texts go to Node's own encoders. */
const SHORT_TEXT = 200;
/** Bytes of the longest number: sign and 19 digits. */
const LONGEST_INT64 = 20;

/** Digits of the seconds from 2001-09-09 to 2255-03-14, and these two in microseconds: a double holds all between them. */
const SECOND_DIGITS = 10;
const FIRST_SECOND = 1e15;
const LAST_SECOND = 9e15;

/** The two digits of 00 to 99, as big-endian words. */
const TWO_DIGITS = Uint16Array.from({ length: 100 }, (_, n) => ((48 + Math.floor(n / 10)) << 8) | (48 + (n % 10)));

const HIGH_BITS = 0x80808080 | 0;

/** Of 10. */
const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

export class JsonBytes extends RecordChunks {
  /** The second of the write time before, microseconds, and its digits. */
  #second = NaN;
  /** The first eight of them as a double, which is no NaN, and the last two. */
  #secondDigits = 0;
  #secondLastDigits = 0;

  /** JSON that was rendered before. */
  raw({ bytes, doubles }: Rendered): void {
    const length = bytes.length;
    // The last double may reach behind the end.
    this.reserve(length + 7);
    const { view, at } = this;
    const count = doubles.length;
    if (count === 0) this.bytes.set(bytes, at);
    else for (let i = 0; i < count; i++) view.setFloat64(at + 8 * i, doubles[i], true);
    this.at = at + length;
  }

  /** Bytes of this record from `from` to `to` once more. */
  again(from: number, to: number): void {
    const length = to - from;
    // The last word may reach behind the end.
    this.reserve(length + 3);
    const { view, at } = this;
    const source = this.start + from;
    if (length > SHORT_TEXT) this.bytes.copyWithin(at, source, source + length);
    else for (let i = 0; i < length; i += 4) view.setInt32(at + i, view.getInt32(source + i, true), true);
    this.at = at + length;
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
  asciiString(source: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (length > SHORT_TEXT) return false;
    this.reserve(length + 2);
    const { view } = this;
    let at = this.at;
    let from = start;
    let special = 0;
    view.setUint8(at++, 0x22);
    for (const last = end - 4; from <= last; from += 4, at += 4) {
      const word = source.getInt32(from, true);
      special |= specials(word);
      view.setInt32(at, word, true);
    }
    for (; from < end; from++) {
      const byte = source.getUint8(from);
      special |= specials(byte | 0x20202000);
      view.setUint8(at++, byte);
    }
    if ((special & HIGH_BITS) !== 0) return false;
    view.setUint8(at, 0x22);
    this.at = at + 1;
    return true;
  }

  /** `"yyyy-MM-dd HH:mm:ss.SSSZ"` of a millisecond of the years 1 to 9999, its day given as `"yyyy-MM-dd `. */
  timestamp(day: Rendered, millisOfDay: number): void {
    this.reserve(27);
    const { bytes, view, at } = this;
    view.setFloat64(at, day.doubles[0], true);
    view.setFloat64(at + 8, day.doubles[1], true);
    const seconds = (millisOfDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    const millis = millisOfDay - seconds * 1000;
    const hundreds = (millis / 100) | 0;
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
    this.integer(whole);
    const point = this.at;
    for (let at = point + scale; at > point; at--) {
      const next = (rest / 10) | 0;
      this.bytes[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.bytes[point] = 0x2e;
    this.at = point + 1 + scale;
  }

  /** Takes back zeros at the end, up to `most`. */
  dropZeros(most: number): void {
    for (let i = 0; i < most && this.bytes[this.at - 1] === 0x30; i++) this.at--;
  }

  /** A quoted UUID of the 16 bytes at `start`. */
  uuid(source: DataView, start: number): void {
    this.reserve(38);
    const { view, at } = this;
    const first = source.getInt32(start);
    const second = source.getInt32(start + 4);
    const third = source.getInt32(start + 8);
    const last = source.getInt32(start + 12);
    view.setUint8(at, 0x22);
    view.setInt32(at + 1, hexDigits(first >>> 16));
    view.setInt32(at + 5, hexDigits(first));
    view.setUint8(at + 9, 0x2d);
    view.setInt32(at + 10, hexDigits(second >>> 16));
    view.setUint8(at + 14, 0x2d);
    view.setInt32(at + 15, hexDigits(second));
    view.setUint8(at + 19, 0x2d);
    view.setInt32(at + 20, hexDigits(third >>> 16));
    view.setUint8(at + 24, 0x2d);
    view.setInt32(at + 25, hexDigits(third));
    view.setInt32(at + 29, hexDigits(last >>> 16));
    view.setInt32(at + 33, hexDigits(last));
    view.setUint8(at + 37, 0x22);
    this.at = at + 38;
  }

  /** Hex digits of the first `length` characters, an even number, each below 256. */
  hex(text: string, length: number): void {
    this.reserve(length * 2);
    const { view, at } = this;
    for (let i = 0; i < length; i += 2) view.setInt32(at + 2 * i, hexDigits((text.charCodeAt(i) << 8) | text.charCodeAt(i + 1)));
    this.at = at + length * 2;
  }

  /** Digits of an integer of up to 32 bits, signed or not. */
  int(value: number): void {
    this.reserve(LONGEST_INT64);
    if (value < 0) this.bytes[this.at++] = 0x2d;
    this.#digits(value < 0 ? -value : value);
  }

  /** Digits of an integer from 0 to 2^63. */
  integer(value: number): void {
    this.int64(Math.floor(value / 0x100000000), value | 0);
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
    if (high === 0) {
      this.#digits(low);
      return;
    }
    // 2^32 = 4294 * 10^6 + 967296: all partial sums stay below 2^53
    const rest = high * 967296 + low;
    const carried = Math.floor(rest / 1e6);
    const millions = high * 4294 + carried;
    const top = Math.floor(millions / 1e6);
    if (top === 0) {
      this.#digits(millions);
    } else {
      this.#digits(top);
      this.#sixDigits(millions - top * 1e6);
    }
    this.#sixDigits(rest - carried * 1e6);
  }

  /** Digits of a write time in microseconds: nearly all have been in the same second as the one before. */
  micros(hi: number, lo: number): void {
    const value = hi * 0x100000000 + (lo >>> 0);
    const inSecond = value - this.#second;
    if (inSecond >= 0 && inSecond < 1e6) {
      this.reserve(LONGEST_INT64);
      const { view, at } = this;
      view.setFloat64(at, this.#secondDigits, true);
      view.setUint16(at + 8, this.#secondLastDigits);
      this.at = at + SECOND_DIGITS;
      this.#sixDigits(inSecond);
      return;
    }
    this.int64(hi, lo);
    if (value < FIRST_SECOND || value >= LAST_SECOND) return;
    const start = this.at - 6 - SECOND_DIGITS;
    this.#second = Math.floor(value / 1e6) * 1e6;
    this.#secondDigits = this.view.getFloat64(start, true);
    this.#secondLastDigits = this.view.getUint16(start + 8);
  }

  /** Digits of a number below 2^32, without leading zeros. */
  #digits(value: number): void {
    const view = this.view;
    // An unsigned integer, so that it is divided as one.
    let rest = value >>> 0;
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

/** Four hex digits of the lower 16 bits, as a big-endian word. */
function hexDigits(bits: number): number {
  const halves = ((bits & 0xff00) << 8) | (bits & 0xff);
  const nibbles = ((halves << 4) | halves) & 0x0f0f0f0f;
  const letters = ((nibbles + 0x06060606) >> 4) & 0x01010101;
  // 39 from behind '9' to 'a'
  return nibbles + 0x30303030 + Math.imul(letters, 39);
}

/** Of four bytes: has a high bit set unless each is ASCII that stands for itself in a JSON string. */
function specials(word: number): number {
  return word | (word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101);
}

function countDigits(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e8) return value < 1e6 ? (value < 1e5 ? 5 : 6) : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : 10;
}
