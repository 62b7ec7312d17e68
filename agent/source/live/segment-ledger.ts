/**
 * Which segments were seen, kept over restarts. Cassandra links finished segments again when it replays them, and ids go
 * back when the clock does: the two are told apart by whether the id was ever seen.
 *
 *   {"version":1,"floor":0,"segments":[[id,end],…]}
 *     floor  ids up to it are not remembered
 *     end    position behind the last entry when the segment was read to its end, else -1
 */
import { IoError } from '../../errors.js';
import type { FileSystem } from './file-system.js';

/** In the state directory. */
export const LEDGER_FILE = 'segments.json';
const VERSION = 1;
const LARGEST_FILE = 16 << 20;
/** More than replay can bring back: Cassandra's commitlog_total_space holds 256 segments by default. */
const REMEMBERED = 4096;
export const NOT_FINISHED = -1;

export class SegmentLedger {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  readonly #ends = new Map<number, number>();
  #floor = 0;
  #highest = 0;
  /** Began without a file. */
  #isNew: boolean;
  #isDirty = false;

  /** Throws IoError when the file is damaged. */
  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.#path = path;
    const text = fileSystem.lookup(path) === undefined ? undefined : fileSystem.readText(path, LARGEST_FILE) ?? '';
    this.#isNew = text === undefined;
    if (text !== undefined) this.#load(text);
  }

  /** Where there was no ledger: nothing is known of ids up to `floor`. */
  startAt(floor: number): void {
    if (!this.#isNew) return;
    this.#isNew = false;
    this.#floor = Math.max(this.#floor, floor);
    for (const id of [...this.#ends.keys()]) if (id <= this.#floor) this.#ends.delete(id);
    this.#isDirty = true;
  }

  /** Highest id that was seen with a marker; 0 = none. */
  get highest(): number {
    return this.#highest;
  }

  /** Ids above it that are not in the ledger were never seen. */
  get floor(): number {
    return this.#floor;
  }

  has(id: number): boolean {
    return this.#ends.has(id);
  }

  /** Position behind the last entry, NOT_FINISHED, or undefined when the segment was never seen. */
  endOf(id: number): number | undefined {
    return this.#ends.get(id);
  }

  /** Ids above `id`, ascending. */
  above(id: number): number[] {
    return [...this.#ends.keys()].filter((one) => one > id).sort((a, b) => a - b);
  }

  see(id: number): void {
    if (this.#ends.has(id)) return;
    this.#ends.set(id, NOT_FINISHED);
    this.#highest = Math.max(this.#highest, id);
    this.#isDirty = true;
    if (this.#ends.size > REMEMBERED) this.#forgetOldest();
  }

  finish(id: number, end: number): void {
    this.see(id);
    if (this.#ends.get(id) === end) return;
    this.#ends.set(id, end);
    this.#isDirty = true;
  }

  /** Before anything that relies on it over a crash: a delivery, an unlink. */
  flush(): void {
    if (!this.#isDirty) return;
    const segments = [...this.#ends].sort(([a], [b]) => a - b);
    this.#fileSystem.replaceText(this.#path, JSON.stringify({ version: VERSION, floor: this.#floor, segments }));
    this.#isDirty = false;
  }

  #forgetOldest(): void {
    const oldest = [...this.#ends.keys()].sort((a, b) => a - b).slice(0, this.#ends.size - REMEMBERED);
    for (const id of oldest) this.#ends.delete(id);
    this.#floor = Math.max(this.#floor, oldest[oldest.length - 1]);
  }

  #load(text: string): void {
    const parsed = parse(text);
    if (parsed === undefined) {
      throw new IoError('ledger_damaged', `${this.#path} is damaged: which segments were read is not known`, { fix: 'check the disk; then remove the file: the position in Kafka still says where to go on, finished segments before it stay in cdc_raw' });
    }
    this.#floor = parsed.floor;
    for (const [id, end] of parsed.segments) {
      this.#ends.set(id, end);
      this.#highest = Math.max(this.#highest, id);
    }
  }
}

function parse(text: string): { floor: number; segments: [number, number][] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, floor, segments } = (value ?? {}) as Record<string, unknown>;
  if (version !== VERSION || !Number.isSafeInteger(floor) || !Array.isArray(segments)) return undefined;
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && pair.every((one) => Number.isSafeInteger(one));
  return segments.every(isPair) ? { floor: floor as number, segments: segments as [number, number][] } : undefined;
}
