/**
 * The row marker that an INSERT writes. Mirrors org.apache.cassandra.db.LivenessInfo.
 *
 *   <liveness> is <timestamp>[<ttl:vint><localExpirationTime:vint>]
 */
import type { DataInput } from '../io/data-input.js';
import { INVALID_DELETION_TIME, NO_DELETION_TIME } from './deletion-time.js';
import type { EncodingStats } from './encoding-stats.js';

/** TTL of a row marker that has expired already (LivenessInfo.EXPIRED_LIVENESS_TTL). */
const EXPIRED_LIVENESS_TTL = 2147483647;
const LONG_MIN_HIGH = -2147483648;
/** First commit-log version with unsigned local deletion times (MessagingService.VERSION_50). */
const VERSION_50 = 8;

/** Cell.decodeLocalDeletionTime: what a time as read means in this commit-log version, as a slot. */
export function decodeLocalDeletionTime(seconds: number, ttl: number, version: number): number {
  if (seconds >= ttl) return seconds | 0;
  if (seconds < 0) return version < VERSION_50 ? INVALID_DELETION_TIME : seconds | 0;
  return ttl === EXPIRED_LIVENESS_TTL ? seconds : INVALID_DELETION_TIME;
}

export class LivenessInfo {
  isEmpty = true;
  timestampHigh = LONG_MIN_HIGH;
  timestampLow = 0;
  /** Seconds, 0 = none. */
  ttl = 0;
  /** A slot: see `localDeletionSeconds`. */
  localExpirationTime = NO_DELETION_TIME;

  clear(): void {
    this.isEmpty = true;
    this.timestampHigh = LONG_MIN_HIGH;
    this.timestampLow = 0;
    this.ttl = 0;
    this.localExpirationTime = NO_DELETION_TIME;
  }

  read(input: DataInput, stats: EncodingStats, hasTTL: boolean, version: number): void {
    this.isEmpty = false;
    stats.readTimestamp(input);
    this.timestampHigh = input.high;
    this.timestampLow = input.low;
    if (hasTTL) {
      this.ttl = stats.readTTL(input);
      this.localExpirationTime = decodeLocalDeletionTime(stats.readLocalDeletionTime(input), this.ttl, version);
    } else {
      this.ttl = 0;
      this.localExpirationTime = NO_DELETION_TIME;
    }
  }
}
