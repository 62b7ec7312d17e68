/**
 * Walks the sync sections of a segment. Mirrors org.apache.cassandra.db.commitlog.CommitLogSegmentReader.
 *
 *   <segment> is <descriptor><section>*<zeros>
 *
 * After a crash plausible entries may stand behind the last marker: Cassandra stops at the marker, and so does this.
 */
import { CorruptError } from '../errors.js';
import type { CommitLogDescriptor } from './descriptor.js';
import type { SegmentSource } from './segment-source.js';
import { segmenterFor, type Segmenter } from './segmenter.js';
import { NOT_SYNCED, SYNC_MARKER_SIZE, readSyncMarker } from './sync-marker.js';

/** Of the length that compressed and encrypted sections begin with. */
const LENGTH_SIZE = 4;

/** A section whose entries are in the clear. `data` is valid until the reader moves on. */
export interface SyncSegment {
  readonly data: Buffer;
  /** Entries are `data[start..end)`. */
  readonly start: number;
  readonly end: number;
  /** Position in the segment of `data[0]`. */
  readonly base: number;
  /** File offsets of the section's marker and of the next one. */
  readonly fileStart: number;
  readonly fileEnd: number;
}

/** Nothing more has been synced yet: ask again. */
export const WAITING = 'waiting';
/** The segment is finished: nothing will follow. */
export const END_OF_SEGMENT = 'end';

export interface SegmentReaderOptions {
  /** AES key of an encrypted segment. */
  readonly key?: Buffer | undefined;
}

/**
 * `next()` until END_OF_SEGMENT or WAITING. It throws CorruptError and stays where it is: at the live end the caller
 * tries again, since bytes become visible one after the other; otherwise `skipDamaged()` goes on behind the damage.
 */
export class CommitLogSegmentReader {
  readonly descriptor: CommitLogDescriptor;
  /** File offset of the next sync marker. */
  fileOffset: number;
  /** Position in the segment of the next sync marker. */
  position: number;
  readonly #source: SegmentSource;
  readonly #segmenter: Segmenter;
  #ended = false;

  constructor(source: SegmentSource, descriptor: CommitLogDescriptor, options: SegmentReaderOptions = {}) {
    this.#source = source;
    this.descriptor = descriptor;
    this.fileOffset = descriptor.length;
    this.position = descriptor.length;
    this.#segmenter = segmenterFor(descriptor, options.key);
  }

  next(): SyncSegment | typeof WAITING | typeof END_OF_SEGMENT {
    if (this.#ended) return END_OF_SEGMENT;
    const end = this.#readMarker();
    if (end === NOT_SYNCED) return this.#endsHere();
    const fileStart = this.fileOffset;
    const body = this.#source.read(fileStart + SYNC_MARKER_SIZE, end - fileStart - SYNC_MARKER_SIZE);
    const base = this.position + SYNC_MARKER_SIZE;
    const content = this.#segmenter.open(body, fileStart);
    this.#advance(end, content.end - content.start);
    // Cassandra closes a compressed or encrypted segment with a section that holds nothing.
    if (!this.#isPlain() && content.end === content.start) this.#ended = true;
    return { ...content, base: base - content.start, fileStart, fileEnd: end };
  }

  /**
   * Moves behind a section that `next()` could not read; false when its marker can't be trusted either, which ends the
   * segment: sections are found by their markers only.
   */
  skipDamaged(): boolean {
    let end: number;
    try {
      end = this.#readMarker();
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      end = NOT_SYNCED;
    }
    if (end === NOT_SYNCED) {
      this.#ended = true;
      return false;
    }
    this.#advance(end, this.#claimedLength(end));
    return true;
  }

  /**
   * Moves behind the next section without reading it: `next()` goes on there as if it had. True; or what `next()` says where
   * there is no section. Throws CorruptError where its marker is damaged.
   */
  skip(): true | typeof WAITING | typeof END_OF_SEGMENT {
    if (this.#ended) return END_OF_SEGMENT;
    const end = this.#readMarker();
    if (end === NOT_SYNCED) return this.#endsHere();
    const length = this.#claimedLength(end);
    this.#advance(end, length);
    if (!this.#isPlain() && length === 0) this.#ended = true;
    return true;
  }

  #endsHere(): typeof WAITING | typeof END_OF_SEGMENT {
    return this.#hasRoom() || !this.#isPlain() ? WAITING : END_OF_SEGMENT;
  }

  /** Length in the clear of the section up to `end`. */
  #claimedLength(end: number): number {
    const bodyStart = this.fileOffset + SYNC_MARKER_SIZE;
    const length = end - bodyStart;
    return this.#segmenter.claimedLength(this.#source.read(bodyStart, Math.min(length, LENGTH_SIZE)), length);
  }

  #readMarker(): number {
    if (!this.#hasRoom()) return NOT_SYNCED;
    const marker = this.#source.read(this.fileOffset, SYNC_MARKER_SIZE);
    return readSyncMarker(marker, 0, { segmentId: this.descriptor.id, offset: this.fileOffset, size: this.#source.size() });
  }

  #hasRoom(): boolean {
    return this.fileOffset + SYNC_MARKER_SIZE <= this.#source.size();
  }

  #isPlain(): boolean {
    return this.descriptor.compression === null && this.descriptor.encryption === null;
  }

  #advance(fileEnd: number, length: number): void {
    this.fileOffset = fileEnd;
    this.position += SYNC_MARKER_SIZE + length;
  }
}
