/** What a reading thread publishes to: its serializer writes lines into shared chunks, and the writing thread is told where. */
import { lineRanges, type LineRange } from '../publisher/line-ranges.js';
import type { Publisher } from '../publisher/publisher.js';
import { largeChunk, type ChunkMemory } from '../serializer/chunk-memory.js';
import type { EventRecord } from '../serializer/serializer.js';
import type { PartMessage } from './part-messages.js';
import type { SharedChunks } from './shared-chunks.js';

/** Pieces of long lines that wait to be written. */
const MOST_LONG = 4;

/** To the writing thread. */
export interface PartPort {
  postMessage(message: PartMessage, transferred: readonly ArrayBuffer[]): void;
}

export class PartLines implements Publisher, ChunkMemory {
  readonly #chunks: SharedChunks;
  readonly #port: PartPort;
  /** Chunks that lines may be written to or sent from, in order; from the first of them lines were taken last. */
  readonly #open: Buffer[] = [];
  /** Lines of the first that have not been sent. */
  #start = 0;
  #end = 0;

  constructor(chunks: SharedChunks, port: PartPort) {
    this.#chunks = chunks;
    this.#port = port;
  }

  take(length: number): Buffer {
    // With all of them here, nobody else can give one back: a mutation may be larger than all together.
    const { size, count } = this.#chunks;
    const isLong = length > size || this.#open.length >= count;
    const chunk = isLong ? largeChunk(Math.max(length, size)) : this.#chunks.at(this.#chunks.take());
    this.#open.push(chunk);
    return chunk;
  }

  /** What was written stays: its chunk is written on until it is full. */
  release(): false {
    return false;
  }

  begin(): void {
    // Nothing is kept for a batch.
  }

  append(records: readonly EventRecord[]): undefined {
    for (const range of lineRanges(records)) this.#add(range);
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  discard(): void {
    throw new TypeError('lines of a recording are not given up');
  }

  /** Sends what has been published. */
  flush(): void {
    if (this.#start < this.#end) this.#send(false);
  }

  #add({ bytes, start, end }: LineRange): void {
    // Records come in the order in which they were written: nothing more comes from a chunk before this one.
    while (this.#open[0] !== bytes) this.#leave();
    if (start !== this.#end) {
      this.flush();
      this.#start = start;
    }
    this.#end = end;
  }

  #leave(): void {
    this.#send(true);
    this.#open.shift();
    this.#start = 0;
    this.#end = 0;
  }

  #send(isLast: boolean): void {
    const [chunk] = this.#open;
    const number = this.#chunks.numberOf(chunk);
    if (number >= 0) this.#post({ kind: 'piece', chunk: number, start: this.#start, end: this.#end, isLast });
    else if (this.#start < this.#end) this.#sendLong(chunk);
    this.#start = this.#end;
  }

  #sendLong(chunk: Buffer): void {
    const lines = new Uint8Array(chunk.subarray(this.#start, this.#end));
    this.#chunks.addLong(MOST_LONG);
    this.#post({ kind: 'long', lines }, [lines.buffer]);
  }

  #post(message: PartMessage, transferred: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transferred);
  }
}
