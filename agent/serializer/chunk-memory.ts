/** Where a serializer has the memory for its records from. */
export interface ChunkMemory {
  /** The next chunk, of `length` bytes or more. */
  take(length: number): Buffer;
  /** Nobody needs the records any more that were written so far. True: they may be written anew, from the start of the chunk that was taken last. */
  release(): boolean;
}

const CHUNK_SIZE = 256 * 1024;
const KEPT_CHUNKS = 32;

/** Chunks of a serializer of its own, used again and again: memory from outside V8's heap is what makes its garbage collector work. */
export class OwnChunks implements ChunkMemory {
  /** Written full, but for the last. */
  readonly #taken: Buffer[] = [];
  readonly #free: Buffer[] = [];

  take(length: number): Buffer {
    const chunk = length > CHUNK_SIZE ? largeChunk(length) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE));
    this.#taken.push(chunk);
    return chunk;
  }

  release(): true {
    const taken = this.#taken;
    if (taken.length > 1) {
      for (const chunk of taken.splice(0, taken.length - 1)) {
        if (chunk.length === CHUNK_SIZE && this.#free.length < KEPT_CHUNKS) this.#free.push(chunk);
      }
    }
    return true;
  }
}

/** For a record that has `length` bytes so far. */
export function largeChunk(length: number): Buffer {
  return Buffer.allocUnsafeSlow(length * 2);
}
