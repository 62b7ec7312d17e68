/** Kafka's hash of keys: org.apache.kafka.common.utils.Utils.murmur2, and toPositive as its default partitioner applies it. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Signed 32-bit hash of `bytes`. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let h = SEED ^ length;
  let at = 0;
  for (const last = length - 4; at <= last; at += 4) {
    h = mix(h, bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
  }
  const left = length - at;
  if (left > 0) h = Math.imul(h ^ bytes[at] ^ (left > 1 ? bytes[at + 1] << 8 : 0) ^ (left > 2 ? bytes[at + 2] << 16 : 0), M);
  return finish(h);
}

/** Signed 32-bit hash of the UTF-8 bytes of `text`. */
export function murmur2OfText(text: string): number {
  const length = text.length;
  let h = SEED ^ length;
  let seen = 0;
  let at = 0;
  for (const last = length - 4; at <= last; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    seen |= a | b | c | d;
    h = mix(h, a | (b << 8) | (c << 16) | (d << 24));
  }
  const left = length - at;
  if (left > 0) {
    const a = text.charCodeAt(at);
    const b = left > 1 ? text.charCodeAt(at + 1) : 0;
    const c = left > 2 ? text.charCodeAt(at + 2) : 0;
    seen |= a | b | c;
    h = Math.imul(h ^ a ^ (b << 8) ^ (c << 16), M);
  }
  // Characters beyond ASCII are several bytes each.
  return seen < 0x80 ? finish(h) : murmur2(Buffer.from(text));
}

/** Utils.toPositive: the sign bit cleared. */
export function toPositive(hash: number): number {
  return hash & 0x7fffffff;
}

function mix(h: number, word: number): number {
  const k = Math.imul(word, M);
  return Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M);
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 13);
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}
