/** timestamp, date and time. Mirrors TimestampType, DateType, SimpleDateType and TimeType with their serializers. */
import { int64ToNumber, int64ToString, isSafe } from '../io/int64.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { civilDate, hourMinute, padYear } from './calendar.js';
import { checkLength, emptyJson } from './length.js';

const MILLIS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1440;
const SECONDS: readonly string[] = Array.from({ length: 60 }, (_, second) => ('' + second).padStart(2, '0') + '.');
const MILLIS: readonly string[] = Array.from({ length: 1000 }, (_, milli) => ('' + milli).padStart(3, '0') + 'Z"');

/** Milliseconds since 1970, int64. */
export class TimestampType extends AbstractType {
  static readonly instance = new TimestampType();
  override readonly className: string = MARSHAL_PACKAGE + 'TimestampType';
  override readonly cqlName = 'timestamp';
  override readonly valueLengthIfFixed = 8;
  // one timestamp is mostly of the same minute as the one before it
  #minute = NaN;
  #minuteText = '';
  #isIso = false;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 8, start, end);
  }

  /**
   * Cassandra's pattern is yyyy-MM-dd HH:mm:ss.SSSX, whose y counts years within their era: 1 BC prints as 0001, as 1 AD
   * does. ISO 8601 prints it as 0000, and years outside 0-9999 with a sign and at least six digits, as Date does.
   */
  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end - start !== 8) return emptyJson(this, start, end);
    const hi = bytes.readInt32BE(start);
    const lo = bytes.readInt32BE(start + 4);
    if (options.timestamp === 'epoch_millis') return int64ToString(hi, lo);
    const isIso = options.timestamp === 'iso';
    if (!isSafe(hi, lo)) return distantTimestamp(hi, lo, isIso);
    const millis = int64ToNumber(hi, lo);
    const minute = floorDivide(millis, MILLIS_PER_MINUTE);
    if (minute !== this.#minute || isIso !== this.#isIso) {
      this.#minuteText = minuteText(minute, isIso);
      this.#minute = minute;
      this.#isIso = isIso;
    }
    const ofMinute = millis - minute * MILLIS_PER_MINUTE;
    const second = Math.floor(ofMinute / 1000);
    return this.#minuteText + SECONDS[second] + MILLIS[ofMinute - second * 1000];
  }
}

/** The name that timestamp had in Cassandra 1; it compares otherwise, its values are the same. */
export class DateType extends TimestampType {
  static override readonly instance = new DateType();
  override readonly className = MARSHAL_PACKAGE + 'DateType';
}

/** More than 285,000 years from 1970: no double holds the milliseconds. */
function distantTimestamp(hi: number, lo: number, isIso: boolean): string {
  const millis = BigInt(int64ToString(hi, lo));
  const perMinute = BigInt(MILLIS_PER_MINUTE);
  const ofMinute = ((millis % perMinute) + perMinute) % perMinute;
  const rest = Number(ofMinute);
  return minuteText(Number((millis - ofMinute) / perMinute), isIso) + SECONDS[Math.floor(rest / 1000)] + MILLIS[rest % 1000];
}

/** Quotation mark, date, hour and minute of a minute counted from 1970. */
function minuteText(minute: number, isIso: boolean): string {
  const day = floorDivide(minute, MINUTES_PER_DAY);
  const { year, monthDay } = civilDate(day);
  const ofDay = minute - day * MINUTES_PER_DAY;
  const yearText = isIso ? isoYear(year) : padYear(year > 0 ? year : 1 - year);
  return '"' + yearText + '-' + monthDay + (isIso ? 'T' : ' ') + hourMinute(ofDay) + ':';
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return padYear(year);
  return (year < 0 ? '-' : '+') + ('' + Math.abs(year)).padStart(6, '0');
}

/** Rounded down. The quotient of large numbers may have been rounded up to the next integer. */
function floorDivide(dividend: number, divisor: number): number {
  const quotient = Math.floor(dividend / divisor);
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

/** A day as unsigned int32, 1970-01-01 in the middle (2^31). A length stands before each: SimpleDateType isn't fixed. */
export class SimpleDateType extends AbstractType {
  static readonly instance = new SimpleDateType();
  override readonly className = MARSHAL_PACKAGE + 'SimpleDateType';
  override readonly cqlName = 'date';

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw new MarshalError(`Expected 4 bytes for date (${end - start})`);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 4) return emptyJson(this, start, end);
    const { year, monthDay } = civilDate(bytes.readUInt32BE(start) - 0x80000000);
    return '"' + padYear(year) + '-' + monthDay + '"';
  }
}

const NANOS_PER_SECOND = 1e9;
const NANOS_PER_DAY = 86_400 * NANOS_PER_SECOND;

/** Nanoseconds of the day, int64. A length stands before each: TimeType isn't fixed. */
export class TimeType extends AbstractType {
  static readonly instance = new TimeType();
  override readonly className = MARSHAL_PACKAGE + 'TimeType';
  override readonly cqlName = 'time';

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end - start !== 8) throw new MarshalError(`Expected 8 bytes for time (${end - start})`);
  }

  /**
   * HH:mm:ss.nnnnnnnnn. Cassandra lets a client write any int64 and fails an assertion when it prints one of a day or
   * more; those are given here as the plain number of nanoseconds, in quotation marks too.
   */
  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 8) return emptyJson(this, start, end);
    const hi = bytes.readInt32BE(start);
    const lo = bytes.readInt32BE(start + 4);
    const nanos = int64ToNumber(hi, lo);
    if (Math.abs(nanos) >= NANOS_PER_DAY) return '"' + int64ToString(hi, lo) + '"';
    if (nanos < 0) return '"' + negativeTime(nanos) + '"';
    const seconds = Math.floor(nanos / NANOS_PER_SECOND);
    const minutes = Math.floor(seconds / 60);
    return '"' + hourMinute(minutes) + ':' + SECONDS[seconds - minutes * 60] + ('' + (nanos - seconds * NANOS_PER_SECOND + NANOS_PER_SECOND)).slice(1) + '"';
  }
}

/** As TimeSerializer.toString has it, where every part keeps its sign behind its zeros: -1 is 00:00:00.00000000-1. */
function negativeTime(nanos: number): string {
  const part = (divisor: number, modulus: number, digits: number): string => {
    const value = Math.trunc(nanos / divisor) % modulus;
    return '0'.repeat(digits - 1) + (value === 0 ? 0 : value);
  };
  return part(3600e9, 24, 2) + ':' + part(60e9, 60, 2) + ':' + part(1e9, 60, 2) + '.' + part(1e6, 1000, 3) + part(1e3, 1000, 3) + part(1, 1000, 3);
}
