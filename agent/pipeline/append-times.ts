/** When what stands in the log was appended, as far as can be told: the log itself stores no time. */
import type { CommitLogPosition } from '../../parsers/index.js';
import { ReadMarks } from './read-marks.js';

export class AppendTimes {
  /** Longest time until Cassandra shows what it has logged, ms; Infinity: not known. */
  visibleWithinMs = Infinity;
  /** Of the moments at which everything that was visible had been read. */
  readonly #marks = new ReadMarks();
  #liveSince = 0;

  /** When the section before was seen, while reading is in step with the node, ms since 1970; else 0. */
  get liveSince(): number {
    return this.#liveSince;
  }

  /** Reading begins, or begins again: it is not in step. */
  restart(): void {
    this.#liveSince = 0;
  }

  /** At `now`, ms since 1970, everything that Cassandra showed was read, up to `at`: what stands behind it was not visible yet. */
  caughtUp(now: number, at: CommitLogPosition): void {
    if (!this.#marks.stay(now, at)) this.#marks.add(now, at);
    if (this.#liveSince === 0) this.#liveSince = now;
  }

  /** A section was given that was seen at `readAt`; `isInStep`: there was nothing to read before it. */
  passed(readAt: number, isInStep: boolean): void {
    this.#liveSince = isInStep ? readAt : 0;
  }

  /** While reading is in step: what is seen at `readAt`, by a look every `pollMs`, was appended no earlier; ms since 1970. */
  liveNotBefore(readAt: number, pollMs: number): number {
    return Math.max(this.#liveSince - pollMs, readAt - this.visibleWithinMs);
  }

  /** What begins at `position` was appended no earlier, ms since 1970; -Infinity: nobody knows. */
  notBefore(position: CommitLogPosition): number {
    return this.#marks.timeOf(position) - this.visibleWithinMs;
  }
}
