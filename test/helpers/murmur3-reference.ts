/** Token of a partition key, in BigInt, from MurmurHash.hash3_x64_128 (with its sign bug) and Murmur3Partitioner.getToken. */
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotl = (value: bigint, bits: bigint): bigint => u64(value << bits) | (u64(value) >> (64n - bits));

function fmix(value: bigint): bigint {
  let k = value ^ (value >> 33n);
  k = u64(k * 0xff51afd7ed558ccdn);
  k ^= k >> 33n;
  k = u64(k * 0xc4ceb9fe1a85ec53n);
  return k ^ (k >> 33n);
}

export function referenceToken(key: Buffer): bigint {
  if (key.length === 0) return -(1n << 63n);
  let h1 = 0n;
  let h2 = 0n;
  const blocks = Math.floor(key.length / 16);
  for (let i = 0; i < blocks; i++) {
    const k1 = u64(rotl(u64(key.readBigUInt64LE(16 * i) * C1), 31n) * C2);
    const k2 = u64(rotl(u64(key.readBigUInt64LE(16 * i + 8) * C2), 33n) * C1);
    h1 = u64(u64(rotl(h1 ^ k1, 27n) + h2) * 5n + 0x52dce729n);
    h2 = u64(u64(rotl(h2 ^ k2, 31n) + h1) * 5n + 0x38495ab5n);
  }
  const tail = key.subarray(16 * blocks);
  if (tail.length > 8) h2 ^= u64(rotl(u64(signedTail(tail.subarray(8)) * C2), 33n) * C1);
  if (tail.length > 0) h1 ^= u64(rotl(u64(signedTail(tail.subarray(0, 8)) * C1), 31n) * C2);
  h1 ^= BigInt(key.length);
  h2 ^= BigInt(key.length);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = fmix(h1);
  h2 = fmix(h2);
  const token = BigInt.asIntN(64, h1 + h2);
  return token === -(1n << 63n) ? (1n << 63n) - 1n : token;
}

/** Each byte is sign-extended before its shift: the sign bug. */
function signedTail(bytes: Buffer): bigint {
  let word = 0n;
  bytes.forEach((byte, i) => {
    word ^= BigInt.asUintN(64, BigInt(byte << 24 >> 24) << BigInt(8 * i));
  });
  return word;
}
