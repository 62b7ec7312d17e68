/** Memory for one thing after the other: grows to the largest and stays. */

/** More than is asked for, so that what is a little larger each time does not make a new one each time. */
const ROOM = 1.2;

export interface BufferSizes {
  /** Bytes that it has at least, once it has any. */
  readonly least?: number;
  /** Bytes that it has at most: nobody asks for more. */
  readonly most?: number;
}

export class ReusedBuffer {
  readonly #least: number;
  readonly #most: number;
  #bytes = Buffer.alloc(0);

  constructor({ least = 0, most = Infinity }: BufferSizes = {}) {
    this.#least = least;
    this.#most = most;
  }

  /** `length` bytes or more; what the last call gave may be written anew. */
  ofLength(length: number): Buffer {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(Math.min(this.#most, Math.max(this.#least, Math.ceil(length * ROOM))));
    return this.#bytes;
  }

  release(): void {
    this.#bytes = Buffer.alloc(0);
  }
}
