/** JSON that is the same in many records, ready to be copied eight bytes at a time. */

/** Longer ones are copied by a call. */
const LONGEST_IN_DOUBLES = 512;

const NO_DOUBLES = new Float64Array(0);

export interface Rendered {
  readonly bytes: Uint8Array;
  /** `bytes` read as little-endian doubles, the last filled up with zeros: the widest that JavaScript copies. None where a call is cheaper. */
  readonly doubles: Float64Array;
}

export function rendered(json: string): Rendered {
  const bytes = Buffer.from(json);
  if (bytes.length > LONGEST_IN_DOUBLES) return { bytes, doubles: NO_DOUBLES };
  const padded = Buffer.concat([bytes, Buffer.alloc(7)]);
  // None is a NaN, which need not keep its bits: no UTF-8 has an F0 or more in front of a 7F or an FF.
  return { bytes, doubles: Float64Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => padded.readDoubleLE(i * 8)) };
}
