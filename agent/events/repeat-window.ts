/**
 * Changes of the last minutes by the first 64 bits of their `cdc.id`: replicas log the same change twice now and then (a
 * repeated LWT, a hint, a streamed copy), and an exact repeat is worth nothing to anybody. Bounded by count and by age.
 *
 * A hash table of open addressing over typed arrays; the oldest goes when the newest comes. It is not stored: from `low`
 * on the log is read again after a restart.
 */
import type { CommitLogPosition } from '../../parsers/index.js';

export interface RepeatWindowOptions {
  /** A power of two; 65,536. */
  readonly size?: number;
  /** Ms; ten minutes. */
  readonly maxAgeMs?: number;
  /** Ms of a clock that never goes back. */
  readonly now: () => number;
}

interface Mark {
  /** Number of the first change that belongs to it. */
  readonly first: number;
  readonly at: CommitLogPosition;
  readonly time: number;
}

const SIZE = 65_536;
const MAX_AGE_MS = 600_000;
/** Changes between two marks: so coarse are `low` and age. */
const PER_MARK = 1024;

export class RepeatWindow {
  readonly #size: number;
  readonly #maxAge: number;
  readonly #now: () => number;
  /** Pairs of words; both 0: free. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** In the order of coming: a ring of pairs. */
  readonly #order: Int32Array;
  /** Numbers of the oldest change and of the next. */
  #oldest = 0;
  #next = 0;
  #marks: Mark[] = [];

  constructor({ size = SIZE, maxAgeMs = MAX_AGE_MS, now }: RepeatWindowOptions) {
    this.#size = size;
    this.#maxAge = maxAgeMs;
    this.#now = now;
    this.#slots = new Int32Array(size * 4);
    this.#mask = size * 2 - 1;
    this.#order = new Int32Array(size * 2);
  }

  get count(): number {
    return this.#next - this.#oldest;
  }

  /** `digest`: the id's bytes, a character each. */
  has(digest: string): boolean {
    return this.#find(wordAt(digest, 0), wordAt(digest, 4)) >= 0;
  }

  /** `at`: just behind the change's entry. What is there already stays as old as it is. */
  add(digest: string, at: CommitLogPosition): void {
    const high = wordAt(digest, 0);
    const low = wordAt(digest, 4);
    if (this.#find(high, low) >= 0) return;
    if (this.count === this.#size) this.#dropOldest();
    if (this.#marks.length === 0 || this.#next - this.#marks[this.#marks.length - 1].first >= PER_MARK) this.#mark(at);
    const place = (this.#next & (this.#size - 1)) * 2;
    this.#order[place] = high;
    this.#order[place + 1] = low;
    this.#next++;
    let slot = homeOf(high, low) & this.#mask;
    while (this.#isUsed(slot)) slot = (slot + 1) & this.#mask;
    this.#slots[slot * 2] = high;
    this.#slots[slot * 2 + 1] = low;
  }

  /** Entries that end behind it tell all that is remembered; null: nothing is. */
  get low(): CommitLogPosition | null {
    this.#expire();
    return this.#marks.length === 0 ? null : this.#marks[0].at;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#marks = [];
    this.#oldest = this.#next;
  }

  #mark({ segment, position }: CommitLogPosition): void {
    this.#expire();
    this.#marks.push({ first: this.#next, at: { segment, position: Math.max(0, position - 1) }, time: this.#now() });
  }

  /** Changes under a mark go when the next mark is old: all of them are older than that. */
  #expire(): void {
    const limit = this.#now() - this.#maxAge;
    while (this.#marks.length > 0 && (this.#marks.length > 1 ? this.#marks[1].time : this.#marks[0].time + this.#maxAge) <= limit) {
      const end = this.#marks.length > 1 ? this.#marks[1].first : this.#next;
      while (this.#oldest < end) this.#remove();
      this.#marks.shift();
    }
  }

  #dropOldest(): void {
    this.#remove();
    if (this.#marks.length > 1 && this.#marks[1].first <= this.#oldest) this.#marks.shift();
  }

  #remove(): void {
    const place = (this.#oldest & (this.#size - 1)) * 2;
    this.#oldest++;
    const found = this.#find(this.#order[place], this.#order[place + 1]);
    if (found >= 0) this.#free(found);
  }

  #find(high: number, low: number): number {
    const slots = this.#slots;
    for (let slot = homeOf(high, low) & this.#mask; this.#isUsed(slot); slot = (slot + 1) & this.#mask) {
      if (slots[slot * 2] === high && slots[slot * 2 + 1] === low) return slot;
    }
    return -1;
  }

  #isUsed(slot: number): boolean {
    return this.#slots[slot * 2] !== 0 || this.#slots[slot * 2 + 1] !== 0;
  }

  /** Closes the hole, so that no search ends at it early. */
  #free(slot: number): void {
    const slots = this.#slots;
    let hole = slot;
    for (let at = (slot + 1) & this.#mask; this.#isUsed(at); at = (at + 1) & this.#mask) {
      const home = homeOf(slots[at * 2], slots[at * 2 + 1]) & this.#mask;
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue;
      slots[hole * 2] = slots[at * 2];
      slots[hole * 2 + 1] = slots[at * 2 + 1];
      hole = at;
    }
    slots[hole * 2] = 0;
    slots[hole * 2 + 1] = 0;
  }
}

/** Four characters as a word, never 0: that is a free slot. */
function wordAt(digest: string, at: number): number {
  return ((digest.charCodeAt(at) << 24) | (digest.charCodeAt(at + 1) << 16) | (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3)) || 1;
}

/** The words are bits of a hash already. */
function homeOf(high: number, low: number): number {
  return high ^ (low >>> 7);
}
