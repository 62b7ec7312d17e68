/** Durability `fsync`: up to where a segment is on disk for sure, by what the cdc indexes confirm. */
import type { CdcRawDirectory } from './cdc-raw-directory.js';
import type { LiveFile } from './live-file.js';
import { syncedTo } from './segment-tail.js';

export class SyncedPositions {
  readonly #directory: CdcRawDirectory;
  #last: { readonly file: LiveFile; readonly at: number; readonly position: number } | undefined;
  /** A segment whose index says that something of it is on disk: everything of those before it is, too. */
  #flushedBefore = 0;

  constructor(directory: CdcRawDirectory) {
    this.#directory = directory;
  }

  /** As of the upkeep at `at`: looking costs a file or two. */
  of(file: LiveFile, at: number): number {
    if (this.#last?.file !== file || this.#last.at !== at) this.#last = { file, at, position: this.#find(file) };
    return this.#last.position;
  }

  /** Segments are flushed in order, and discarded only after that. */
  #find(file: LiveFile): number {
    const directory = this.#directory;
    if (file.isCompleted || file.isUnlinked || !file.paths.has('raw')) return Infinity;
    for (const id of directory.indexed) {
      if (id <= Math.max(file.id, this.#flushedBefore)) break;
      const later = directory.files.get(id);
      if (later !== undefined && syncedTo(directory.indexOf(later)) > 0) this.#flushedBefore = id;
    }
    if (file.id < this.#flushedBefore) return Infinity;
    return syncedTo(directory.indexOf(file));
  }
}
