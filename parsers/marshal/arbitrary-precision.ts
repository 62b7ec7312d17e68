/**
 * varint and decimal. Mirrors IntegerType and DecimalType with their serializers, and BigDecimal.toString.
 *
 *   <varint>  is two's complement, big-endian, any length
 *   <decimal> is <scale:int32><unscaled:varint>                 the value is unscaled * 10^-scale
 *
 * Both have a length before each value.
 */
import { int64ToString } from '../io/int64.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { emptyJson } from './length.js';

export class IntegerType extends AbstractType {
  static readonly instance = new IntegerType();
  override readonly className = MARSHAL_PACKAGE + 'IntegerType';
  override readonly cqlName = 'varint';

  override validate(): void {
    // no invalid integers
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end === start) return emptyJson(this, start, end);
    const digits = varintToString(bytes, start, end);
    return options.decimal === 'string' ? '"' + digits + '"' : digits;
  }
}

export class DecimalType extends AbstractType {
  static readonly instance = new DecimalType();
  override readonly className = MARSHAL_PACKAGE + 'DecimalType';
  override readonly cqlName = 'decimal';

  override validate(_bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (size !== 0 && size < 4) throw new MarshalError(`Expected 0 or at least 4 bytes for decimal (${size})`);
  }

  /** A scale without digits, which validate allows and BigInteger does not, is taken as zero of that scale. */
  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end - start < 4) return emptyJson(this, start, end);
    const unscaled = end - start === 4 ? '0' : varintToString(bytes, start + 4, end);
    const text = decimalText(unscaled, bytes.readInt32BE(start));
    return options.decimal === 'string' ? '"' + text + '"' : text;
  }
}

/** Decimal digits of a two's complement integer of at least one byte. */
function varintToString(bytes: Buffer, start: number, end: number): string {
  const size = end - start;
  if (size <= 6) return '' + bytes.readIntBE(start, size);
  if (size === 8) return int64ToString(bytes.readInt32BE(start), bytes.readInt32BE(start + 4));
  const unsigned = BigInt('0x' + bytes.hexSlice(start, end));
  return BigInt.asIntN(size * 8, unsigned).toString();
}

/**
 * As BigDecimal.toString: plain digits when the scale isn't negative and the first digit stands no further than the
 * sixth decimal place; else one digit before the point and an exponent with its sign.
 */
function decimalText(unscaled: string, scale: number): string {
  if (scale === 0) return unscaled;
  const sign = unscaled.startsWith('-') ? '-' : '';
  const digits = sign === '' ? unscaled : unscaled.slice(1);
  const exponent = digits.length - 1 - scale;
  if (scale > 0 && exponent >= -6) {
    const point = digits.length - scale;
    if (point > 0) return sign + digits.slice(0, point) + '.' + digits.slice(point);
    return sign + '0.' + '0'.repeat(-point) + digits;
  }
  const mantissa = digits.length > 1 ? digits[0] + '.' + digits.slice(1) : digits;
  if (exponent === 0) return sign + mantissa;
  return sign + mantissa + 'E' + (exponent > 0 ? '+' : '') + exponent;
}
