/**
 * Arithmetic on CRC32 values: what the checksum of `A B` is when those of `A` and `B` are known. As zlib's crc32_combine.
 *
 * A CRC is a polynomial over GF(2) modulo P; appending n bytes multiplies it by x^8n. Polynomials are written with the
 * lowest power in the highest bit, as CRC32 has them.
 */
const POLYNOMIAL = 0xedb88320 | 0;
const ONE = 0x80000000 | 0;
const LOW_POWERS = 65536;
const HIGH_POWERS = 4096;

/** x^8n for n below 65,536, and x^(8 * 65,536 n): together any length below 256 MiB. */
const low = new Int32Array(LOW_POWERS);
const high = new Int32Array(HIGH_POWERS);
fillPowers();

function fillPowers(): void {
  low[0] = high[0] = ONE;
  for (let n = 1; n < LOW_POWERS; n++) low[n] = timesX8(low[n - 1]);
  high[1] = timesX8(low[LOW_POWERS - 1]);
  for (let n = 2; n < HIGH_POWERS; n++) high[n] = multiply(high[n - 1], high[1]);
}

function timesX8(value: number): number {
  let v = value;
  for (let bit = 0; bit < 8; bit++) v = (v >>> 1) ^ (-(v & 1) & POLYNOMIAL);
  return v;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let rest = a; rest !== 0; rest <<= 1) {
    product ^= (rest >> 31) & shifted;
    shifted = (shifted >>> 1) ^ (-(shifted & 1) & POLYNOMIAL);
  }
  return product;
}

/** The part of a CRC that `crc` contributes once `length` more bytes (below 256 MiB) stand behind it: crc(A B) = advance(crc(A), |B|) ^ crc(B). */
export function crc32Advance(crc: number, length: number): number {
  const product = multiply(low[length & 0xffff], crc);
  return length < LOW_POWERS ? product : multiply(high[length >>> 16], product);
}
