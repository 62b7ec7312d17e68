/** As much of Cassandra as cdc_raw shows: linking, syncing, discarding, replay (CommitLogSegmentManagerCDC, CommitLogReplayer). */
import { SegmentWriter, type SegmentOptions } from '../../../helpers/segment-writer.js';
import type { Inode, MemoryFiles } from './memory-files.js';

export type Mode = 'mmap' | 'direct' | 'compressed' | 'encrypted';

export interface ModelEntry {
  readonly text: string;
  readonly isCdc: boolean;
  readonly segment: number;
  /** Position behind it. */
  readonly end: number;
  isSynced: boolean;
  /** The node died before it was synced. */
  isLost: boolean;
}

interface ModelSegment {
  readonly id: number;
  readonly name: string;
  readonly writer: SegmentWriter;
  readonly inode: Inode;
  hasCdc: boolean;
  isClosed: boolean;
}

export const RAW = '/data/cdc_raw';
export const LOG = '/data/commitlog';
const ENCRYPTION = { key: Buffer.alloc(16, 7), iv: Buffer.alloc(16, 9), keyAlias: 'model', chunkLength: 64 };
export const MODEL_KEY = ENCRYPTION.key;
const MMAP_SIZE = 200_000;
const BLOCK = 512;

export class ModelNode {
  readonly files: MemoryFiles;
  readonly entries: ModelEntry[] = [];
  readonly mode: Mode;
  clock = 1_000_000;
  active!: ModelSegment;
  spare!: ModelSegment;
  /** Closed, not discarded. */
  closed: ModelSegment[] = [];
  #lastId = 0;
  #count = 0;

  constructor(files: MemoryFiles, mode: Mode) {
    this.files = files;
    this.mode = mode;
    this.start();
  }

  start(): void {
    this.active = this.#create();
    this.spare = this.#create();
  }

  append(isCdc: boolean, filler = 0): void {
    const { active } = this;
    const text = `${active.id}/${this.#count++}${isCdc ? '!' : '?'}`.padEnd(16 + filler, '.');
    const { end } = active.writer.append(Buffer.from(text));
    if (isCdc) active.hasCdc = true;
    this.entries.push({ text, isCdc, segment: active.id, end, isSynced: false, isLost: false });
  }

  /** Entries become visible. `torn`: only so much of the new bytes, until the next call. */
  sync(torn?: number): void {
    const isNew = this.active.writer.pendingEntries.length > 0;
    this.active.writer.sync();
    this.#show(this.active, isNew ? torn : undefined);
  }

  /** The active segment is full. */
  roll(): void {
    const before = this.active;
    before.writer.close();
    before.isClosed = true;
    this.#show(before);
    this.closed.push(before);
    this.active = this.spare;
    this.spare = this.#create();
  }

  /** So many full segments of one entry, and one entry in the next, which is synced. */
  fill(segments: number): void {
    for (let i = 0; i < segments; i++) {
      this.append(true);
      this.roll();
    }
    this.append(true);
    this.sync();
  }

  /** Memtables were flushed: the oldest closed segment is not needed any more (CommitLogSegmentManagerCDC.discard). */
  discard(): void {
    const segment = this.closed.shift();
    if (segment === undefined) return;
    this.files.remove(`${LOG}/${segment.name}`);
    if (segment.hasCdc) return;
    this.files.remove(`${RAW}/${segment.name}`);
    this.files.remove(indexPath(segment.name));
  }

  /** `cdc_block_writes: false` and no space: the oldest link goes, read or not. Discarded too, so that replay does not bring it back. */
  dropOldest(): number | undefined {
    const oldest = this.closed.find(({ name }) => this.files.names.has(`${RAW}/${name}`));
    if (oldest === undefined) return undefined;
    this.closed.splice(this.closed.indexOf(oldest), 1);
    for (const path of [`${RAW}/${oldest.name}`, `${LOG}/${oldest.name}`, indexPath(oldest.name)]) this.files.remove(path);
    return oldest.id;
  }

  /** kill -9, and the replay of the next start. */
  crash(): void {
    for (const entry of this.entries) if (!entry.isSynced) entry.isLost = true;
    for (const segment of [...this.closed, this.active, this.spare]) {
      const path = `${RAW}/${segment.name}`;
      if (segment.hasCdc && segment.writer.sections.length > 0) {
        if (!this.files.names.has(path)) this.files.link(segment.inode, path);
        this.files.write(indexPath(segment.name), Buffer.from(`${segment.inode.bytes.length}\nCOMPLETED`));
      } else if (!this.files.names.has(indexPath(segment.name))) {
        this.files.remove(path);
      }
      this.files.remove(`${LOG}/${segment.name}`);
    }
    this.closed = [];
    this.start();
  }

  /** A clean stop and start: everything is flushed, the unused link stays behind. */
  restart(): void {
    this.roll();
    const unused = [this.active, this.spare];
    while (this.closed.length > 0) this.discard();
    for (const { name } of unused) this.files.remove(`${LOG}/${name}`);
    // What was the spare has become active and was discarded without CDC data: its link goes; the next one's stays.
    this.files.remove(`${RAW}/${unused[0].name}`);
    this.start();
  }

  #create(): ModelSegment {
    const id = Math.max(this.clock, this.#lastId + 1);
    this.#lastId = id;
    const options: SegmentOptions = { version: 7, id: BigInt(id), ...(this.mode === 'compressed' ? { compression: 'LZ4Compressor' as const } : this.mode === 'encrypted' ? { encryption: ENCRYPTION } : {}) };
    const writer = new SegmentWriter(options);
    const name = writer.fileName;
    const inode = this.files.write(`${LOG}/${name}`, this.#image(writer));
    this.files.link(inode, `${RAW}/${name}`);
    return { id, name, writer, inode, hasCdc: false, isClosed: false };
  }

  /** Ids begin again below those that were given. */
  clockBack(ms: number): void {
    this.clock -= ms;
    this.#lastId = 0;
  }

  #image(writer: SegmentWriter): Buffer {
    if (this.mode === 'mmap') return writer.image({ padTo: MMAP_SIZE });
    return this.mode === 'direct' ? writer.image({ blockSize: BLOCK }) : writer.image();
  }

  #show(segment: ModelSegment, torn?: number): void {
    const image = this.#image(segment.writer);
    const section = segment.writer.sections.at(-1);
    if (torn !== undefined && section !== undefined) {
      const keep = section.start + 1 + (torn % (section.end - section.start - 1));
      // Growing files are short, mmap pages are zero.
      segment.inode.bytes = this.mode === 'mmap' ? Buffer.concat([image.subarray(0, keep), Buffer.alloc(image.length - keep)]) : image.subarray(0, keep);
      return;
    }
    segment.inode.bytes = image;
    for (const entry of this.entries) if (entry.segment === segment.id) entry.isSynced = true;
    if (segment.hasCdc) this.files.write(indexPath(segment.name), Buffer.from(segment.writer.index()));
  }
}

function indexPath(name: string): string {
  return `${RAW}/${name.replace('.log', '_cdc.idx')}`;
}
