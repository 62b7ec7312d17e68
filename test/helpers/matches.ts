/** Repeated stretches of a buffer, found greedily: what the small LZ4, Snappy and Zstd writers share. */
export interface Match {
  /** Bytes [literalStart, start) stand for themselves, then `length` bytes are those `distance` before. */
  readonly literalStart: number;
  readonly start: number;
  readonly distance: number;
  readonly length: number;
}

export interface MatchLimits {
  readonly maxDistance: number;
  /** No match begins in this many last bytes. */
  readonly lastStart: number;
  /** No match covers any of this many last bytes. */
  readonly lastLiterals: number;
}

const HASH_BITS = 12;

/** Matches of four bytes or more, in order and not overlapping; what lies behind the last one is literal. */
export function findMatches(bytes: Buffer, limits: MatchLimits): Match[] {
  const matches: Match[] = [];
  const seen = new Int32Array(1 << HASH_BITS).fill(-1);
  const lastStart = bytes.length - Math.max(limits.lastStart, 4);
  const end = bytes.length - limits.lastLiterals;
  let literalStart = 0;
  let at = 0;
  while (at <= lastStart) {
    const word = bytes.readInt32LE(at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const earlier = seen[slot];
    seen[slot] = at;
    if (earlier < 0 || at - earlier > limits.maxDistance || bytes.readInt32LE(earlier) !== word) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < end && bytes[earlier + length] === bytes[at + length]) length++;
    if (at + length > end) {
      at++;
      continue;
    }
    matches.push({ literalStart, start: at, distance: at - earlier, length });
    at += length;
    literalStart = at;
  }
  return matches;
}
