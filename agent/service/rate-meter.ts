/** Events per second over the last minute: a count for each second, no timer. */
const SECONDS = 60;
const MS_PER_SECOND = 1000;

export class RateMeter {
  readonly #counts = new Float64Array(SECONDS);
  readonly #began: number;
  /** Second of the newest count. */
  #newest: number;

  /** `now`: ms of a clock that never goes back, as for the other calls. */
  constructor(now: number) {
    this.#began = now;
    this.#newest = Math.floor(now / MS_PER_SECOND);
  }

  add(count: number, now: number): void {
    this.#forget(now);
    this.#counts[this.#newest % SECONDS] += count;
  }

  perSecond(now: number): number {
    this.#forget(now);
    let sum = 0;
    for (const count of this.#counts) sum += count;
    // The second at hand is not over: the window is a little short of a minute.
    const window = Math.min(now - this.#began, (SECONDS - 1) * MS_PER_SECOND + (now % MS_PER_SECOND));
    return window <= 0 ? 0 : sum / Math.max(window / MS_PER_SECOND, 1);
  }

  #forget(now: number): void {
    const second = Math.floor(now / MS_PER_SECOND);
    if (second - this.#newest >= SECONDS) this.#counts.fill(0);
    else for (let each = this.#newest + 1; each <= second; each++) this.#counts[each % SECONDS] = 0;
    this.#newest = Math.max(this.#newest, second);
  }
}
