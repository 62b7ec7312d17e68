/**
 * Kafka's request primitives, big-endian. "Compact" ones (KIP-482, flexible versions) carry their length plus one as an
 * unsigned varint, 0 meaning null. Large byte strings are kept by reference.
 */
export class ProtocolWriter {
  readonly #parts: Uint8Array[] = [];
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 512) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  int8(value: number): this {
    const at = this.#take(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#take(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#take(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#take(8);
    this.#buffer.writeBigInt64BE(value, at);
    return this;
  }

  unsignedVarint(value: number): this {
    for (value >>>= 0; value > 127; value >>>= 7) this.#byte((value & 127) | 128);
    this.#byte(value);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length).#utf8(value, length);
    return this;
  }

  compactString(value: string | null): this {
    if (value === null) return this.unsignedVarint(0);
    const length = Buffer.byteLength(value);
    this.unsignedVarint(length + 1).#utf8(value, length);
    return this;
  }

  compactArrayLength(length: number): this {
    return this.unsignedVarint(length + 1);
  }

  /** No tagged fields. */
  noTags(): this {
    return this.int8(0);
  }

  /** Bytes without a length of their own. */
  raw(bytes: Uint8Array): this {
    this.#flush();
    this.#parts.push(bytes);
    return this;
  }

  /** Everything written, in order. */
  parts(): Uint8Array[] {
    this.#flush();
    return this.#parts;
  }

  #byte(value: number): void {
    const at = this.#take(1);
    this.#buffer[at] = value;
  }

  #utf8(value: string, length: number): void {
    const at = this.#take(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#parts.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = this.#buffer.subarray(this.#length);
    this.#length = 0;
  }

  /** May put another buffer in place: take first, write then. */
  #take(bytes: number): number {
    if (this.#length + bytes > this.#buffer.length) {
      this.#flush();
      this.#buffer = Buffer.allocUnsafe(Math.max(512, bytes));
    }
    const at = this.#length;
    this.#length += bytes;
    return at;
  }
}
