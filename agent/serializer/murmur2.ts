/** Kafka's hash of keys: org.apache.kafka.common.utils.Utils.murmur2, and toPositive as its default partitioner applies it. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Signed 32-bit hash of `bytes[start..end)`. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  return murmur2At(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), start, end);
}

/** The same of what a view shows: four bytes are read at once. */
export function murmur2At(bytes: DataView, start: number, end: number): number {
  let h = SEED ^ (end - start);
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    h = mix(h, bytes.getInt32(at, true));
  }
  const left = end - at;
  if (left > 0) h = Math.imul(h ^ bytes.getUint8(at) ^ (left > 1 ? bytes.getUint8(at + 1) << 8 : 0) ^ (left > 2 ? bytes.getUint8(at + 2) << 16 : 0), M);
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
