/** When what stands in the log was appended, as far as can be told: the log itself stores no time. */
import { comparePositions, type CommitLogPosition } from '../../parsers/index.js';

interface Mark {
  /** Ms since 1970. */
  time: number;
  readonly at: CommitLogPosition;
}

/** Between two marks at different places. */
const EVERY_MS = 250;
/** What is read again lies within the last marks; of what is older only less is known. */
const MARKS = 1000;

export class AppendTimes {
  /** Longest time until Cassandra shows what it has logged, ms; Infinity: not known. */
  visibleWithinMs = Infinity;
  readonly #marks: Mark[] = [];

  /** At `now`, ms since 1970, everything that Cassandra showed was read, up to `at`: what stands behind it was not visible yet. */
  caughtUp(now: number, { segment, position }: CommitLogPosition): void {
    const last = this.#marks.at(-1);
    const step = last === undefined ? 1 : comparePositions({ segment, position }, last.at);
    if (last !== undefined && step === 0) last.time = now;
    if (step <= 0 || (last !== undefined && Math.abs(now - last.time) < EVERY_MS)) return;
    if (this.#marks.length === MARKS) this.#marks.shift();
    this.#marks.push({ time: now, at: { segment, position } });
  }

  /** What begins at `position` was appended no earlier, ms since 1970; -Infinity: nobody knows. */
  notBefore(position: CommitLogPosition): number {
    const marks = this.#marks;
    let last = marks.length - 1;
    while (last >= 0 && comparePositions(marks[last].at, position) > 0) last--;
    return last < 0 ? -Infinity : marks[last].time - this.visibleWithinMs;
  }
}
