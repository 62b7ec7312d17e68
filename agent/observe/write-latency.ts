/**
 * From the write in Cassandra (the client's or coordinator's timestamp) to the commit in Kafka, of every mutation that is
 * published: a histogram in plain arrays, at two numbers stored per mutation and one pass over them per transaction.
 *
 * Kept by position, not by transaction: whatever a commit covers is counted, whatever is read again after a fault is
 * counted once. Not counted: write times ahead of this host's clock and those of more than 30 days ago. They are the
 * client's own (USING TIMESTAMP), and would say nothing of this agent.
 */
import type { CommitLogPosition } from '../../parsers/index.js';

/** Seconds; the last bucket is without bound. */
export const WRITE_TO_COMMIT_BUCKETS: readonly number[] = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400];
const OLDEST_MS = 30 * 86_400_000;
const FIRST_CAPACITY = 4096;
const MS_PER_SECOND = 1000;
/** Per mutation that waits for its commit: segment, position, write time in ms, events. */
const FIELDS = 4;

export class WriteLatency {
  /** Events by bucket, not cumulative. */
  readonly counts = new Float64Array(WRITE_TO_COMMIT_BUCKETS.length + 1);
  /** Seconds. */
  sum = 0;
  /** Events. */
  count = 0;
  #waiting = new Float64Array(FIRST_CAPACITY * FIELDS);
  #from = 0;
  #to = 0;

  /** A mutation whose events go into a transaction. `written`: its newest write time, ms since 1970. In the order of the log. */
  taken(segment: number, position: number, { written, events }: { readonly written: number; readonly events: number }): void {
    if (this.#to === this.#waiting.length) this.#makeRoom();
    const waiting = this.#waiting;
    waiting[this.#to++] = segment;
    waiting[this.#to++] = position;
    waiting[this.#to++] = written;
    waiting[this.#to++] = events;
  }

  /** Everything up to `upTo` is in Kafka, at `now` (ms since 1970). `index` > 0: the last mutation only in part. */
  committed(upTo: CommitLogPosition & { readonly index: number }, now: number): void {
    const waiting = this.#waiting;
    let bucket = 0;
    for (; this.#from < this.#to; this.#from += FIELDS) {
      const at = this.#from;
      const order = waiting[at] - upTo.segment || waiting[at + 1] - upTo.position;
      if (order > 0 || (order === 0 && upTo.index > 0)) break;
      const ms = now - waiting[at + 2];
      if (ms < 0 || ms > OLDEST_MS) continue;
      const seconds = ms / MS_PER_SECOND;
      bucket = bucketOf(seconds, bucket);
      this.counts[bucket] += waiting[at + 3];
      this.sum += seconds * waiting[at + 3];
      this.count += waiting[at + 3];
    }
    if (this.#from === this.#to) this.#from = this.#to = 0;
  }

  /** The log is read again from the last committed position. */
  rewound(): void {
    this.#from = this.#to = 0;
  }

  #makeRoom(): void {
    const kept = this.#waiting.subarray(this.#from, this.#to);
    const grown = kept.length > this.#waiting.length / 2 ? new Float64Array(this.#waiting.length * 2) : this.#waiting;
    // A copy of a part onto the same array: copyWithin's rule, which set() keeps.
    grown.set(kept);
    this.#waiting = grown;
    this.#to = kept.length;
    this.#from = 0;
  }
}

/** Neighbours in the log have nearly the same age: the search begins where the last one ended. */
function bucketOf(seconds: number, hint: number): number {
  let bucket = hint;
  while (bucket > 0 && seconds <= WRITE_TO_COMMIT_BUCKETS[bucket - 1]) bucket--;
  while (bucket < WRITE_TO_COMMIT_BUCKETS.length && seconds > WRITE_TO_COMMIT_BUCKETS[bucket]) bucket++;
  return bucket;
}
