/** Damaged segments are kept, for whoever has to find out why. */
import { join } from 'node:path';
import type { FileSystem } from './file-system.js';
import type { LiveFile } from './live-file.js';
import { isSameFile } from './retirement.js';

export class Quarantine {
  readonly #fileSystem: FileSystem;
  readonly #directory: string | undefined;

  constructor(fileSystem: FileSystem, directory: string | undefined) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Moves it; where to, or undefined when there is no such directory or it can't be moved. It stays readable. */
  keep(file: LiveFile): string | undefined {
    const kept = file.paths.get('quarantine');
    if (kept !== undefined || this.#directory === undefined) return kept;
    const to = join(this.#directory, file.name);
    for (const [place, from] of file.paths) {
      const facts = this.#fileSystem.lookup(from);
      if (facts === undefined || !isSameFile(file, facts) || this.#fileSystem.lookup(to) !== undefined) continue;
      try {
        this.#fileSystem.rename(from, to);
      } catch {
        continue;
      }
      file.paths.delete(place);
      file.paths.set('quarantine', to);
      return to;
    }
    return undefined;
  }
}
