/**
 * 64-bit integers without BigInt: a value is `hi * 2^32 + (lo >>> 0)`, both halves signed int32 as Buffer.readInt32BE
 * gives them. Nothing here passes a value through a double that can't hold it.
 */

const TWO_32 = 4294967296;
/** hi of -2^53 and of 2^53: between them a double is exact. */
const SAFE_HI = 0x200000;

/** True when the value lies within ±(2^53 - 1) (Number.isSafeInteger). */
export function isSafe(hi: number, lo: number): boolean {
  return hi < SAFE_HI && (hi > -SAFE_HI || (hi === -SAFE_HI && lo !== 0));
}

/** The nearest double; exact where {@link isSafe}. */
export function int64ToNumber(hi: number, lo: number): number {
  return hi * TWO_32 + (lo >>> 0);
}

/** Negative, 0 or positive, as signed 64-bit integers compare. */
export function compareInt64(hiA: number, loA: number, hiB: number, loB: number): number {
  return hiA === hiB ? (loA >>> 0) - (loB >>> 0) : hiA - hiB;
}

/** Decimal digits of a signed 64-bit integer, all of them (Long.toString). */
export function int64ToString(hi: number, lo: number): string {
  if (hi >= -SAFE_HI && hi < SAFE_HI) return '' + (hi * TWO_32 + (lo >>> 0));
  if (hi >= 0) return uint64ToString(hi, lo);
  // two's complement; -2^63 becomes 2^63, which still fits the unsigned halves
  const low = -lo | 0;
  return '-' + uint64ToString((low === 0 ? -hi : ~hi) >>> 0, low);
}

/** Decimal digits of an unsigned 64-bit integer; the halves may be given signed. */
export function uint64ToString(hi: number, lo: number): string {
  const high = hi >>> 0;
  if (high < SAFE_HI) return '' + (high * TWO_32 + (lo >>> 0));
  // 2^32 = 4294 * 10^6 + 967296: both partial sums stay below 2^53
  const low = high * 967296 + (lo >>> 0);
  const carry = Math.floor(low / 1e6);
  const rest = low - carry * 1e6;
  return '' + (high * 4294 + carry) + ('' + (rest + 1e6)).slice(1);
}
