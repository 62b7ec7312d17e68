/**
 * Records written side by side into chunks of memory, each a view of its chunk. `release` lets all chunks be written
 * anew: memory from outside V8's heap is what makes its garbage collector work.
 *
 * A record is contiguous: where the chunk ends inside one, its beginning moves to the next chunk.
 */
const CHUNK_SIZE = 256 * 1024;
const KEPT_CHUNKS = 32;

export class RecordChunks {
  bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
  /** Of `bytes`. */
  view = new DataView(this.bytes.buffer);
  readonly #full: Buffer[] = [];
  readonly #free: Buffer[] = [];
  /** Where the next byte goes. */
  at = 0;
  /** Where the record in hand begins: what stands before it stays. */
  #start = 0;

  /** Nobody needs the records any more that were written so far. */
  release(): void {
    this.at = 0;
    if (this.#full.length > 0) this.#keepFull();
  }

  #keepFull(): void {
    for (const chunk of this.#full) {
      if (chunk.length === CHUNK_SIZE && this.#free.length < KEPT_CHUNKS) this.#free.push(chunk);
    }
    this.#full.length = 0;
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
    const begun = this.at - this.#start;
    const needed = begun + length;
    const chunk = needed > CHUNK_SIZE ? Buffer.allocUnsafeSlow(needed * 2) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE));
    this.bytes.copy(chunk, 0, this.#start, this.at);
    this.#full.push(this.bytes);
    this.bytes = chunk;
    this.view = new DataView(chunk.buffer);
    this.#start = 0;
    this.at = begun;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }
}
