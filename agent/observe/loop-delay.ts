/**
 * How late the event loop is, over the last one to two minutes. Asked every 100 ms: that costs 0.05 % of a core when idle
 * (0.42 % at Node's default of 10 ms). A shorter delay may fall between two questions; one of 100 ms or more can't.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 100;
const WINDOW_MS = 60_000;
const NANOS_PER_SECOND = 1e9;
export const QUANTILES = [0.5, 0.99, 1] as const;

export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #now: () => number;
  #windowAt: number;
  #before: readonly number[] = QUANTILES.map(() => 0);

  /** `now`: ms of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
    this.#windowAt = now();
    this.#histogram.enable();
  }

  /** Seconds, one for each of QUANTILES. */
  quantiles(): readonly number[] {
    const before = this.#before;
    const current = QUANTILES.map((quantile) => (this.#histogram.count === 0 ? 0 : late(this.#histogram.percentile(quantile * 100))));
    if (this.#now() - this.#windowAt >= WINDOW_MS) {
      this.#before = current;
      this.#histogram.reset();
      this.#windowAt = this.#now();
    }
    return current.map((value, at) => Math.max(value, before[at]));
  }

  close(): void {
    this.#histogram.disable();
  }
}

/** Node records the time between two questions. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOS_PER_SECOND - RESOLUTION_MS / 1000);
}
