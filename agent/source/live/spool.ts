/**
 * The spool: finished segments are moved out of cdc_raw, so that trouble with Kafka does not fill cdc_total_space and
 * make Cassandra refuse writes. By rename(2): link(2) needs rights that the agent does not have.
 */
import { join } from 'node:path';
import { errorCode, type FileSystem } from './file-system.js';
import type { CdcRawDirectory } from './cdc-raw-directory.js';
import type { LiveFile } from './live-file.js';
import type { LiveCounts, LiveListener } from './reports.js';
import { isSameFile, type Retirement } from './retirement.js';

export interface SpoolSettings {
  readonly directory: string;
  /** Bytes. */
  readonly limit: number;
  /** `block`: leave segments in cdc_raw; `gap`: the same, and give up the oldest before cdc_raw is full. */
  readonly whenFull: 'block' | 'gap';
}

export interface SpoolStages {
  readonly fileSystem: FileSystem;
  readonly directory: CdcRawDirectory;
  readonly retirement: Retirement;
  readonly listener: LiveListener;
  readonly counts: LiveCounts;
  /** In cdc_raw there is room for segments that the spool can't take. */
  readonly hasRawRoom: () => boolean;
  /** Called before the unread rest of a file in the spool is deleted; false: it may not be. */
  readonly giveUp: (file: LiveFile) => boolean;
}

export class Spool {
  settings: SpoolSettings;
  readonly #stages: SpoolStages;
  #isFull = false;
  /** Of the segments that were to be moved. */
  #largest = 0;

  constructor(settings: SpoolSettings, stages: SpoolStages) {
    this.settings = settings;
    this.#stages = stages;
  }

  /** Bytes of the segments in it. */
  get used(): number {
    return this.#stages.directory.bytesIn('spool');
  }

  /** No room for one more like the largest so far. */
  get isTight(): boolean {
    return this.used + this.#largest > this.settings.limit;
  }

  /** Moves what `isFinished` by Cassandra, oldest first; read or not does not matter. */
  run(isFinished: (file: LiveFile) => boolean): void {
    const { directory, counts } = this.#stages;
    const givenUp = counts.givenUp;
    let isFull = false;
    for (const id of directory.ids()) {
      const file = directory.files.get(id);
      const from = file?.paths.get('raw');
      if (file === undefined || from === undefined || !isFinished(file)) continue;
      if (file.paths.has('quarantine')) continue;
      file.refresh();
      this.#largest = Math.max(this.#largest, file.size());
      if (!this.#hasRoomFor(file)) {
        isFull = true;
        break;
      }
      this.#move(file, from);
    }
    // Where room is made by giving up, it stays full until some is left over.
    this.#say(isFull || counts.givenUp > givenUp || (this.#isFull && this.isTight));
  }

  #say(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#stages.listener.spoolFull?.(isFull, this.used, this.settings.limit);
  }

  #hasRoomFor(file: LiveFile): boolean {
    const { limit, whenFull } = this.settings;
    if (file.paths.has('spool') || this.used + file.size() <= limit) return true;
    if (whenFull === 'block' || file.size() > limit) return false;
    const { directory, giveUp, retirement, hasRawRoom } = this.#stages;
    if (hasRawRoom()) return false;
    for (const id of directory.ids()) {
      const oldest = directory.files.get(id);
      const path = oldest?.paths.get('spool');
      if (oldest === undefined || path === undefined) continue;
      if (!giveUp(oldest)) return false;
      if (retirement.unlinkSame(oldest, path)) directory.forget(oldest);
      if (this.used + file.size() <= limit) return true;
    }
    return false;
  }

  #move(file: LiveFile, from: string): void {
    const { fileSystem, directory, retirement, counts, listener } = this.#stages;
    const to = join(this.settings.directory, file.name);
    const source = fileSystem.lookup(from);
    if (source === undefined) return;
    if (!isSameFile(file, source)) return directory.refuse(from, 'replaced');
    const target = fileSystem.lookup(to);
    if (target !== undefined) {
      // Replay has linked it again. A rename onto its own other name would succeed and do nothing.
      if (!isSameFile(file, target)) return directory.refuse(to, 'replaced');
      if (retirement.unlinkSame(file, from)) file.paths.delete('raw');
      return;
    }
    if (!this.#rename(from, to)) return;
    file.paths.delete('raw');
    file.paths.set('spool', to);
    counts.spooled++;
    listener.spooled?.(file.id, file.size());
  }

  #rename(from: string, to: string): boolean {
    try {
      this.#stages.fileSystem.rename(from, to);
      return true;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#stages.listener.problem?.(`${from} can't be moved into the spool: ${errorCode(error)}`, 'give the agent\'s user write access to cdc_raw and the spool');
      return false;
    }
  }
}
