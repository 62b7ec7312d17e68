/** All of one segment, step by step: sections, entries whose checksums hold, and damaged places, as they stand in the file. */
import { CommitLogSegmentReader, CorruptError, MutationFrames, type CommitLogDescriptor, type SegmentReaderOptions, type SegmentSource, type SyncSegment } from '../../parsers/index.js';

/** What `next()` came to. */
export const STEP = { END: 0, SECTION: 1, ENTRY: 2, DAMAGE: 3 } as const;
export type Step = (typeof STEP)[keyof typeof STEP];

/** A place that can't be read. */
export interface Damage {
  readonly error: CorruptError;
  /** As `inspect --dump` counts: of the entry or the section's marker. */
  readonly position: number;
  /** Position behind the entry and bytes of its mutation; -1 outside an entry. */
  readonly end: number;
  readonly size: number;
}

export class SegmentWalk {
  /** The entry of the last ENTRY step, and where the bytes of a damaged one are. */
  readonly frames = new MutationFrames();
  /** The section of the last SECTION step. */
  section: SyncSegment | undefined;
  /** The place of the last DAMAGE step. */
  damage: Damage | undefined;
  /** Sections whose marker holds, empty and unreadable ones too. */
  sections = 0;
  readonly #reader: CommitLogSegmentReader;
  #hasSection = false;
  #skip = false;

  /** Throws CorruptError when the segment is encrypted or compressed in a way that can't be undone with what was given. */
  constructor(source: SegmentSource, descriptor: CommitLogDescriptor, options: SegmentReaderOptions) {
    this.#reader = new CommitLogSegmentReader(source, descriptor, options);
  }

  /** File offset behind the last section. */
  get fileOffset(): number {
    return this.#reader.fileOffset;
  }

  next(): Step {
    return this.#hasSection ? this.#nextEntry() : this.#nextSection();
  }

  #nextEntry(): Step {
    const { frames } = this;
    try {
      if (frames.next()) return STEP.ENTRY;
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      return this.#damaged(error, frames.position, frames.size);
    }
    this.#hasSection = false;
    return this.#nextSection();
  }

  #nextSection(): Step {
    if (this.#skip) {
      this.#skip = false;
      if (!this.#reader.skipDamaged()) return STEP.END;
      this.sections++;
    }
    try {
      const section = this.#reader.next();
      if (typeof section === 'string') return STEP.END;
      this.section = section;
      this.sections++;
      this.frames.open(section);
      this.#hasSection = true;
      return STEP.SECTION;
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      this.#skip = true;
      return this.#damaged(error, -1, -1);
    }
  }

  #damaged(error: CorruptError, end: number, size: number): Step {
    this.damage = { error, position: error.position, end, size };
    return STEP.DAMAGE;
  }
}
