/**
 * What stands in cdc_raw, the spool and quarantine: segments by number, each with its descriptor open from first sight.
 * Polling is the truth; a watcher may say `hint()` to look sooner.
 */
import { join } from 'node:path';
import { cdcIndexFileName, formatPosition, parseCdcIndex, parseSegmentFileName, type CdcIndex } from '../../../parsers/index.js';
import { IoError } from '../../errors.js';
import type { FileSystem } from './file-system.js';
import type { LiveFile, Place } from './live-file.js';
import { headerDiffers, openSegment } from './open-segment.js';
import type { LiveCounts, LiveListener, RefusalReason } from './reports.js';
import type { SegmentLedger } from './segment-ledger.js';

export interface DirectoryOptions {
  readonly fileSystem: FileSystem;
  readonly raw: string;
  /** On the filesystem of cdc_raw; not given: segments stay in cdc_raw. */
  readonly spool?: string;
  /** On the filesystem of cdc_raw; damaged segments are kept here. */
  readonly quarantine?: string;
  /** User id of Cassandra; not given: any. */
  readonly owner?: number;
  readonly largestSegment: number;
  /** Ms between two listings when nobody hints. */
  readonly listInterval: number;
  readonly ledger: SegmentLedger;
  readonly listener: LiveListener;
  readonly counts: LiveCounts;
}

const INDEX_NAME = /^CommitLog-\d{1,9}-\d{1,16}_cdc\.idx$/;
/** A decimal number and a word. */
const LARGEST_INDEX = 64;
/** Slack that no growing file has behind its last marker: direct I/O pads to a block. */
const MMAP_SLACK = 128 << 10;
const SMALLEST_FIRST_MARKER_SLACK = 8;
/** Refusals that are remembered, so that each is counted once. */
const REMEMBERED_REFUSALS = 10_000;

/** Listings cost more than anything else that an idle agent does. */
const QUIET_FACTOR = 5;

export class CdcRawDirectory {
  /** By id. */
  readonly files = new Map<number, LiveFile>();
  /** Ids that were seen and were gone before they were read; until that is committed. */
  readonly vanished = new Set<number>();
  /** Ids that no listing shall bring back. */
  readonly ignored = new Set<number>();
  /** Index files of cdc_raw without their segment, in the last two listings. */
  orphans: string[] = [];
  /** Ids that have an index file, highest first. */
  indexed: number[] = [];
  readonly roots: readonly (readonly [Place, string])[];
  readonly #options: DirectoryOptions;
  readonly #refused = new Set<string>();
  readonly #device: number;
  #orphansBefore = new Set<string>();
  /** Opened by the listing that goes on. */
  readonly #fresh: LiveFile[] = [];
  #listedAt = -Infinity;
  #isHinted = true;

