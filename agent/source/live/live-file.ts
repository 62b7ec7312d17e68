/** One segment file with its descriptor held open: an unlinked file stays readable to its end. */
import { CorruptError, MAX_DESCRIPTOR_LENGTH, readDescriptor, type CommitLogDescriptor, type SegmentSource } from '../../../parsers/index.js';
import { NOT_SYNCED, SYNC_MARKER_SIZE, readSyncMarker } from '../../../parsers/commitlog/sync-marker.js';
import { ReusedBuffer } from '../../../parsers/io/reused-buffer.js';
import { cannotRead } from '../read-error.js';
import type { FileSystem, ReadRequest } from './file-system.js';

/** Where a name of the file stands. */
export type Place = 'raw' | 'spool' | 'quarantine';

export interface LiveFileInit {
  readonly fileSystem: FileSystem;
  readonly descriptor: number;
  readonly name: string;
  readonly id: number;
  readonly version: number;
}

const SMALLEST_BUFFER = 1 << 16;

export class LiveFile implements SegmentSource {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly inode: number;
  readonly device: number;
  /** Names that it has in our directories, as last listed. */
  readonly paths = new Map<Place, string>();
  /** Undefined until Cassandra has written the header. */
  header: CommitLogDescriptor | undefined;
  /** Why the header can't be read, when that is not for want of bytes. */
  headerDamage: CorruptError | undefined;
  /** The first marker was seen, and the directories were listed again since. */
  isStarted = false;
  /** An older segment stood in cdc_raw when this one was first seen. */
  hasOlder = false;
  /** The last look at its links found none: Cassandra has closed and discarded it. */
  isUnlinked = false;
  /** Was seen to be much longer than what is written: mmap, whose end is the end. A growing file's end is none. */
  isPreallocated = false;
  /** Nothing will be written any more, said by its index. */
  isCompleted = false;
  readonly #fileSystem: FileSystem;
  readonly #descriptor: number;
  readonly #marker = Buffer.alloc(SYNC_MARKER_SIZE);
  readonly #buffer = new ReusedBuffer({ least: SMALLEST_BUFFER });
  #size = 0;
  #isOpen = true;

  constructor({ fileSystem, descriptor, name, id, version }: LiveFileInit) {
    this.#fileSystem = fileSystem;
    this.#descriptor = descriptor;
    this.name = name;
    this.id = id;
    this.version = version;
    const facts = fileSystem.facts(descriptor);
    this.inode = facts.inode;
    this.device = facts.device;
    this.#size = facts.size;
  }

  /** As of the last `refresh()`. */
  size(): number {
    return this.#size;
  }

  /** Looks at the file's size and links. */
  refresh(): void {
    const { size, links } = this.#fileSystem.facts(this.#descriptor);
    this.#size = size;
    this.isUnlinked = links === 0;
  }

  /** Throws CorruptError when the bytes are not there (yet). */
  read(position: number, length: number): Buffer {
    const buffer = this.#buffer.ofLength(length);
    let filled = 0;
    while (filled < length) {
      const count = this.#readSome(buffer, { offset: filled, length: length - filled, position: position + filled });
      if (count === 0) throw new CorruptError('marker_position', position, `the file ends ${length - filled} bytes early`);
      filled += count;
    }
    return buffer.subarray(0, length);
  }

  /** The 8-byte look: whether anything stands where a marker will be. Leaves the buffer of `read` alone. */
  hasMarkerAt(position: number): boolean {
    const count = this.#readSome(this.#marker, { offset: 0, length: SYNC_MARKER_SIZE, position });
    return count === SYNC_MARKER_SIZE && (this.#marker.readInt32BE(0) !== 0 || this.#marker.readInt32BE(4) !== 0);
  }

  /** End that a valid marker at `position` names, else undefined. Throws nothing. */
  markerAt(position: number): number | undefined {
    if (this.header === undefined || !this.hasMarkerAt(position)) return undefined;
    try {
      const end = readSyncMarker(this.#marker, 0, { segmentId: this.header.id, offset: position, size: this.#size });
      return end === NOT_SYNCED ? undefined : end;
    } catch (error) {
      if (error instanceof CorruptError) return undefined;
      throw error;
    }
  }

  /**
   * Reads the header when it is not known yet. Throws CorruptError `descriptor_version`: a segment that this agent can't
   * read must stop it, or its rows would be lost.
   */
  readHeader(): void {
    if (this.header !== undefined) return;
    this.refresh();
    this.headerDamage = undefined;
    try {
      this.header = readDescriptor(this.read(0, Math.min(MAX_DESCRIPTOR_LENGTH, this.#size)));
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      if (error.code === 'descriptor_version') throw new CorruptError(error.code, 0, `${this.name}: ${error.message}`, { cause: error });
      this.headerDamage = error;
    }
  }

  #readSome(into: Buffer, request: ReadRequest): number {
    try {
      return this.#fileSystem.read(this.#descriptor, into, request);
    } catch (cause) {
      throw cannotRead(this.name, cause);
    }
  }

  close(): void {
    if (this.#isOpen) this.#fileSystem.close(this.#descriptor);
    this.#isOpen = false;
    this.#buffer.release();
  }
}
