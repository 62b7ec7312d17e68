/** Where one life of the delivery stands, from a recovery to the next fault: how far everything is given, and when to cut. */
import { comparePositions, type CommitLogPosition } from '../../../parsers/commitlog/position.js';
import type { StoredPosition, StreamPosition } from './port.js';
import { Waiter } from './waiter.js';

/** When nothing is published. */
export interface IdleTimes {
  /** Milliseconds until a position that moved without events is stored; 1,000. */
  readonly positionMs?: number;
  /** Milliseconds until the position is stored again though nothing moved, so that it does not expire; one hour. */
  readonly heartbeatMs?: number;
}

/** What came in one piece with the first event goes with it. */
const SETTLE_MS = 2;

export class DeliveryRun {
  readonly waiter = new Waiter();
  failure: Error | undefined;
  /** How far everything is given. It moves with every mutation: changed, not made anew (a spread costs a microsecond). */
  readonly #position = { segment: 0, position: 0, index: 0 };
  #resumeAt: StreamPosition | null = null;
  #inFlight: Promise<void> | undefined;
  #openedAt = 0;
  #movedAt = 0;
  #committedAt = performance.now();
  /** When the last transaction was cut. */
  #cutAt = -Infinity;
  readonly #interval: () => number;
  readonly #times: { readonly position: number; readonly heartbeat: number };

  constructor({ positionMs = 1000, heartbeatMs = 3_600_000 }: IdleTimes, interval: () => number, from: StoredPosition | null) {
    this.#interval = interval;
    this.#times = { position: positionMs, heartbeat: heartbeatMs };
    if (from === null) return;
    this.#moved(from, from.index);
    if (from.index > 0) this.#resumeAt = this.position;
  }

  get position(): StreamPosition {
    return { ...this.#position };
  }

  get hasNews(): boolean {
    return this.#openedAt > 0 || this.#movedAt > 0;
  }

  /** Events of this mutation that were published before. */
  firstIndex(end: CommitLogPosition, events: number): number {
    const resume = this.#resumeAt;
    if (resume === null) return 0;
    const order = comparePositions(end, resume);
    // What stands before it is only read again.
    if (order < 0) return 0;
    this.#resumeAt = null;
    return order === 0 ? Math.min(resume.index, events) : 0;
  }

  opened(): void {
    this.#openedAt ||= performance.now();
  }

  /** Never back: a source begins before the position where it needs to know what was published last. */
  moveTo(end: CommitLogPosition, index: number): void {
    if (comparePositions(end, this.#position) < 0) return;
    this.#moved(end, index);
    this.#movedAt ||= performance.now();
  }

  #moved({ segment, position }: CommitLogPosition, index: number): void {
    this.#position.segment = segment;
    this.#position.position = position;
    this.#position.index = index;
  }

  committing(commit: Promise<void>): void {
    this.#openedAt = 0;
    this.#movedAt = 0;
    this.#cutAt = performance.now();
    this.#inFlight = commit.then(
      () => {
        this.#inFlight = undefined;
        this.#committedAt = performance.now();
        this.waiter.wake();
      },
      (error: unknown) => {
        this.#inFlight = undefined;
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.waiter.wake();
      },
    );
  }

  /** Nothing is being committed any more; rejects when it failed. */
  async settled(): Promise<void> {
    await this.#inFlight;
    if (this.failure !== undefined) throw this.failure;
  }

  isDue(): boolean {
    return this.#inFlight === undefined && performance.now() >= this.#dueAt();
  }

  msUntilDue(): number {
    return this.#inFlight === undefined ? Math.max(1, this.#dueAt() - performance.now()) : Infinity;
  }

  #dueAt(): number {
    if (this.#openedAt > 0) return Math.max(this.#openedAt + SETTLE_MS, Math.min(this.#openedAt, this.#cutAt) + this.#interval());
    if (this.#movedAt > 0) return this.#movedAt + this.#times.position;
    return this.#committedAt + this.#times.heartbeat;
  }
}
