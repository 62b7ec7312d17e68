/**
 * The edge between the live source and the disk: so narrow that a test can be one, with hard links, open descriptors of
 * unlinked files and torn writes.
 */
import { closeSync, constants, fstatSync, fsyncSync, lstatSync, openSync, readSync, readdirSync, renameSync, unlinkSync, writeSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { cannotWrite } from '../../files/replace-file.js';
import { cannotRead } from '../read-error.js';

export interface FileFacts {
  readonly inode: number;
  readonly device: number;
  /** Names that the file has. */
  readonly links: number;
  readonly size: number;
  /** User id. */
  readonly owner: number;
  /** A regular file: no link, FIFO, directory, device. */
  readonly isFile: boolean;
}

export interface ReadRequest {
  readonly offset: number;
  readonly length: number;
  /** In the file. */
  readonly position: number;
}

export interface FileSystem {
  /** Names in a directory; throws IoError. */
  list(directory: string): string[];
  /** For reading; follows no link and waits for no FIFO. Throws the system's error. */
  open(path: string): number;
  facts(descriptor: number): FileFacts;
  /** Of the name itself, not of what it links to; undefined when there is no such name. */
  lookup(path: string): FileFacts | undefined;
  /** Bytes read: fewer than asked for at the end of the file. */
  read(descriptor: number, into: Buffer, request: ReadRequest): number;
  close(descriptor: number): void;
  /** As rename(2): does nothing, and says so to nobody, when both names are one file. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** A small file; undefined when it is not there, no regular file, or larger than `limit` bytes. */
  readText(path: string, limit: number): string | undefined;
  /** Durable when it returns: a start after a crash sees the old text or the new one. Throws IoError. */
  replaceText(path: string, text: string): void;
}

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export const nodeFileSystem: FileSystem = {
  list(directory) {
    try {
      return readdirSync(directory);
    } catch (cause) {
      throw cannotRead(directory, cause);
    }
  },
  open: (path) => openSync(path, OPEN_FLAGS),
  facts: (descriptor) => factsOf(fstatSync(descriptor)),
  lookup(path) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? undefined : factsOf(stats);
  },
  read: (descriptor, into, { offset, length, position }) => readSync(descriptor, into, offset, length, position),
  close: (descriptor) => closeSync(descriptor),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  readText,
  replaceText,
};

function factsOf(stats: Stats): FileFacts {
  return { inode: stats.ino, device: stats.dev, links: stats.nlink, size: stats.size, owner: stats.uid, isFile: stats.isFile() };
}

function readText(path: string, limit: number): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile() || size > limit) return undefined;
    const bytes = Buffer.alloc(size);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, size, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Without promises: what follows (the unlinking of a segment) must not happen before it. */
function replaceText(path: string, text: string): void {
  const partial = `${path}.tmp`;
  try {
    const descriptor = openSync(partial, 'w', 0o640);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** The system's code of an error (`ENOENT`), else its text. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
