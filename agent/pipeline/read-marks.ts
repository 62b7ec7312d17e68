/**
 * How far reading had come when: whatever was appended after a moment stands behind the mark of that moment. The log itself
 * stores no time.
 */
import { comparePositions, type CommitLogPosition } from '../../parsers/index.js';

interface Mark {
  /** Ms since 1970. */
  time: number;
  readonly at: CommitLogPosition;
}

/** Between two marks. */
const EVERY_MS = 250;
/** Then every second one goes: what is left says less, and nothing wrong. */
const MOST_MARKS = 2048;

export class ReadMarks {
  #marks: Mark[] = [];

  /** Nothing is known of what stands behind `at`. */
  restart(at: CommitLogPosition): void {
    this.#marks = [{ time: -Infinity, at }];
  }

  /** Reading has come to `at`. What is read again moves nothing. */
  add(time: number, { segment, position }: CommitLogPosition): void {
    const last = this.#marks.at(-1);
    // Going on behind a clock that was set back, rather than not until it has caught up.
    if (last !== undefined && (Math.abs(time - last.time) < EVERY_MS || comparePositions({ segment, position }, last.at) <= 0)) return;
    this.#marks.push({ time, at: { segment, position } });
    if (this.#marks.length > MOST_MARKS) this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
  }

  /** Reading is still at `at`: its mark gets this time. False: the last mark is elsewhere. */
  stay(time: number, at: CommitLogPosition): boolean {
    const last = this.#marks.at(-1);
    if (last === undefined || comparePositions(at, last.at) !== 0) return false;
    last.time = time;
    return true;
  }

  /** What was appended after `time` stands behind it. What is older is forgotten: `time` does not go back. */
  before(time: number): CommitLogPosition | undefined {
    const marks = this.#marks;
    let last = 0;
    while (last + 1 < marks.length && marks[last + 1].time <= time) last++;
    marks.splice(0, last);
    return marks.at(0)?.at;
  }

  /** Time of the last mark that is not behind `at`; -Infinity: there is none. */
  timeOf(at: CommitLogPosition): number {
    return this.#marks.findLast((mark) => comparePositions(mark.at, at) <= 0)?.time ?? -Infinity;
  }
}
