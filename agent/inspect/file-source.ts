/** A segment in a file that the user named: read in pieces, so that memory holds one section at a time. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { IoError } from '../errors.js';
import type { SegmentSource } from '../../parsers/index.js';
import { ReusedBuffer } from '../../parsers/io/reused-buffer.js';

/** Opens a regular file for reading; anything else (a FIFO, a device) is refused, not waited for. */
export function openRegularFile(path: string): number {
  let descriptor: number;
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for its writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new IoError('not_a_file', `${path} is not a regular file`, { fix: 'name a commit-log segment, or a directory that holds some' });
  }
  return descriptor;
}

export function cannotRead(path: string, cause: unknown): IoError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const known: Record<string, readonly [string, string]> = {
    ENOENT: [`${path} does not exist`, 'check the path'],
    EACCES: [`${path} can't be read: permission denied`, 'run as a user of Cassandra\'s group, or copy the file to where you can read it'],
    EISDIR: [`${path} is a directory`, 'name a file'],
  };
  const [message, fix] = known[code] ?? [`${path} can't be read: ${code}`, 'check the disk and the path'];
  return new IoError('read_failed', message, { fix, cause });
}

export class FileSource implements SegmentSource {
  readonly path: string;
  readonly #descriptor: number;
  readonly #size: number;
  readonly #buffer = new ReusedBuffer({ least: 65_536 });

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openRegularFile(path);
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** As it was when the file was opened. */
  size(): number {
    return this.#size;
  }

  read(position: number, length: number): Buffer {
    const buffer = this.#buffer.ofLength(length);
    let filled = 0;
    try {
      while (filled < length) {
        const count = readSync(this.#descriptor, buffer, filled, length - filled, position + filled);
        if (count === 0) throw Object.assign(new Error('the file became shorter'), { code: 'truncated while it was read' });
        filled += count;
      }
    } catch (cause) {
      throw cannotRead(this.path, cause);
    }
    return buffer.subarray(0, length);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
