/**
 * Reads one segment from a position on, section by section, as far as Cassandra has written it. Three answers that are
 * never mixed up: a section, *nothing more yet*, *finished*; damage is the fourth, and only where bytes can't change any more.
 */
import { CommitLogSegmentReader, CorruptError, END_OF_SEGMENT, MutationFrames, WAITING, type CdcIndex, type SyncSegment } from '../../../parsers/index.js';
import { SYNC_MARKER_SIZE } from '../../../parsers/commitlog/sync-marker.js';
import type { LiveFile } from './live-file.js';
import type { LiveCounts, LiveListener } from './reports.js';

/** What is known of the segment, from before the read: so a later fact never speaks for an earlier read. */
export interface Outlook {
  /** Nothing will be written to it any more: a later one is started, its index says COMPLETED, or it has no name left. */
  readonly isFinal: boolean;
  /** Durability `fsync`: position up to which sections may be given; absent: as far as markers say. */
  readonly syncedTo?: number;
}

export interface TailPosition {
  /** Logical, as Cassandra counts: file offset in plain segments. */
  readonly position: number;
  /** As in StreamPosition: n > 0 = the entry that ends at `position` is needed again. */
  readonly index: number;
}

export interface TailOptions {
  readonly key?: Buffer | undefined;
  readonly resume?: TailPosition;
  readonly listener: LiveListener;
  readonly counts: LiveCounts;
}

export interface Damage {
  readonly error: CorruptError;
  /** Logical position of the section. */
  readonly position: number;
}

export type TailStep = SyncSegment | 'waiting' | 'finished' | { readonly damage: Damage };

/** Damage that no policy may skip: the configuration is wrong, not the log. */
const NEVER_SKIPPED = new Set(['encryption_key_missing', 'encryption_key_wrong', 'compression_unsupported', 'descriptor_version']);

export class SegmentTail {
  readonly file: LiveFile;
  readonly #reader: CommitLogSegmentReader;
  readonly #frames = new MutationFrames();
  readonly #options: TailOptions;
  /** Compressed or encrypted: closed by a section that holds nothing. */
  readonly #isPacked: boolean;
  #resume: TailPosition | undefined;
  /** Behind the last entry that was given, or passed over on resume. */
  #end = 0;
  /** Nothing can follow: the closing section was read, or damage that hides what is behind it. */
  #isOver = false;

  /** The header must be known. Throws CorruptError when the key or the compression is not usable. */
  constructor(file: LiveFile, options: TailOptions) {
    if (file.header === undefined) throw new CorruptError('descriptor_truncated', 0, `${file.name} has no header`);
    this.file = file;
    this.#options = options;
    this.#resume = options.resume;
    this.#isPacked = file.header.compression !== null || file.header.encryption !== null;
    this.#reader = new CommitLogSegmentReader(file, file.header, { key: options.key });
  }

  /** Position behind the last entry seen. */
  get end(): number {
    return this.#end;
  }

  /** Where the next section begins, logically. */
  get position(): number {
    return this.#reader.position;
  }

  /** Where the next section begins in the file. */
  get fileOffset(): number {
    return this.#reader.fileOffset;
  }

  /** The resume position lies behind all that there is. */
  get isShortOfResume(): boolean {
    return this.#resume !== undefined && this.#resume.position > this.#reader.position;
  }

