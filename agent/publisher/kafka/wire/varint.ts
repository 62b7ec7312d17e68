/** Zig-zag varints of record format v2. Lengths and deltas are safe integers. */

/** Bytes that `value` (a signed 32-bit integer) takes. */
export function varintSize(value: number): number {
  const bits = ((value << 1) ^ (value >> 31)) >>> 0;
  return bits < 0x80 ? 1 : bits < 0x4000 ? 2 : bits < 0x200000 ? 3 : bits < 0x10000000 ? 4 : 5;
}

/** Returns the offset behind it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; bits > 127; bits >>>= 7) bytes[at++] = (bits & 127) | 128;
  bytes[at++] = bits;
  return at;
}

/** Bytes that `value` (up to 2^52 either way) takes. */
export function varlongSize(value: number): number {
  let size = 1;
  for (let bits = zigZag(value); bits >= 128; bits = Math.floor(bits / 128)) size++;
  return size;
}

export function putVarlong(bytes: Uint8Array, at: number, value: number): number {
  let bits = zigZag(value);
  for (; bits >= 128; bits = Math.floor(bits / 128)) bytes[at++] = (bits % 128) | 128;
  bytes[at++] = bits;
  return at;
}

function zigZag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
