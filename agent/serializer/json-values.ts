/**
 * Values as JSON bytes. The text is that of `AbstractType.toJson`, always; the types that most columns have are written
 * without a string in between (a test compares the two).
 */
import type { JsonOptions } from '../../parsers/index.js';
import { viewOf } from '../../parsers/io/data-input.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import type { AbstractType } from '../../parsers/marshal/abstract-type.js';
import { DecimalType } from '../../parsers/marshal/arbitrary-precision.js';
import { BooleanType } from '../../parsers/marshal/boolean.js';
import { civilDate } from '../../parsers/marshal/calendar.js';
import { DoubleType } from '../../parsers/marshal/floats.js';
import { Int32Type, LongType } from '../../parsers/marshal/integers.js';
import { ReversedType } from '../../parsers/marshal/reversed.js';
import { AsciiType, UTF8Type } from '../../parsers/marshal/text.js';
import { TimestampType } from '../../parsers/marshal/temporal.js';
import { TimeUUIDType, UUIDType } from '../../parsers/marshal/uuid.js';
import { embeddedJson, hashText } from './event-features.js';
import type { JsonBytes } from './json-bytes.js';
import { rendered } from './rendered.js';

const OTHER = 0;
export const TEXT = 1;
const INT = 2;
const LONG = 3;
const UUID = 4;
const BOOLEAN = 5;
const TIMESTAMP = 6;
const DECIMAL = 7;
const DOUBLE = 8;
/** Replaced by its hash. */
export const HASHED = 9;
/** Text that holds JSON. */
export const EMBEDDED = 10;
export type ValueShape = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

const TRUE = rendered('true');
const FALSE = rendered('false');
const MILLIS_PER_DAY = 86_400_000;
/** Days from 1970 of 0001-01-01 and 9999-12-31: years of four digits. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** How values of the type are written. */
export function valueShape(type: AbstractType, options: JsonOptions): ValueShape {
  if (type instanceof ReversedType) return valueShape(type.baseType, options);
  if (type instanceof UTF8Type || type instanceof AsciiType) return TEXT;
  if (type instanceof Int32Type) return INT;
  if (type instanceof LongType && options.int64 === 'number') return LONG;
  if (type instanceof UUIDType || type instanceof TimeUUIDType) return UUID;
  if (type instanceof BooleanType) return BOOLEAN;
  if (type instanceof DoubleType) return DOUBLE;
  if (type instanceof TimestampType && options.timestamp === 'cql') return TIMESTAMP;
  return type instanceof DecimalType && options.decimal === 'number' ? DECIMAL : OTHER;
}

/** What a value is written by. */
export interface ValueTemplate {
  readonly type: AbstractType;
  readonly shape: ValueShape;
}

export class ValueWriter {
  readonly options: JsonOptions;
  /** Of the shape HASHED. */
  hashKey: string | undefined;
  /** Of the shape EMBEDDED: told of what is no JSON. */
  onNotJson: (template: ValueTemplate) => void = () => undefined;
  readonly #out: JsonBytes;
  #source: Buffer = Buffer.alloc(0);
  #view = viewOf(this.#source);
  #day = NaN;
  #dayText = rendered('');

  constructor(out: JsonBytes, options: JsonOptions) {
    this.#out = out;
    this.options = options;
  }

  /** What offsets point into. */
  get source(): Buffer {
    return this.#source;
  }

  set source(source: Buffer) {
    if (source === this.#source) return;
    this.#source = source;
    this.#view = viewOf(source);
  }

  /** Writes the value `source[start..end)`. Throws MarshalError when it is none of its type. */
  write(template: ValueTemplate, start: number, end: number): void {
    const source = this.#view;
    const out = this.#out;
    switch (template.shape) {
      case TEXT:
        if (out.asciiString(source, start, end)) return;
        break;
      case INT:
        if (end - start !== 4) break;
        out.int(source.getInt32(start));
        return;
      case LONG:
        if (end - start !== 8) break;
        out.int64(source.getInt32(start), source.getInt32(start + 4));
        return;
      case UUID:
        if (end - start !== 16) break;
        out.uuid(source, start);
        return;
      case BOOLEAN:
        if (end - start !== 1) break;
        out.raw(source.getUint8(start) === 0 ? FALSE : TRUE);
        return;
      case TIMESTAMP:
        if (end - start === 8 && this.#timestamp(start)) return;
        break;
      case DECIMAL:
        if (this.#decimal(start, end)) return;
        break;
      case DOUBLE:
        if (end - start === 8 && this.#double(source.getFloat64(start))) return;
        break;
      case HASHED:
        this.writeHash(template.type, start, end);
        return;
      case EMBEDDED:
        if (this.#embedded(start, end)) return;
        this.onNotJson(template);
        break;
      case OTHER:
        break;
    }
    this.writeAs(template.type, start, end);
  }

  #embedded(start: number, end: number): boolean {
    const json = embeddedJson(this.#source.utf8Slice(start, end));
    if (json !== undefined) this.#out.text(json);
    return json !== undefined;
  }

  /** False, with nothing written, outside the years 1 to 9999. */
  #timestamp(start: number): boolean {
    const millis = int64ToNumber(this.#view.getInt32(start), this.#view.getInt32(start + 4));
    const day = Math.floor(millis / MILLIS_PER_DAY);
    if (day < FIRST_DAY || day > LAST_DAY) return false;
    if (day !== this.#day) {
      const { year, monthDay } = civilDate(day);
      this.#dayText = rendered(`"${String(year).padStart(4, '0')}-${monthDay} `);
      this.#day = day;
    }
    this.#out.timestamp(this.#dayText, millis - day * MILLIS_PER_DAY);
    return true;
  }

  /** False, with nothing written, unless it is a positive number of few digits with some on both sides of the point. */
  #decimal(start: number, end: number): boolean {
    const length = end - start - 4;
    if (length < 1 || length > 6) return false;
    const scale = this.#view.getInt32(start);
    if (scale < 1 || scale > 6) return false;
    const value = this.#source.readIntBE(start + 4, length);
    if (value < 0 || value < 10 ** scale) return false;
    this.#out.decimal(value, scale);
    return true;
  }

  /**
   * False, with nothing written, unless the number is positive, in the range without an exponent, and has up to four
   * digits behind the point: a decimal of up to 15 digits that rounds to a double is the shortest that does.
   */
  #double(value: number): boolean {
    if (!(value >= 1e-3 && value < 1e7)) return false;
    const digits = Math.round(value * 10_000);
    if (digits / 10_000 !== value) return false;
    this.#out.decimal(digits, 4);
    this.#out.dropZeros(3);
    return true;
  }

  /** The same by way of the type's own text. */
  writeAs(type: AbstractType, start: number, end: number): void {
    this.#out.text(type.toJson(this.#source, start, end, this.options));
  }

  /** The hash of the value's JSON: the same wherever the value stands, as an element too. */
  writeHash(type: AbstractType, start: number, end: number): void {
    this.#out.text(`"${hashText(type.toJson(this.#source, start, end, this.options), this.hashKey)}"`);
  }
}
