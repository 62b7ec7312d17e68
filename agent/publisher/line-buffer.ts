/** Bytes of lines, side by side in one buffer that grows to the longest. */

/** What is copied by a loop; a call costs as much as that. */
const SHORT = 24;

/** To begin with. */
const SIZE = 128 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What was written; its memory is written anew after `goOn` only. */
  written(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew, in `bytes`. */
  goOn(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#length = 0;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** `source[start..end)`. */
  part(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    // What `copy` does, without looking at what it was given.
    this.#bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, end - start), this.#length);
    this.#length += end - start;
  }

  text(text: string): void {
    if (text.length <= SHORT && this.#ascii(text)) return;
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** A quoted JSON string. */
  quoted(text: string): void {
    const at = this.#length;
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    bytes[at] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[at + 1 + i] = code;
    }
    bytes[at + 1 + text.length] = QUOTE;
    this.#length = at + text.length + 2;
  }

  /** False, with nothing written, when it isn't ASCII. */
  #ascii(text: string): boolean {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7e) return false;
      bytes[at + i] = code;
    }
    this.#length = at + text.length;
    return true;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
