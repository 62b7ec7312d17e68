/**
 * float and double: IEEE 754, big-endian. Mirrors FloatType, DoubleType and Java's Float.toString and Double.toString.
 *
 * The digits are the fewest that name the value (and at least two, the nearest such), as Java prints them since JDK 19.
 * Older ones sometimes print a digit more (2.0E-3 as 0.0020, 2^-44 as 5.6843418860808015E-14): the same number.
 * NaN and infinities, for which Cassandra prints null, are strings here: JSON lacks them, and null is another value.
 */
import { AbstractType, MARSHAL_PACKAGE } from './abstract-type.js';
import { checkLength, emptyJson } from './length.js';

export class DoubleType extends AbstractType {
  static readonly instance = new DoubleType();
  override readonly className = MARSHAL_PACKAGE + 'DoubleType';
  override readonly cqlName = 'double';
  override readonly valueLengthIfFixed = 8;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 8, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 8) return emptyJson(this, start, end);
    const value = bytes.readDoubleBE(start);
    const magnitude = Math.abs(value);
    if (magnitude >= 1e-3 && magnitude < 1e7) return Math.floor(value) === value ? value + '.0' : '' + value;
    return special(value) ?? scientific(magnitude < 1e-322 ? value.toExponential(1) : value.toExponential());
  }
}

export class FloatType extends AbstractType {
  static readonly instance = new FloatType();
  override readonly className = MARSHAL_PACKAGE + 'FloatType';
  override readonly cqlName = 'float';
  override readonly valueLengthIfFixed = 4;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 4, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 4) return emptyJson(this, start, end);
    const value = bytes.readFloatBE(start);
    const magnitude = Math.abs(value);
    if (magnitude >= 1e-3 && magnitude < 1e7) {
      if (Math.floor(value) === value) return value + '.0';
      return '' + shortestFloat(value);
    }
    return special(value) ?? scientific(magnitude < 1e-43 ? value.toExponential(1) : shortestExponential(value));
  }
}

function special(value: number): string | undefined {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (value !== value) return '"NaN"';
  if (value === Infinity) return '"Infinity"';
  return value === -Infinity ? '"-Infinity"' : undefined;
}

/** 1e+23 to 1.0E23, 1.5e-7 to 1.5E-7. */
function scientific(exponential: string): string {
  const e = exponential.indexOf('e');
  const digits = exponential.slice(0, e);
  const exponent = exponential.charCodeAt(e + 1) === 0x2b ? exponential.slice(e + 2) : exponential.slice(e + 1);
  return digits + (digits.includes('.') ? 'E' : '.0E') + exponent;
}

/** The double with the fewest digits that rounds to this float, which lies between 0.001 and 10 million. */
function shortestFloat(value: number): number {
  // six digits tell floats apart, nine tell every float; a rounded integer over a power of ten is exactly its decimal
  let scale = sixDigitScale(Math.abs(value));
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Math.round(value * scale) / scale;
    if (Math.fround(candidate) === value) return candidate;
    scale *= 10;
  }
  return Math.round(value * scale) / scale;
}

/** The power of ten that leaves six digits before the point (seven from a million on). */
function sixDigitScale(magnitude: number): number {
  if (magnitude < 1) return magnitude < 0.01 ? 1e8 : magnitude < 0.1 ? 1e7 : 1e6;
  if (magnitude < 1000) return magnitude < 10 ? 1e5 : magnitude < 100 ? 1e4 : 1e3;
  return magnitude < 1e4 ? 100 : magnitude < 1e5 ? 10 : 1;
}

/** The same for the very small and the very large. */
function shortestExponential(value: number): string {
  // below the normal floats (2^-126) there are fewer bits, and fewer digits will do
  for (let digits = Math.abs(value) < 1.2e-38 ? 2 : 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate.toExponential();
  }
  return Number(value.toPrecision(9)).toExponential();
}
