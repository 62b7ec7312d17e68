/** Random times as mutations hold them: mostly like real ones, and every extreme that the format can carry. */
import type { DeletionModel } from './model.js';
import type { Rng } from './random.js';
import { DROPPED_AT } from './schema-generator.js';

export const MIN_INT64 = -(1n << 63n);
export const MAX_INT64 = (1n << 63n) - 1n;
const MAX_TTL = 630_720_000;
const NOW_SECONDS = 1_795_360_000;
/** 2015-09-22, the epoch of encoding stats, less 2^31. */
const LOWEST = 1_442_880_000 - 2 ** 31;

export interface TimeOptions {
  readonly version: 6 | 7 | 8;
  /** Also what only broken or hostile writers make: negative and overflown local deletion times, expiry before its TTL. */
  readonly wild: boolean;
}

/** Not MIN_INT64, which Cassandra keeps for "none". */
export function timestamp(rng: Rng): bigint {
  switch (rng.below(12)) {
    case 0:
      return rng.pick([0n, -1n, 1n, MAX_INT64, MAX_INT64 - 1n, MIN_INT64 + 1n, MIN_INT64 + 2n]);
    case 1:
      return rng.int64() === MIN_INT64 ? 0n : rng.int64() | 1n;
    case 2:
      return DROPPED_AT + BigInt(rng.between(-1, 1));
    case 3:
      return BigInt(rng.below(1_000_000)) - 500_000n;
    default:
      return 1_795_360_000_000_000n + BigInt(rng.below(1_000_000_000));
  }
}

/** A timestamp above `floor`; null if there is none. */
export function timestampAbove(rng: Rng, floor: bigint | null): bigint | null {
  if (floor === null) return timestamp(rng);
  if (floor === MAX_INT64) return null;
  const drawn = timestamp(rng);
  if (drawn > floor) return drawn;
  const room = MAX_INT64 - floor;
  const step = BigInt(rng.between(1, 1_000_000));
  return floor + (step < room ? step : room);
}

export function localDeletionTime(rng: Rng, options: TimeOptions): number {
  // Below the lowest, the minimum itself wraps and Cassandra's reader refuses the whole mutation.
  if (options.wild && rng.chance(0.15)) return rng.pick([-1, LOWEST, -1000, rng.between(LOWEST, -1)]);
  if (options.version === 8 && rng.chance(0.3)) return rng.pick([2_147_483_647, 2_147_483_648, 3_000_000_000, 4_294_967_292, 4_294_967_293]);
  return rng.chance(0.15) ? rng.pick([0, 1, 1_442_880_000, 1_442_879_999, 2_147_483_646]) : NOW_SECONDS + rng.below(100_000);
}

export function ttl(rng: Rng): number {
  return rng.chance(0.2) ? rng.pick([1, MAX_TTL, 2_147_483_646]) : rng.between(1, 10_000_000);
}

/** Expiry is never before the TTL itself, unless wild: Cassandra's reader takes that for corruption. */
export function expiration(rng: Rng, seconds: number, options: TimeOptions): number {
  const time = localDeletionTime(rng, options);
  return options.wild ? time : Math.max(time, seconds);
}

export function deletion(rng: Rng, options: TimeOptions): DeletionModel {
  return { markedForDeleteAt: timestamp(rng), localDeletionTime: localDeletionTime(rng, options) };
}
