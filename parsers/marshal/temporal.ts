/** timestamp, date and time. Mirrors TimestampType, DateType, SimpleDateType and TimeType with their serializers. */
import { int64ToNumber, int64ToString, isSafe } from '../io/int64.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { civilDate, padYear, timeOfDay } from './calendar.js';
import { checkLength, emptyJson } from './length.js';

const MILLIS_PER_DAY = 86_400_000;

/** Milliseconds since 1970, int64. */
export class TimestampType extends AbstractType {
  static readonly instance = new TimestampType();
  override readonly className: string = MARSHAL_PACKAGE + 'TimestampType';
  override readonly cqlName = 'timestamp';
  override readonly valueLengthIfFixed = 8;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 8, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end - start !== 8) return emptyJson(this, start, end);
    const hi = bytes.readInt32BE(start);
    const lo = bytes.readInt32BE(start + 4);
    if (options.timestamp === 'epoch_millis') return int64ToString(hi, lo);
    const text = timestampText(hi, lo, options.timestamp === 'iso');
    return '"' + text + '"';
  }
}

/** The name that timestamp had in Cassandra 1; it compares otherwise, its values are the same. */
export class DateType extends TimestampType {
  static override readonly instance = new DateType();
  override readonly className = MARSHAL_PACKAGE + 'DateType';
}

/**
 * Cassandra's pattern is yyyy-MM-dd HH:mm:ss.SSSX, whose y counts years within their era: 1 BC prints as 0001, as 1 AD
 * does. ISO 8601 prints it as 0000, and years outside 0-9999 with a sign and at least six digits, as Date does.
 */
function timestampText(hi: number, lo: number, iso: boolean): string {
  if (!isSafe(hi, lo)) return distantTimestampText(hi, lo, iso);
  const millis = int64ToNumber(hi, lo);
  let day = Math.floor(millis / MILLIS_PER_DAY);
  // the quotient was rounded: just before midnight it may have become the next day
  if (day * MILLIS_PER_DAY > millis) day--;
  return timestampDay(day, iso) + timeOfDay(millis - day * MILLIS_PER_DAY) + 'Z';
}

/** More than 285,000 years from 1970: no double holds the milliseconds. */
function distantTimestampText(hi: number, lo: number, iso: boolean): string {
  const millis = BigInt(int64ToString(hi, lo));
  const perDay = BigInt(MILLIS_PER_DAY);
  const ofDay = ((millis % perDay) + perDay) % perDay;
  return timestampDay(Number((millis - ofDay) / perDay), iso) + timeOfDay(Number(ofDay)) + 'Z';
}

function timestampDay(day: number, iso: boolean): string {
  const { year, monthDay } = civilDate(day);
  if (!iso) return padYear(year > 0 ? year : 1 - year) + '-' + monthDay + ' ';
  if (year >= 0 && year <= 9999) return padYear(year) + '-' + monthDay + 'T';
  return (year < 0 ? '-' : '+') + ('' + Math.abs(year)).padStart(6, '0') + '-' + monthDay + 'T';
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
    return '"' + timeOfDay(seconds * 1000).slice(0, 8) + '.' + ('' + (nanos - seconds * NANOS_PER_SECOND + NANOS_PER_SECOND)).slice(1) + '"';
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
