/**
 * Entries of the log that name a table or column which neither the log, nor the history, nor the node itself knows. What
 * stands before the unknown in an entry was published; the entry is kept here as it was logged, and counted.
 *
 *   <directory>/<table id>.ndjson    one line per entry: {"position":"…","version":7,"decoded":<updates published>,"mutation":<base64>}
 */
import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPosition, type CommitLogPosition } from '../../parsers/index.js';
import { cannotWrite } from '../files/replace-file.js';

export interface UnknownEntry {
  /** Its first unknown table, or the table whose column is unknown. */
  readonly tableId: string;
  readonly position: CommitLogPosition;
  /** Of the commit-log segment. */
  readonly version: number;
  /** Updates of the entry before the unknown one, which were published. */
  readonly decoded: number;
  /** Serialized mutation: copied here. */
  readonly bytes: Uint8Array;
}

export interface UnknownTally {
  readonly tableId: string;
  entries: number;
  readonly first: CommitLogPosition;
  last: CommitLogPosition;
  /** Not kept any more, since the limit was reached. */
  dropped: number;
}

const DEFAULT_LIMIT = 64 * 2 ** 20;

export class UnknownEntries {
  readonly #directory: string;
  readonly #limit: number;
  readonly #tallies = new Map<string, UnknownTally>();
  readonly #lines = new Map<string, string[]>();
  #bytes = 0;
  #flushing: Promise<void> = Promise.resolve();

  private constructor(directory: string, limit: number, bytes: number) {
    this.#directory = directory;
    this.#limit = limit;
    this.#bytes = bytes;
  }

  /** `limit`: most bytes on disk; what comes later is only counted. */
  static async open(directory: string, limit = DEFAULT_LIMIT): Promise<UnknownEntries> {
    const names = await readdir(directory).catch(() => []);
    let bytes = 0;
    for (const name of names) bytes += (await stat(join(directory, name))).size;
    return new UnknownEntries(directory, limit, bytes);
  }

  /** Since the start, by table id. */
  get tallies(): ReadonlyMap<string, UnknownTally> {
    return this.#tallies;
  }

  /** Counts and remembers; on disk after `flush`. Gives the tally of the table. */
  keep({ tableId, position, version, decoded, bytes }: UnknownEntry): UnknownTally {
    const tally: UnknownTally = this.#tallies.get(tableId) ?? { tableId, entries: 0, first: position, last: position, dropped: 0 };
    this.#tallies.set(tableId, tally);
    tally.entries++;
    tally.last = position;
    const line = `${JSON.stringify({ position: formatPosition(position), version, decoded, mutation: Buffer.from(bytes).toString('base64') })}\n`;
    if (this.#bytes + line.length > this.#limit) {
      tally.dropped++;
      return tally;
    }
    this.#bytes += line.length;
    const lines = this.#lines.get(tableId);
    if (lines === undefined) this.#lines.set(tableId, [line]);
    else lines.push(line);
    return tally;
  }

  /** Undefined when there is nothing to write. Durable when it resolves; throws IoError. */
  flush(): Promise<void> | undefined {
    if (this.#lines.size === 0) return undefined;
    const batches = [...this.#lines];
    this.#lines.clear();
    return (this.#flushing = this.#flushing.then(() => this.#write(batches)));
  }

  async #write(batches: readonly (readonly [string, readonly string[]])[]): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o750 });
      for (const [tableId, lines] of batches) await appendFile(join(this.#directory, `${tableId}.ndjson`), lines.join(''), { mode: 0o640, flush: true });
    } catch (cause) {
      throw cannotWrite(this.#directory, cause);
    }
  }
}
