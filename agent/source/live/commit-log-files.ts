/**
 * The commit-log mode as the files show it: CQL says only what is configured, and `auto` may be direct I/O. An unused
 * segment stands ready at its full size in mmap mode, as one block in direct mode, as a bare header when compressed.
 */
import type { LiveFile } from './live-file.js';

/** `mmap` includes standard access, which looks the same. */
export type CommitLogFilesMode = 'mmap' | 'direct' | 'compressed' | 'encrypted';

/** Undefined until it shows. */
export function commitLogFilesMode({ header, isPreallocated, isStarted, size }: Pick<LiveFile, 'header' | 'isPreallocated' | 'isStarted'> & { readonly size: number }): CommitLogFilesMode | undefined {
  if (header === undefined) return undefined;
  if (header.encryption !== null) return 'encrypted';
  if (header.compression !== null) return 'compressed';
  if (isPreallocated) return 'mmap';
  return !isStarted && size <= LARGEST_BLOCK ? 'direct' : undefined;
}

const LARGEST_BLOCK = 64 << 10;
const REMEMBERED = 32;
const ENOUGH = 4;

/** How markers move: the time between two syncs is the longest that a written row stays unseen. */
export class SyncRhythm {
  readonly #intervals: number[] = [];
  #last: number | undefined;

  /** A section became visible at `now`, ms, to a reader that was waiting for it. */
  seen(now: number): void {
    if (this.#last !== undefined) this.#intervals.push(now - this.#last);
    if (this.#intervals.length > REMEMBERED) this.#intervals.shift();
    this.#last = now;
  }

  /** The reader had something to read: what came meanwhile says nothing about the node. */
  reset(): void {
    this.#last = undefined;
  }

  /** Median ms between two syncs under load; undefined before there were a few. */
  get interval(): number | undefined {
    if (this.#intervals.length < ENOUGH) return undefined;
    return [...this.#intervals].sort((a, b) => a - b)[this.#intervals.length >> 1];
  }
}
