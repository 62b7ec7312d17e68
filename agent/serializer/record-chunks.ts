/**
 * Records written side by side into chunks of memory, each a view of its chunk.
 *
 * A record is contiguous: where the chunk ends inside one, its beginning moves to the next chunk.
 */
import { OwnChunks, type ChunkMemory } from './chunk-memory.js';

export class RecordChunks {
  bytes: Buffer;
  /** Of `bytes`. */
  view: DataView;
  readonly #memory: ChunkMemory;
  /** Where the next byte goes. */
  at = 0;
  /** Where the record in hand begins: what stands before it stays. */
  #start = 0;

  constructor(memory: ChunkMemory = new OwnChunks()) {
    this.#memory = memory;
    this.bytes = memory.take(0);
    this.view = viewOf(this.bytes);
  }

  /** Nobody needs the records any more that were written so far. */
  release(): void {
    if (this.#memory.release()) this.at = 0;
  }

  /** Begins a record. */
  begin(): void {
    this.#start = this.at;
  }

  /** Index in `bytes` where the record begins; another one once it has moved to a new chunk. */
  get start(): number {
    return this.#start;
  }

  /** Bytes of the record so far. */
  get length(): number {
    return this.at - this.#start;
  }

  /** Replaces a byte of the record. */
  patch(at: number, value: number): void {
    this.bytes[this.#start + at] = value;
  }

  /** Takes back what was written last. */
  back(count: number): void {
    this.at -= count;
  }

  /** Makes room for `length` bytes; what is written next without asking again must fit. */
  reserve(length: number): void {
    if (this.at + length > this.bytes.length) this.#nextChunk(length);
  }

  #nextChunk(length: number): void {
    const chunk = this.#memory.take(this.at - this.#start + length);
    this.bytes.copy(chunk, 0, this.#start, this.at);
    this.at -= this.#start;
    this.#start = 0;
    this.bytes = chunk;
    this.view = viewOf(chunk);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
