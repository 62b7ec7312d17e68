/** What segments are there, and how much is in them: looked at from outside of a running source, nothing is changed. */
import { join } from 'node:path';
import { MutationFrames, parseSegmentFileName } from '../../../parsers/index.js';
import { IoError } from '../../errors.js';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import type { Place } from './live-file.js';
import { openSegment } from './open-segment.js';
import { END_OF_SEGMENT_POSITION, LiveCounts, type Refusal } from './reports.js';
import { SegmentTail } from './segment-tail.js';

export interface SurveyOptions {
  readonly raw: string;
  readonly spool?: string | undefined;
  readonly quarantine?: string | undefined;
  /** User id of Cassandra; not given: any. */
  readonly owner?: number | undefined;
  /** Of an encrypted log. */
  readonly key?: Buffer | undefined;
  /** Bytes; 256 MiB. */
  readonly largestSegment?: number;
  readonly fileSystem?: FileSystem;
}

export interface SurveyedSegment {
  readonly id: number;
  readonly name: string;
  /** By place. */
  readonly paths: ReadonlyMap<Place, string>;
  /** Of the file. In mmap mode the live one has its full size from the beginning. */
  readonly size: number;
  /** Has its first marker: one that is not started stands ready for what Cassandra will write. */
  readonly isStarted: boolean;
}

export interface Survey {
  /** By id, ascending. */
  readonly segments: readonly SurveyedSegment[];
  /** Files that a source would not read. */
  readonly refused: readonly Refusal[];
}

/** How far a segment is written and synced. */
export interface SegmentEnd {
  /** Behind the last entry; 0 when there is none. */
  readonly position: number;
  /** Length in the file of everything up to there. */
  readonly bytes: number;
}

type Found = SurveyedSegment & { readonly paths: Map<Place, string> };

const LARGEST_SEGMENT = 256 << 20;
/** What is not whole at the end may be on its way. */
const STILL_WRITTEN = { isFinal: false };

export class SegmentSurvey {
  readonly #options: SurveyOptions;
  readonly #fileSystem: FileSystem;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
  }

  /** Throws IoError when cdc_raw can't be read, or a segment is there twice under different names. */
  look(): Survey {
    const found = new Map<number, Found>();
    const refused: Refusal[] = [];
    this.#list(found, refused);
    // What was linked during the listing: Cassandra links every earlier segment before it writes a first marker.
    const newest = newestStarted(found.values()) ?? 0;
    this.#list(found, [], newest);
    return { segments: [...found.values()].sort((a, b) => a.id - b.id), refused };
  }

  /** By its markers: nothing between them is read. Throws CorruptError when key or compression is not usable. */
  endOf(segment: SurveyedSegment): SegmentEnd {
    return this.#tailed(segment, END_OF_SEGMENT_POSITION, (tail) => {
      while (isMore(tail));
      return { position: tail.end, bytes: tail.fileOffset };
    }) ?? { position: 0, bytes: 0 };
  }

  /** Entries behind `from`, up to `to`, and how much of the file their sections take. */
  between(segment: SurveyedSegment, { from, to }: { readonly from: number; readonly to: number }): { readonly entries: number; readonly bytes: number } {
    const frames = new MutationFrames();
    return this.#tailed(segment, from, (tail) => {
      let entries = 0;
      let bytes = 0;
      for (let step = tail.next(STILL_WRITTEN); typeof step === 'object'; step = tail.next(STILL_WRITTEN)) {
        if ('damage' in step) {
          tail.skipDamage();
          continue;
        }
        if (step.base + step.start >= to) break;
        const before = entries;
        frames.open(step);
        while (frames.next()) if (frames.position <= to) entries++;
        if (entries > before) bytes += step.fileEnd - step.fileStart;
      }
      return { entries, bytes };
    }) ?? { entries: 0, bytes: 0 };
  }

  #list(found: Map<number, Found>, refused: Refusal[], newest = Infinity): void {
    const { raw, spool, quarantine } = this.#options;
    for (const [place, directory] of [['raw', raw], ['spool', spool], ['quarantine', quarantine]] as const) {
      if (directory === undefined || (place !== 'raw' && this.#fileSystem.lookup(directory) === undefined)) continue;
      for (const name of this.#fileSystem.list(directory)) this.#sight({ place, name, path: join(directory, name) }, { found, refused, newest });
    }
  }

  #sight({ place, name, path }: { readonly place: Place; readonly name: string; readonly path: string }, { found, refused, newest }: { readonly found: Map<number, Found>; readonly refused: Refusal[]; readonly newest: number }): void {
    const parsed = parseSegmentFileName(name);
    if (parsed === null) return;
    const { id } = parsed;
    const known = found.get(id);
    if (known !== undefined) {
      if (known.name !== name) throw new IoError('segment_twice', `${known.name} and ${path} have one id`, { fix: 'keep the one that Cassandra wrote' });
      known.paths.set(place, path);
      return;
    }
    const file = this.#open(path, name);
    if (file === 'gone') return;
    if (typeof file === 'string') {
      refused.push({ path, reason: file });
      return;
    }
    found.set(id, { id, name, paths: new Map([[place, path]]), size: file.size(), isStarted: id <= newest && file.header !== undefined && file.hasMarkerAt(file.header.length) });
    file.close();
  }

  #open(path: string, name: string): ReturnType<typeof openSegment> {
    const { raw, owner, largestSegment = LARGEST_SEGMENT } = this.#options;
    const device = this.#fileSystem.lookup(raw)?.device ?? -1;
    return openSegment(this.#fileSystem, path, name, { device, largestSegment, ...(owner === undefined ? {} : { owner }) });
  }

  /** Undefined: it has no header yet. */
  #tailed<T>(segment: SurveyedSegment, resume: number, use: (tail: SegmentTail) => T): T | undefined {
    for (const path of segment.paths.values()) {
      const file = this.#open(path, segment.name);
      if (typeof file === 'string') continue;
      try {
        if (file.header === undefined) return undefined;
        return use(new SegmentTail(file, { key: this.#options.key, listener: {}, counts: new LiveCounts(), resume: { position: resume, index: 0 } }));
      } finally {
        file.close();
      }
    }
    throw new IoError('segment_moved', `segment ${segment.id} went away while it was looked at`, { fix: 'look again' });
  }
}

/** The id of the one that Cassandra writes, or wrote last. */
export function newestStarted(segments: Iterable<SurveyedSegment>): number | undefined {
  let newest: number | undefined;
  for (const { id, isStarted } of segments) if (isStarted && id >= (newest ?? 0)) newest = id;
  return newest;
}

function isMore(tail: SegmentTail): boolean {
  const step = tail.next(STILL_WRITTEN);
  if (typeof step === 'string') return false;
  if ('damage' in step) tail.skipDamage();
  return true;
}
