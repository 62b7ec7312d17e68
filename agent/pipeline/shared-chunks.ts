/**
 * Chunks of memory that a reading thread fills with lines and the writing thread empties. Nothing is handed over: each
 * buffer that changes its thread costs new pages, and brings the next garbage collection nearer.
 */
const IN_USE = 1;
const FREE = 0;

export interface SharedMemory {
  readonly bytes: SharedArrayBuffer;
  /** FREE or IN_USE, for each chunk. */
  readonly states: Int32Array<SharedArrayBuffer>;
  /** Changes whenever there may be room again. */
  readonly turn: Int32Array<SharedArrayBuffer>;
  /** Long lines that have been sent and not taken. */
  readonly long: Int32Array<SharedArrayBuffer>;
}

/** `size`: bytes of a chunk. */
export function sharedMemory(count: number, size: number): SharedMemory {
  const ints = (length: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4 * length));
  return { bytes: new SharedArrayBuffer(count * size), states: ints(count), turn: ints(1), long: ints(1) };
}

/** One side's view. */
export class SharedChunks {
  /** Bytes of a chunk. */
  readonly size: number;
  readonly #memory: SharedMemory;
  readonly #chunks: readonly Buffer[];

  constructor(memory: SharedMemory) {
    const size = memory.bytes.byteLength / memory.states.length;
    this.size = size;
    this.#memory = memory;
    this.#chunks = Array.from(memory.states, (_, i) => Buffer.from(memory.bytes, i * size, size));
  }

  get count(): number {
    return this.#chunks.length;
  }

  at(number: number): Buffer {
    return this.#chunks[number];
  }

  /** -1: none of these. */
  numberOf(chunk: Buffer): number {
    return chunk.buffer === this.#memory.bytes ? chunk.byteOffset / this.size : -1;
  }

  /** The first chunk that is free: while the other side is quick, few are ever touched. Waits for one, as a whole thread. */
  take(): number {
    const { states } = this.#memory;
    for (;;) {
      const seen = this.#turn();
      for (let i = 0; i < states.length; i++) {
        if (Atomics.compareExchange(states, i, FREE, IN_USE) === FREE) return i;
      }
      this.#wait(seen);
    }
  }

  free(number: number): void {
    Atomics.store(this.#memory.states, number, FREE);
    this.#next();
  }

  /** Counts a long line that is sent; waits, as a whole thread, while there are `most`. */
  addLong(most: number): void {
    const { long } = this.#memory;
    for (let seen = this.#turn(); Atomics.load(long, 0) >= most; seen = this.#turn()) this.#wait(seen);
    Atomics.add(long, 0, 1);
  }

  takeLong(): void {
    Atomics.sub(this.#memory.long, 0, 1);
    this.#next();
  }

  #turn(): number {
    return Atomics.load(this.#memory.turn, 0);
  }

  #next(): void {
    Atomics.add(this.#memory.turn, 0, 1);
    Atomics.notify(this.#memory.turn, 0);
  }

  #wait(seen: number): void {
    Atomics.wait(this.#memory.turn, 0, seen);
  }
}
