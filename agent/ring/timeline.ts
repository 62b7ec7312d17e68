/**
 * What was in force when: values with the times at which they were seen. Between the last time that a value was seen and
 * the first time of the next, either may have been in force.
 */

/** When a mutation may have been appended: the log stores no time, so it lies between two moments. Ms since 1970. */
export interface AppendBounds {
  readonly appendedAfterMs: number;
  readonly appendedBeforeMs: number;
}

export interface Period<T> {
  readonly value: T;
  /** Seen for the first and for the last time, ms since 1970. */
  readonly seenMs: number;
  readonly confirmedMs: number;
}

export class Timeline<T> {
  #periods: Period<T>[] = [];
  readonly #capacity: number;
  readonly #isSame: (a: T, b: T) => boolean;

  constructor({ capacity, isSame }: { readonly capacity: number; readonly isSame: (a: T, b: T) => boolean }) {
    this.#capacity = capacity;
    this.#isSame = isSame;
  }

  get periods(): readonly Period<T>[] {
    return this.#periods;
  }

  get current(): Period<T> | undefined {
    return this.#periods.at(-1);
  }

  /** Takes stored periods, oldest first, in place of what it has. */
  restore(periods: readonly Period<T>[]): void {
    this.#periods = periods.slice(-this.#capacity);
  }

  /** The value that is in force at `atMs`. True when it is another one than before. Times never go back, whatever the clock does. */
  observe(value: T, atMs: number): boolean {
    const current = this.current;
    const at = Math.max(atMs, current?.confirmedMs ?? 0);
    if (current !== undefined && this.#isSame(current.value, value)) {
      // The newer object: it may differ in what does not count.
      this.#periods[this.#periods.length - 1] = { value, seenMs: current.seenMs, confirmedMs: at };
      return false;
    }
    this.#periods.push({ value, seenMs: at, confirmedMs: at });
    if (this.#periods.length > this.#capacity) this.#periods.shift();
    return true;
  }

  /**
   * Values that may have been in force, oldest first; empty only when none was ever seen. A value counts for `toleranceMs`
   * longer: nodes learn of a change at different times. The oldest counts for all time before it.
   */
  during({ appendedAfterMs, appendedBeforeMs }: AppendBounds, toleranceMs: number): T[] {
    const periods = this.#periods;
    const chosen: T[] = [];
    for (let i = 0; i < periods.length; i++) {
      const from = i === 0 ? -Infinity : periods[i - 1].confirmedMs;
      const to = i === periods.length - 1 ? Infinity : periods[i + 1].seenMs + toleranceMs;
      if (from <= appendedBeforeMs && to >= appendedAfterMs) chosen.push(periods[i].value);
    }
    return chosen;
  }
}
