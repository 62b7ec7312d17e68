/** Deletion of segments: nothing that is unread, nothing that is needed again, nothing that is another file by now. */
import { basename } from 'node:path';
import { errorCode, type FileSystem } from './file-system.js';
import type { CdcRawDirectory } from './cdc-raw-directory.js';
import type { LiveFile } from './live-file.js';
import type { LiveCounts, LiveListener } from './reports.js';
import type { SegmentLedger } from './segment-ledger.js';

/** As in StreamPosition. */
export interface NeededPosition {
  readonly segment: number;
  readonly position: number;
  readonly index: number;
}

/**
 * The one place that decides. `end` is the position behind the segment's last entry, undefined while it is not read to
 * its end; `needed` is the older of the committed position and the oldest one still needed for any reason.
 */
export function mayDelete(id: number, end: number | undefined, needed: NeededPosition | undefined): boolean {
  if (needed === undefined || end === undefined) return false;
  if (id !== needed.segment) return id < needed.segment;
  return needed.index === 0 && needed.position >= end;
}

/** The older of two; an index of 0 is the whole entry and so behind every other index of it. */
export function olderOf(a: NeededPosition, b: NeededPosition | undefined): NeededPosition {
  if (b === undefined) return a;
  if (a.segment !== b.segment) return a.segment < b.segment ? a : b;
  if (a.position !== b.position) return a.position < b.position ? a : b;
  return (a.index === 0 ? Infinity : a.index) <= (b.index === 0 ? Infinity : b.index) ? a : b;
}

export interface RetirementStages {
  readonly fileSystem: FileSystem;
  readonly directory: CdcRawDirectory;
  readonly ledger: SegmentLedger;
  readonly listener: LiveListener;
  readonly counts: LiveCounts;
}

export class Retirement {
  readonly #stages: RetirementStages;

  constructor(stages: RetirementStages) {
    this.#stages = stages;
  }

  /** Removes every file that `endOf` and `needed` allow. Segments that replay has linked again go the same way. */
  run(endOf: (file: LiveFile) => number | undefined, needed: NeededPosition | undefined): void {
    if (needed === undefined) return;
    for (const file of [...this.#stages.directory.files.values()]) {
      if (mayDelete(file.id, endOf(file), needed)) this.#retire(file);
    }
  }

  /**
   * Oldest first, as long as `isTight`: what is committed and only kept to be compared with what comes. A repeat may then
   * be published again; a node that refuses writes would be worse.
   */
  makeRoom(endOf: (file: LiveFile) => number | undefined, committed: NeededPosition | undefined, isTight: () => boolean): void {
    const { directory } = this.#stages;
    for (const id of directory.ids()) {
      const file = directory.files.get(id);
      if (file === undefined || !mayDelete(id, endOf(file), committed)) continue;
      if (!isTight()) return;
      this.#retire(file);
    }
  }

  /** Index files that Cassandra wrote behind a segment that is in the spool, or done. */
  removeOrphanIndexes(): void {
    const { directory, ledger, fileSystem, counts, listener } = this.#stages;
    for (const name of directory.orphans) {
      const id = Number(/-(\d+)_cdc\.idx$/.exec(name)?.[1]);
      const path = directory.indexPath(name.replace(/_cdc\.idx$/, '.log'));
      if (!ledger.has(id) || fileSystem.lookup(path)?.isFile !== true) continue;
      if (!this.#unlink(path)) continue;
      counts.orphanIndexes++;
      listener.orphanIndexRemoved?.(path);
    }
    directory.orphans = [];
  }

  #retire(file: LiveFile): void {
    const { directory, ledger, counts, listener } = this.#stages;
    if (file.paths.has('quarantine')) return directory.forget(file, true);
    // First what a start after a crash must know: that this segment was seen, and where it ended.
    ledger.see(file.id);
    ledger.flush();
    let isGone = true;
    for (const path of file.paths.values()) isGone = this.unlinkSame(file, path) && isGone;
    if (!isGone) return;
    const index = directory.indexPath(file.name);
    if (this.#stages.fileSystem.lookup(index)?.isFile === true) this.#unlink(index);
    if (file.paths.size > 0) {
      counts.retired++;
      listener.retired?.(file.id, file.size());
    }
    directory.forget(file);
  }

  /** By name only after the inode was looked at again. True: the name is gone. */
  unlinkSame(file: LiveFile, path: string): boolean {
    const facts = this.#stages.fileSystem.lookup(path);
    if (facts === undefined) return true;
    if (isSameFile(file, facts)) return this.#unlink(path);
    this.#stages.directory.refuse(path, 'replaced');
    return false;
  }

  #unlink(path: string): boolean {
    try {
      this.#stages.fileSystem.unlink(path);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return true;
      this.#stages.listener.problem?.(`${basename(path)} can't be removed: ${errorCode(error)}`, 'give the agent\'s user write access to the directory (chmod 2770 cdc_raw, and Cassandra\'s group)');
      return false;
    }
  }
}

export function isSameFile(file: { readonly inode: number; readonly device: number }, facts: { readonly inode: number; readonly device: number; readonly isFile: boolean }): boolean {
  return facts.isFile && facts.inode === file.inode && facts.device === file.device;
}
