/** Commit-log files: keeping them while a node would delete them, ordering, copying. */
import { link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** Id of a segment or of its index file, from the name. */
export function segmentId(name: string): number {
  return Number(/^CommitLog-\d+-(\d+)(?:_cdc\.idx|\.log)$/.exec(name)?.[1] ?? NaN);
}

/** Names of the segments in a directory, in the order of their ids. */
export async function segmentsIn(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log') && !Number.isNaN(segmentId(name)));
  return names.sort((a, b) => segmentId(a) - segmentId(b));
}

/**
 * Holds every segment of a node by a second hard link, from soon after it is created: the node deletes its own link when
 * everything in it is flushed, and without CDC data the one in cdc_raw too.
 */
export class SegmentKeeper {
  readonly #from: string;
  readonly #directory: string;
  #watching: Promise<void> | undefined;
  #stopped = false;

  constructor(commitlogDir: string, directory: string) {
    this.#from = commitlogDir;
    this.#directory = directory;
  }

  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    this.#watching = this.#watch();
  }

  /** Ends the watch; what stands there now is linked too. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watching;
    await this.#linkAll();
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      await this.#linkAll();
      await sleep(50);
    }
  }

  async #linkAll(): Promise<void> {
    for (const name of await segmentsIn(this.#from)) {
      try {
        await link(join(this.#from, name), join(this.#directory, name));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
      }
    }
  }
}

/** Writes a file gzip-compressed as `<name>.gz`; the same bytes give the same file. */
export async function writeCompressed(directory: string, name: string, bytes: Buffer | string): Promise<void> {
  await writeFile(join(directory, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}

/** Copies segments compressed, and beside each its index file as it is, when cdc_raw has one. */
export async function copySegments(paths: readonly { readonly directory: string; readonly name: string }[], cdcRaw: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const indexes = (await readdir(cdcRaw)).filter((name) => name.endsWith('_cdc.idx'));
  for (const { directory, name } of paths) {
    await writeCompressed(to, name, await readFile(join(directory, name)));
    const index = indexes.find((each) => segmentId(each) === segmentId(name));
    if (index !== undefined) await writeFile(join(to, index), await readFile(join(cdcRaw, index)));
  }
}