  /** Throws CorruptError for what is no damage but a wrong configuration. The section is valid until the next call. */
  next(outlook: Outlook): TailStep {
    for (;;) {
      if (this.#isOver) return 'finished';
      if (!this.file.hasMarkerAt(this.#reader.fileOffset)) return this.#atEnd(outlook);
      this.file.refresh();
      const end = this.#logicalEnd();
      if (end > (outlook.syncedTo ?? Infinity)) return 'waiting';
      if (this.#skipBehindResume(end)) continue;
      const step = this.#read(outlook);
      if (step === undefined) continue;
      return step;
    }
  }

  /** Goes on behind a damaged section, where its marker can be trusted; else the segment ends here. */
  skipDamage(): void {
    if (!this.#reader.skipDamaged()) this.#isOver = true;
    this.#end = Math.max(this.#end, this.#reader.position);
    this.#dropResume();
  }

  #atEnd({ isFinal }: Outlook): 'waiting' | 'finished' {
    if (isFinal) return 'finished';
    // The last marker reaches the end of the file: an end only where the file had its full size from the beginning.
    return this.file.isPreallocated && this.#reader.fileOffset + SYNC_MARKER_SIZE > this.file.size() ? 'finished' : 'waiting';
  }

  /** Undefined: nothing in it, look at the next. */
  #read(outlook: Outlook): TailStep | undefined {
    const { fileOffset, position } = this.#reader;
    try {
      const section = this.#reader.next();
      if (section === WAITING || section === END_OF_SEGMENT) return this.#atEnd(outlook);
      return this.#checked(section);
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      this.#moveTo(fileOffset, position);
      return this.#judge(error, outlook);
    }
  }

  /** Walks the entries: they must end exactly at the section's end, with every checksum right. */
  #checked(section: SyncSegment): SyncSegment | undefined {
    const frames = this.#frames;
    const resume = this.#resume;
    let { start } = section;
    frames.open(section);
    while (frames.next()) {
      if (resume !== undefined && (frames.position < resume.position || (frames.position === resume.position && resume.index === 0))) start = frames.position - section.base;
    }
    this.#options.counts.readBytes += section.fileEnd - section.fileStart;
    if (section.end > section.start) this.#end = section.base + section.end;
    else if (this.#isPacked) this.#isOver = true;
    this.#dropResume();
    if (start >= section.end) return undefined;
    return start === section.start ? section : { ...section, start };
  }

  /**
   * Bytes become visible one after the other, so a section that does not hold may be one that is not all there. It is
   * damage only when nothing can change any more, and it does not hold even then.
   */
  #judge(error: CorruptError, { isFinal }: Outlook): TailStep {
    const { fileOffset, position } = this.#reader;
    const end = this.file.markerAt(fileOffset);
    if (isFinal || (end !== undefined && this.file.markerAt(end) !== undefined)) {
      const again = this.#readAgain();
      if (again === undefined) return 'waiting';
      if (NEVER_SKIPPED.has(again.code)) throw again;
      return { damage: { error: again, position } };
    }
    this.#options.counts.torn++;
    this.#options.listener.torn?.(this.file.id, position, error.code);
    return 'waiting';
  }

  /** The error of a fresh read, which began after the later marker was seen; undefined when the section holds now. */
  #readAgain(): CorruptError | undefined {
    const { fileOffset, position } = this.#reader;
    try {
      this.file.refresh();
      const section = this.#reader.next();
      if (typeof section !== 'string') {
        this.#frames.open(section);
        while (this.#frames.next());
      }
      return undefined;
    } catch (error) {
      if (error instanceof CorruptError) return error;
      throw error;
    } finally {
      this.#moveTo(fileOffset, position);
    }
  }

  #moveTo(fileOffset: number, position: number): void {
    this.#reader.fileOffset = fileOffset;
    this.#reader.position = position;
  }

  /** Passes over a section that ends at or before the resume position, by its marker alone. */
  #skipBehindResume(logicalEnd: number): boolean {
    const resume = this.#resume;
    if (resume === undefined || logicalEnd <= this.#reader.position + SYNC_MARKER_SIZE) return false;
    if (logicalEnd > resume.position || (logicalEnd === resume.position && resume.index > 0)) return false;
    const fileEnd = this.file.markerAt(this.#reader.fileOffset);
    if (fileEnd === undefined) return false;
    this.#moveTo(fileEnd, logicalEnd);
    this.#end = logicalEnd;
    this.#dropResume();
    return true;
  }

  /** Where the section at hand ends by its marker and the length that it claims; 0 when they are nothing to rely on. */
  #logicalEnd(): number {
    const { fileOffset, position } = this.#reader;
    const end = this.file.markerAt(fileOffset);
    if (end === undefined) return 0;
    if (!this.#isPacked) return end;
    if (end - fileOffset < SYNC_MARKER_SIZE + 4) return 0;
    try {
      return position + SYNC_MARKER_SIZE + this.file.read(fileOffset + SYNC_MARKER_SIZE, 4).readInt32BE(0);
    } catch (error) {
      if (error instanceof CorruptError) return 0;
      throw error;
    }
  }

  /** Everything before the resume position is behind us. */
  #dropResume(): void {
    const resume = this.#resume;
    if (resume === undefined) return;
    if (this.#reader.position > resume.position || (this.#reader.position === resume.position && resume.index === 0)) this.#resume = undefined;
  }
}

/** Highest position that the index confirms: COMPLETED says all, also after replay, when the number is the physical length. */
export function syncedTo(index: CdcIndex | null): number {
  return index === null ? 0 : index.completed ? Infinity : index.offset;
}