  /** Throws IoError when a directory is missing, or stands on another filesystem than cdc_raw. */
  constructor(options: DirectoryOptions) {
    this.#options = options;
    const { raw, spool, quarantine } = options;
    this.roots = ([['raw', raw], ['spool', spool], ['quarantine', quarantine]] as const).flatMap(([place, path]) => (path === undefined ? [] : [[place, path] as const]));
    this.#device = this.#deviceOf(raw);
    for (const [, path] of this.roots) {
      if (this.#deviceOf(path) === this.#device) continue;
      throw new IoError('spool_other_filesystem', `${path} is not on the filesystem of ${raw}`, { fix: 'choose a directory beside cdc_raw: segments are moved by renaming them' });
    }
  }

  /** Something may have changed: list at the next scan. */
  hint(): void {
    this.#isHinted = true;
  }

  /** The position's segment. Without a ledger nothing says that segments before it were read: they are left alone. */
  startAt(segment: number): void {
    const { ledger } = this.#options;
    ledger.startAt(segment - 1);
    for (const file of [...this.files.values()]) {
      if (ledger.has(file.id) || file.id > ledger.floor) continue;
      for (const path of file.paths.values()) this.refuse(path, 'older_than_remembered');
      this.forget(file);
    }
  }

  /** Ids ascending: by number, never by name. */
  ids(): number[] {
    return [...this.files.keys(), ...this.vanished].sort((a, b) => a - b);
  }

  /**
   * Lists when it is time and looks at first markers. A segment is started once its first marker was seen and the
   * directories were listed *after* that: Cassandra links every earlier segment before it writes that marker, so
   * nothing can come in before it any more. `isQuiet`: nothing was written for long, and the next segment stands there
   * before it is written to. True when the directories were listed. Throws IoError `clock_went_back`,
   * CorruptError `descriptor_version`.
   */
  scan(now: number, { isQuiet }: { readonly isQuiet: boolean }): boolean {
    const interval = this.#options.listInterval * (isQuiet ? QUIET_FACTOR : 1);
    const isDue = this.#isHinted || now - this.#listedAt >= interval;
    if (isDue) this.#list(now);
    const marked: LiveFile[] = [];
    for (const file of this.files.values()) if (!file.isStarted && this.#hasFirstMarker(file)) marked.push(file);
    if (marked.length === 0) return isDue;
    this.#list(now);
    for (const file of marked) file.isStarted = true;
    const highest = Math.max(...marked.map(({ id }) => id));
    const { ledger } = this.#options;
    // Unused ones before it too: they were seen, and their turn is over.
    for (const id of this.files.keys()) if (id <= highest) ledger.see(id);
    ledger.flush();
    return true;
  }

  /** As Cassandra last wrote it; null when it says nothing, or is being rewritten. */
  indexOf(file: LiveFile): CdcIndex | null {
    const text = this.#options.fileSystem.readText(this.indexPath(file.name), LARGEST_INDEX);
    return text === undefined ? null : parseCdcIndex(text);
  }

  indexPath(segmentName: string): string {
    return join(this.#options.raw, cdcIndexFileName(segmentName));
  }

  refuse(path: string, reason: RefusalReason): void {
    const key = `${reason} ${path}`;
    if (this.#refused.has(key) || this.#refused.size >= REMEMBERED_REFUSALS) return;
    this.#refused.add(key);
    this.#options.counts.refused++;
    this.#options.listener.refused?.({ path, reason });
  }

  /** Of the segments that stand there; Cassandra counts unused ones too. */
  bytesIn(place: Place): number {
    let bytes = 0;
    for (const file of this.files.values()) if (file.paths.has(place)) bytes += file.size();
    return bytes;
  }

  /** Lets go of a file; `ignore`: for good. */
  forget(file: LiveFile, ignore = false): void {
    file.close();
    this.files.delete(file.id);
    if (ignore) this.ignored.add(file.id);
  }

  close(): void {
    for (const file of this.files.values()) file.close();
    this.files.clear();
  }

  #deviceOf(path: string): number {
    const facts = this.#options.fileSystem.lookup(path);
    if (facts === undefined) throw new IoError('read_failed', `${path} does not exist`, { fix: 'check the path, or create the directory for the agent\'s user' });
    return facts.device;
  }

  #hasFirstMarker(file: LiveFile): boolean {
    if (file.header === undefined) file.readHeader();
    if (headerDiffers(file)) {
      for (const path of file.paths.values()) this.refuse(path, 'header_differs_from_name');
      this.forget(file);
      return false;
    }
    if (file.header === undefined) return false;
    if (file.hasMarkerAt(file.header.length)) {
      file.refresh();
      return file.markerAt(file.header.length) !== undefined;
    }
    // Compressed and encrypted segments don't stand ready at their full size.
    const isPlain = file.header.compression === null && file.header.encryption === null;
    if (isPlain && file.size() - file.header.length - SMALLEST_FIRST_MARKER_SLACK >= MMAP_SLACK) file.isPreallocated = true;
    return false;
  }

  #list(now: number): void {
    this.#listedAt = now;
    this.#isHinted = false;
    const highestBefore = this.#options.ledger.highest;
    const found = new Map<number, Map<Place, string>>();
    // cdc_raw first: a segment that moves on during the listing is then seen twice rather than never.
    for (const [place, directory] of this.roots) {
      const names = this.#options.fileSystem.list(directory);
      for (const name of names) this.#sight({ place, directory, name, highestBefore }, found);
      if (place === 'raw') this.#lookAtIndexNames(names);
    }
    const oldest = Math.min(...[...found].flatMap(([id, places]) => (places.has('raw') ? [id] : [])));
    for (const file of this.#fresh.splice(0)) file.hasOlder = oldest < file.id;
    for (const file of this.files.values()) {
      file.paths.clear();
      for (const [place, path] of found.get(file.id) ?? []) file.paths.set(place, path);
    }
  }

  #sight({ place, directory, name, highestBefore }: { readonly place: Place; readonly directory: string; readonly name: string; readonly highestBefore: number }, found: Map<number, Map<Place, string>>): void {
    const path = join(directory, name);
    const parsed = parseSegmentFileName(name);
    if (parsed === null) {
      if (place === 'raw' && !INDEX_NAME.test(name)) this.refuse(path, 'not_a_segment_name');
      return;
    }
    const { id } = parsed;
    if (this.ignored.has(id) && place === 'quarantine') return;
    const known = this.files.get(id);
    if (known !== undefined && known.name !== name) return this.refuse(path, 'segment_twice');
    if (known === undefined && !this.#open({ path, name, id, isRaw: place === 'raw', highestBefore })) return;
    const paths = found.get(id) ?? new Map<Place, string>();
    paths.set(place, path);
    found.set(id, paths);
  }

  #open({ path, name, id, isRaw, highestBefore }: { readonly path: string; readonly name: string; readonly id: number; readonly isRaw: boolean; readonly highestBefore: number }): boolean {
    const { fileSystem, owner, largestSegment, ledger } = this.#options;
    const isUnknown = isRaw && !ledger.has(id);
    if (isUnknown && id <= ledger.floor) {
      this.refuse(path, 'older_than_remembered');
      return false;
    }
    const opened = openSegment(fileSystem, path, name, { device: this.#device, largestSegment, ...(owner === undefined ? {} : { owner }) });
    if (opened === 'gone') {
      if (!ledger.has(id)) this.vanished.add(id);
      return false;
    }
    if (typeof opened === 'string') {
      this.refuse(path, opened);
      return false;
    }
    if (isUnknown && id < highestBefore) {
      opened.close();
      throw new IoError('clock_went_back', `${path} was made after segment ${highestBefore} and has a lower id: the node's clock went back`, {
        fix: `set the clock right and restart Cassandra, so that its segments come after ${highestBefore}; then publish what was written meanwhile: cassandra-cdc-agent replay --from ${formatPosition({ segment: id, position: 0 })}`,
      });
    }
    this.vanished.delete(id);
    this.files.set(id, opened);
    this.#fresh.push(opened);
    return true;
  }

  #lookAtIndexNames(names: readonly string[]): void {
    const present = new Set(names);
    const indexes = names.filter((name) => INDEX_NAME.test(name));
    this.indexed = indexes.map((name) => Number(/-(\d+)_cdc/.exec(name)?.[1])).sort((a, b) => b - a);
    const alone = indexes.filter((name) => !present.has(name.replace(/_cdc\.idx$/, '.log')));
    // Twice: Cassandra may have linked the segment while the directory was being listed.
    this.orphans = alone.filter((name) => this.#orphansBefore.has(name));
    this.#orphansBefore = new Set(alone);
  }
}
