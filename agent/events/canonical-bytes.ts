/** Bytes to be hashed, written into one buffer that grows to the largest change and stays. Big-endian. */

/** Copying fewer bytes than this one by one is cheaper than a call. */
const COPY_FROM = 48;
/** Views of the first n bytes are kept up to this n: making one costs a tenth of a hash. */
const KEPT_VIEWS = 2048;

export class CanonicalBytes {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(4096);
  #view = new DataView(this.#bytes.buffer);
  #views: (Buffer | undefined)[] = [];

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    if (this.length + 1 > this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  int32(value: number): void {
    if (this.length + 4 > this.#bytes.length) this.#grow(4);
    this.#view.setInt32(this.length, value);
    this.length += 4;
  }

  int64(high: number, low: number): void {
    if (this.length + 8 > this.#bytes.length) this.#grow(8);
    this.#view.setInt32(this.length, high);
    this.#view.setInt32(this.length + 4, low);
    this.length += 8;
  }

  /** `source[start..end)` behind its length as int32. */
  bytes(source: Buffer, start: number, end: number): void {
    this.int32(end - start);
    this.raw(source, start, end);
  }

  raw(source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.length + length > this.#bytes.length) this.#grow(length);
    const target = this.#bytes;
    let at = this.length;
    this.length = at + length;
    if (length >= COPY_FROM) source.copy(target, at, start, end);
    else for (let i = start; i < end; i++) target[at++] = source[i];
  }

  /** What was written; valid until the next write. */
  written(): Buffer {
    const length = this.length;
    if (length >= KEPT_VIEWS) return this.#bytes.subarray(0, length);
    return (this.#views[length] ??= this.#bytes.subarray(0, length));
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length + length, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    this.#views = [];
  }
}
