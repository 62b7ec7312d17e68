/** Bytes of a segment file, read into one buffer that is used again. cdc_raw is hostile input: only a regular file is read. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { SegmentSource } from '../../parsers/index.js';
import { ReusedBuffer } from '../../parsers/io/reused-buffer.js';
import { IoError } from '../errors.js';
import { cannotRead } from './read-error.js';

/** Positions are Java ints. */
const LARGEST_SEGMENT = 0x7fffffff;
/** Bytes. */
const SMALLEST_BUFFER = 1 << 20;

/** To read files to, one after the other. */
export function readBuffer(): ReusedBuffer {
  return new ReusedBuffer({ least: SMALLEST_BUFFER });
}

export class FileSource implements SegmentSource {
  readonly path: string;
  readonly #descriptor: number;
  readonly #size: number;
  readonly #buffer: ReusedBuffer;

  /** `buffer`: of those who read one file after the other. Throws IoError when the path is a link, no regular file, too large, or can't be opened. */
  constructor(path: string, buffer = readBuffer()) {
    this.path = path;
    this.#buffer = buffer;
    this.#descriptor = openRegularFile(path);
    this.#size = fstatSync(this.#descriptor).size;
    if (this.#size > LARGEST_SEGMENT) {
      this.close();
      throw new IoError('segment_too_large', `${path} has ${this.#size} bytes, more than a segment can have`, { fix: 'remove the file: Cassandra did not write it' });
    }
  }

  /** As it was when the file was opened. */
  size(): number {
    return this.#size;
  }

  read(position: number, length: number): Buffer {
    const bytes = this.#buffer.ofLength(length).subarray(0, length);
    let filled = 0;
    while (filled < length) {
      const count = this.#readSome(bytes.subarray(filled), position + filled);
      if (count === 0) throw new IoError('segment_truncated', `${this.path} became shorter while it was read`, { fix: 'copy the directory while nobody writes to it' });
      filled += count;
    }
    return bytes;
  }

  #readSome(target: Buffer, position: number): number {
    try {
      return readSync(this.#descriptor, target, 0, target.length, position);
    } catch (cause) {
      throw cannotRead(this.path, cause);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function openRegularFile(path: string): number {
  let descriptor: number;
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for its writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new IoError('not_a_file', `${path} is not a regular file`, { fix: 'remove it: cdc_raw holds files only' });
}
