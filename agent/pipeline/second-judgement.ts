/**
 * When the ring turns out to have changed, the log is read again from where the change may have been in force, and what it
 * gives to this node is published behind all: the position stays where it is. Until Kafka has that, the place where it
 * began stays in the position (`settled`), and the change is kept among the epochs: a start in between does it again.
 */
import { comparePositions, type CommitLogPosition } from '../../parsers/index.js';
import type { Rejudgement } from '../ring/rejudgement.js';
import type { Owners } from './owners.js';
import { ReadMarks } from './read-marks.js';

/** What was read is judged again. */
export interface Again {
  readonly judgement: Rejudgement;
  /** What ends behind it, */
  readonly from: CommitLogPosition;
  /** up to here. */
  readonly end: CommitLogPosition;
}

const START: CommitLogPosition = { segment: 0, position: 0 };

export class SecondJudgement {
  readonly #owners: Owners;
  readonly #marks = new ReadMarks();
  #again: Again | null = null;
  /** Everything of it was given. */
  #isPassed = false;
  /** It was passed when the transaction that is being committed was cut. */
  #settling: Again | null = null;

  constructor(owners: Owners) {
    this.#owners = owners;
  }

  /** Reading begins, up to `published` once more; when what stands behind `settled` was appended nobody knows. */
  restart(settled: CommitLogPosition, published: CommitLogPosition | null): void {
    this.#marks.restart(settled);
    this.#settling = null;
    this.begin(published);
  }

  /** From now on by the newest ring, for all up to `published`; null: there is nothing to be judged again. */
  begin(published: CommitLogPosition | null): Again | null {
    const judgement = this.#owners.rejudgement();
    this.#isPassed = false;
    this.#again = judgement && { judgement, from: this.#marks.before(this.#owners.settledBeforeMs) ?? START, end: published ?? START };
    return this.#again;
  }

  /** At hand, or done and not yet committed. */
  get again(): Again | null {
    return this.#again;
  }

  /** What is read now may be part of it. */
  get isUnderWay(): boolean {
    return this.#again !== null && !this.#isPassed;
  }

  /** The ring has changed since: `begin` anew. */
  get isDue(): boolean {
    const judgement = this.#owners.rejudgement();
    return judgement !== null && judgement.ring !== this.#again?.judgement.ring;
  }

  /** At `now`, ms since 1970, everything up to `position` was given. */
  readTo(now: number, position: CommitLogPosition): void {
    this.#marks.add(now, position);
  }

  /** What was to be judged again, when `position` has passed it just now; null: there is nothing left to read. */
  passed(position: CommitLogPosition | null): Again | null {
    if (!this.isUnderWay || this.#again === null) return null;
    if (position !== null && comparePositions(position, this.#again.end) < 0) return null;
    this.#isPassed = true;
    return this.#again;
  }

  /** A transaction is cut: entries up to the answer are judged for good; undefined: all are, always. */
  cut(): CommitLogPosition | undefined {
    this.#settling = this.#isPassed ? this.#again : null;
    const { settledBeforeMs } = this.#owners;
    return settledBeforeMs === Infinity ? undefined : this.#marks.before(settledBeforeMs);
  }

  /** The transaction that was cut last is in Kafka. */
  committed(): void {
    if (this.#settling === null) return;
    this.#owners.settle(this.#settling.judgement.ring);
    if (this.#again === this.#settling) this.#again = null;
    this.#settling = null;
  }
}
