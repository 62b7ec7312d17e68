/** An agent around the live source: what it read, what is committed, what a crash leaves. */
import type { Gap, LiveListener } from '../../../../agent/source/live/reports.js';
import type { LiveSourceOptions } from '../../../../agent/source/live/live-options.js';
import { LiveSource } from '../../../../agent/source/live/live-source.js';
import type { NeededPosition } from '../../../../agent/source/live/retirement.js';
import { MutationFrames } from '../../../../parsers/index.js';
import { MemoryFiles } from './memory-files.js';
import { MODEL_KEY, ModelNode, RAW, type Mode } from './model-node.js';

export const SPOOL = '/data/spool';
export const QUARANTINE = '/data/quarantine';
export const LEDGER = '/state/segments.json';
export const DIRECTORIES = ['/data', RAW, '/data/commitlog', SPOOL, QUARANTINE, '/state'];

export interface Delivered {
  readonly text: string;
  readonly segment: number;
  readonly end: number;
}

export class ModelAgent {
  source!: LiveSource;
  readonly files: MemoryFiles;
  /** Ms; moved by the test. */
  now = 0;
  /** As Kafka has them. */
  readonly delivered: Delivered[] = [];
  readonly gaps: Gap[] = [];
  position: NeededPosition | undefined;
  /** Read, not committed. */
  #pending: (Delivered | Gap)[] = [];
  readonly #options: Partial<LiveSourceOptions>;
  readonly #frames = new MutationFrames();

  constructor(files: MemoryFiles, options: Partial<LiveSourceOptions> = {}) {
    this.files = files;
    this.#options = options;
    this.start();
  }

  start(listener: LiveListener = {}): void {
    this.source = new LiveSource({
      raw: RAW, ledger: LEDGER, spool: { directory: SPOOL, limit: 1 << 30, whenFull: 'block' }, quarantine: QUARANTINE,
      key: MODEL_KEY, fileSystem: this.files, pollInterval: 20, listInterval: 20, listener,
      clock: { now: () => this.now, sleep: () => Promise.resolve() }, ...this.#options,
    });
    if (this.position !== undefined) this.source.committed(this.position);
    this.source.begin(this.position);
  }

  /** A fault of Kafka: what was read and not committed is read again, with the files that are open. */
  rewind(): void {
    this.#pending = [];
    this.source.begin(this.position);
  }

  crash(): void {
    this.files.crash();
    this.#pending = [];
    this.start();
  }

  /** Time passes and nobody reads. */
  keepUp(): void {
    this.now += 20;
    const stop = new AbortController();
    void this.source.upkeep(stop.signal);
    stop.abort();
  }

  /** Time passes and everything that is visible is read, at most `most` items. */
  read(most = Infinity): number {
    this.now += 20;
    let count = 0;
    for (; count < most; count++) {
      const item = this.source.poll();
      if (item === undefined) break;
      if (item.kind === 'gap') {
        this.#pending.push(item.gap);
        continue;
      }
      this.#frames.open(item.section);
      while (this.#frames.next()) {
        const { bytes, start, end, position } = this.#frames;
        this.#pending.push({ text: bytes.toString('latin1', start, end), segment: item.segment.id, end: position });
      }
    }
    return count;
  }

  /** Kafka takes the first `most` of what was read. */
  commit(most = Infinity): void {
    const taken = this.#pending.splice(0, most);
    for (const one of taken) {
      if ('text' in one) this.delivered.push(one);
      else this.gaps.push(one);
      this.position = 'text' in one ? { segment: one.segment, position: one.end, index: 0 } : { ...one.to, index: 0 };
    }
    if (this.position !== undefined) this.source.committed(this.position);
  }

  readAndCommit(): void {
    for (let i = 0; i < 6; i++) {
      this.read();
      this.commit();
    }
  }

  get texts(): string[] {
    return this.delivered.map(({ text }) => text);
  }
}

export function world(mode: Mode = 'mmap', options: Partial<LiveSourceOptions> = {}): { files: MemoryFiles; node: ModelNode; agent: ModelAgent } {
  const files = new MemoryFiles(...DIRECTORIES);
  const node = new ModelNode(files, mode);
  return { files, node, agent: new ModelAgent(files, options) };
}

export const synced = (node: ModelNode): string[] => node.entries.filter(({ isSynced }) => isSynced).map(({ text }) => text);
export const names = (files: MemoryFiles, directory: string): string[] => files.list(directory).sort();
