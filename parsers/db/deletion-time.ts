/**
 * When something was deleted: by write time, and by the local clock in seconds. Mirrors org.apache.cassandra.db.DeletionTime.
 *
 *   <deletion> is <markedForDeleteAt:timestamp><localDeletionTime:vint>
 */
import type { DataInput } from '../io/data-input.js';
import type { EncodingStats } from './encoding-stats.js';

/** Local deletion times are unsigned 32-bit seconds kept in signed slots; these two values mean something else. */
export const NO_DELETION_TIME = -1;
/** Cell.INVALID_DELETION_TIME: written negative by a version that overflowed past 2038. */
export const INVALID_DELETION_TIME = -2;

const LONG_MIN_HIGH = -2147483648;

/** Seconds since 1970 of a local deletion time's slot, unsigned. */
export function localDeletionSeconds(slot: number): number {
  return slot >>> 0;
}

export class DeletionTime {
  markedForDeleteAtHigh = LONG_MIN_HIGH;
  markedForDeleteAtLow = 0;
  /** A slot: see `localDeletionSeconds`. */
  localDeletionTime = NO_DELETION_TIME;

  /** No deletion: written where a neighbour column has one, since the flag is the row's. */
  get isLive(): boolean {
    return this.markedForDeleteAtHigh === LONG_MIN_HIGH && this.markedForDeleteAtLow === 0;
  }

  clear(): void {
    this.markedForDeleteAtHigh = LONG_MIN_HIGH;
    this.markedForDeleteAtLow = 0;
    this.localDeletionTime = NO_DELETION_TIME;
  }

  read(input: DataInput, stats: EncodingStats): void {
    stats.readTimestamp(input);
    this.markedForDeleteAtHigh = input.high;
    this.markedForDeleteAtLow = input.low;
    const seconds = stats.readLocalDeletionTime(input);
    this.localDeletionTime = seconds < 0 || seconds > 0xfffffffd ? INVALID_DELETION_TIME : seconds | 0;
  }
}
