/**
 * Partition token. Mirrors org.apache.cassandra.dht.Murmur3Partitioner.getToken and MurmurHash.hash3_x64_128, sign bug
 * of the tail bytes included. 64-bit arithmetic on 32-bit halves: a BigInt version costs thirty times as much.
 */

/** A token in two signed 32-bit halves. */
export interface Token {
  hi: number;
  lo: number;
}

const C1_HI = 0x87c37b91 | 0;
const C1_LO = 0x114253d5;
const C2_HI = 0x4cf5ad43;
const C2_LO = 0x2745937f;
const LONG_MIN_HIGH = -2147483648;

/** Upper half of the last product or sum; the lower half is returned. */
let carry = 0;

function multiply(aHi: number, aLo: number, bHi: number, bLo: number): number {
  const a0 = aLo & 0xffff;
  const a1 = aLo >>> 16;
  const b0 = bLo & 0xffff;
  const b1 = bLo >>> 16;
  // Products of 16 bits and what is carried into them stay below 2^32: integers all along.
  const low = Math.imul(a0, b0);
  const middle = Math.imul(a1, b0) + (low >>> 16);
  const middle2 = Math.imul(a0, b1) + (middle & 0xffff);
  carry = (Math.imul(a1, b1) + (middle >>> 16) + (middle2 >>> 16) + Math.imul(aHi, bLo) + Math.imul(aLo, bHi)) | 0;
  return ((middle2 & 0xffff) << 16) | (low & 0xffff);
}

function add(aHi: number, aLo: number, bHi: number, bLo: number): number {
  const low = (aLo >>> 0) + (bLo >>> 0);
  carry = (aHi + bHi + (low > 0xffffffff ? 1 : 0)) | 0;
  return low | 0;
}

/** Shifts by 1 to 31. */
function rotateLeft(hi: number, lo: number, by: number): number {
  carry = (hi << by) | (lo >>> (32 - by));
  return (lo << by) | (hi >>> (32 - by));
}

function finalMix(hi: number, lo: number): number {
  let l = lo ^ (hi >>> 1);
  let h = hi;
  l = multiply(h, l, 0xff51afd7 | 0, 0xed558ccd | 0);
  h = carry;
  l ^= h >>> 1;
  l = multiply(h, l, 0xc4ceb9fe | 0, 0x1a85ec53);
  h = carry;
  l ^= h >>> 1;
  carry = h;
  return l;
}

function little(bytes: Buffer, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Token of the partition key `bytes[start..end)`, written into `target`. An empty key has the smallest token. */
export function tokenOf(bytes: Buffer, start: number, end: number, target: Token): Token {
  const length = end - start;
  if (length === 0) {
    target.hi = LONG_MIN_HIGH;
    target.lo = 0;
    return target;
  }
  let h1Hi = 0;
  let h1Lo = 0;
  let h2Hi = 0;
  let h2Lo = 0;
  let at = start;
  let lo: number;
  for (const last = end - 16; at <= last; at += 16) {
    lo = mixFirst(little(bytes, at + 4), little(bytes, at));
    h1Lo ^= lo;
    h1Hi ^= carry;
    lo = rotateLeft(h1Hi, h1Lo, 27);
    lo = add(carry, lo, h2Hi, h2Lo);
    lo = multiply(carry, lo, 0, 5);
    h1Lo = add(carry, lo, 0, 0x52dce729);
    h1Hi = carry;
    lo = mixSecond(little(bytes, at + 12), little(bytes, at + 8));
    h2Lo ^= lo;
    h2Hi ^= carry;
    lo = rotateLeft(h2Hi, h2Lo, 31);
    lo = add(carry, lo, h1Hi, h1Lo);
    lo = multiply(carry, lo, 0, 5);
    h2Lo = add(carry, lo, 0, 0x38495ab5);
    h2Hi = carry;
  }
  if (end - at > 8) {
    tail(bytes, at + 8, end);
    lo = mixSecond(tailHi, tailLo);
    h2Lo ^= lo;
    h2Hi ^= carry;
  }
  if (end > at) {
    tail(bytes, at, Math.min(end, at + 8));
    lo = mixFirst(tailHi, tailLo);
    h1Lo ^= lo;
    h1Hi ^= carry;
  }
  h1Lo ^= length;
  h2Lo ^= length;
  h1Lo = add(h1Hi, h1Lo, h2Hi, h2Lo);
  h1Hi = carry;
  h2Lo = add(h2Hi, h2Lo, h1Hi, h1Lo);
  h2Hi = carry;
  h1Lo = finalMix(h1Hi, h1Lo);
  h1Hi = carry;
  h2Lo = finalMix(h2Hi, h2Lo);
  h2Hi = carry;
  lo = add(h1Hi, h1Lo, h2Hi, h2Lo);
  const hi = carry;
  // Murmur3Partitioner.normalize: the smallest value is kept for the empty key.
  const isSmallest = hi === LONG_MIN_HIGH && lo === 0;
  target.hi = isSmallest ? 0x7fffffff : hi;
  target.lo = isSmallest ? -1 : lo;
  return target;
}

function mixFirst(hi: number, lo: number): number {
  let l = multiply(hi, lo, C1_HI, C1_LO);
  l = rotateLeft(carry, l, 31);
  return multiply(carry, l, C2_HI, C2_LO);
}

function mixSecond(hi: number, lo: number): number {
  const l = multiply(hi, lo, C2_HI, C2_LO);
  // Left by 33: the halves change places, then left by 1.
  const swapped = rotateLeft(l, carry, 1);
  return multiply(carry, swapped, C1_HI, C1_LO);
}

let tailHi = 0;
let tailLo = 0;

/** Up to 8 bytes, little-endian, each sign-extended before it is xored in, as Cassandra does by mistake and for ever. */
function tail(bytes: Buffer, start: number, end: number): void {
  tailHi = 0;
  tailLo = 0;
  for (let i = end - start - 1; i >= 0; i--) {
    const signed = (bytes[start + i] << 24) >> 24;
    if (i >= 4) {
      tailHi ^= signed << ((i - 4) * 8);
    } else {
      tailLo ^= signed << (i * 8);
      tailHi ^= signed >> 31;
    }
  }
}
