/** Kafka's hash of keys: org.apache.kafka.common.utils.Utils.murmur2, and toPositive as its default partitioner applies it. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Signed 32-bit hash of `bytes[start..end)`. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  let h = SEED ^ (end - start);
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    h = mix(h, bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
  }
  const left = end - at;
  if (left > 0) h = Math.imul(h ^ bytes[at] ^ (left > 1 ? bytes[at + 1] << 8 : 0) ^ (left > 2 ? bytes[at + 2] << 16 : 0), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

/** Utils.toPositive: the sign bit cleared. */
export function toPositive(hash: number): number {
  return hash & 0x7fffffff;
}

function mix(h: number, word: number): number {
  const k = Math.imul(word, M);
  return Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M);
}
