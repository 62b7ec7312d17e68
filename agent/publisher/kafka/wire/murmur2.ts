/** Murmur2 as org.apache.kafka.common.utils.Utils.murmur2 computes it: a signed 32-bit integer. */
const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  let at = 0;
  for (const last = length - 4; at <= last; at += 4) {
    let k = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    k = Math.imul(k, MIX);
    k ^= k >>> 24;
    hash = Math.imul(hash, MIX) ^ Math.imul(k, MIX);
  }
  const rest = length - at;
  if (rest >= 3) hash ^= bytes[at + 2] << 16;
  if (rest >= 2) hash ^= bytes[at + 1] << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at], MIX);
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
}

/** The partition that the Java client's default partitioner takes for a key with this hash. */
export function partitionOf(hash: number, partitions: number): number {
  return (hash & 0x7fffffff) % partitions;
}
