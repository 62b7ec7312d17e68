/** Segments that their cdc index calls COMPLETED. Where markers are published the index is a second opinion only. */
import type { CdcRawDirectory } from './cdc-raw-directory.js';
import type { LiveSourceOptions } from './live-options.js';

const EVERY_MS = 1000;
/** Index files looked at: of the segment at hand and of a few that follow. */
const INDEXES = 4;

export class CompletedSegments {
  readonly #directory: CdcRawDirectory;
  readonly #everyMs: number;
  #lookedAt = -Infinity;

  constructor(directory: CdcRawDirectory, { durability }: Pick<LiveSourceOptions, 'durability'>) {
    this.#directory = directory;
    this.#everyMs = durability === 'fsync' ? 0 : EVERY_MS;
  }

  /** From segment `first` on. */
  look(now: number, first: number): void {
    if (now - this.#lookedAt < this.#everyMs) return;
    this.#lookedAt = now;
    const directory = this.#directory;
    for (const id of directory.ids().filter((one) => one >= first).slice(0, INDEXES)) {
      const file = directory.files.get(id);
      if (file === undefined || file.isCompleted || !file.paths.has('raw')) continue;
      file.isCompleted = directory.indexOf(file)?.completed === true;
    }
  }
}
