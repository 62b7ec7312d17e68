/**
 * The checkpoint on disk: `checkpoint.json`, and `checkpoint.previous.json` behind it. Written as tmp + fsync + rename +
 * fsync of the directory, at most once a second; a crash at any step leaves a whole file of one of the two names.
 */
import type { FileHandle } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { IoError } from '../errors.js';
import { formatCheckpoint, parseCheckpoint, type Checkpoint, type Parsed } from './checkpoint.js';

export const CHECKPOINT_FILE = 'checkpoint.json';
export const PREVIOUS_FILE = 'checkpoint.previous.json';
const TEMPORARY_FILE = 'checkpoint.tmp';
const SECOND_NAME = 'checkpoint.previous.tmp';
const EVERY_MS = 1000;

/** What is needed of node:fs/promises: tests let it fail at any step. */
export type FileSystem = Pick<typeof fs, 'open' | 'rename' | 'readFile' | 'link' | 'unlink'>;

export interface StoreOptions {
  readonly fileSystem?: FileSystem;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly everyMs?: number;
}

export class CheckpointStore {
  readonly #directory: string;
  readonly #fs: FileSystem;
  readonly #now: () => number;
  readonly #everyMs: number;
  #pending: Checkpoint | undefined;
  #writing: Promise<void> | undefined;
  #writtenAt = -Infinity;

  constructor(directory: string, { fileSystem = fs, now = () => performance.now(), everyMs = EVERY_MS }: StoreOptions = {}) {
    this.#directory = directory;
    this.#fs = fileSystem;
    this.#now = now;
    this.#everyMs = everyMs;
  }

  get path(): string {
    return join(this.#directory, CHECKPOINT_FILE);
  }

  get previousPath(): string {
    return join(this.#directory, PREVIOUS_FILE);
  }

  /** null = there is no such file. */
  async load(path = this.path): Promise<Parsed | null> {
    try {
      return parseCheckpoint(await this.#fs.readFile(path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw ioError(error, `the checkpoint ${path} can not be read`);
    }
  }

  /** Remembers the newest and writes it when a second has passed since the last one. Call it after every commit. */
  async offer(checkpoint: Checkpoint): Promise<void> {
    this.#pending = checkpoint;
    if (this.#now() - this.#writtenAt >= this.#everyMs) await this.flush();
  }

  /** Writes what was offered last, if it is not on disk yet: at a stop, and when nothing moves any more. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    const checkpoint = this.#pending;
    if (checkpoint === undefined) return;
    this.#pending = undefined;
    this.#writtenAt = this.#now();
    this.#writing = this.#write(checkpoint).finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const temporary = join(this.#directory, TEMPORARY_FILE);
    try {
      await this.#withFile(temporary, 'w', async (file) => {
        await file.writeFile(formatCheckpoint(checkpoint));
        await file.sync();
      });
      await this.#keepPrevious();
      await this.#fs.rename(temporary, this.path);
      await this.#withFile(this.#directory, 'r', (directory) => directory.sync());
    } catch (error) {
      throw ioError(error, `the checkpoint can not be written in ${this.#directory}`);
    }
  }

  /** The current file gets a second name, which then takes the place of the previous one: neither is ever missing. */
  async #keepPrevious(): Promise<void> {
    const second = join(this.#directory, SECOND_NAME);
    await this.#fs.unlink(second).catch(ignoreMissing);
    try {
      await this.#fs.link(this.path, second);
    } catch (error) {
      ignoreMissing(error);
      return;
    }
    await this.#fs.rename(second, this.previousPath);
  }

  async #withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
    const file = await this.#fs.open(path, flags, 0o640);
    try {
      await use(file);
    } finally {
      await file.close();
    }
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function ioError(error: unknown, message: string): IoError {
  return new IoError('checkpoint_io', `${message}: ${(error as Error).message}`, { fix: 'check the state directory: rights, space, file system', cause: error });
}
