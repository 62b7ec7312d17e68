/** Kafka's response primitives, bounds-checked: a broken answer is an error, never a huge allocation. */
export class ProtocolReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError(`Kafka answer: a varint of more than five bytes at ${this.#at}`);
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#utf8(length);
  }

  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? null : this.#utf8(length);
  }

  array<T>(read: () => T): T[] {
    return this.#items(this.int32(), read);
  }

  compactArray<T>(read: () => T): T[] {
    return this.#items(this.unsignedVarint() - 1, read);
  }

  /** Tagged fields, given to `read` as (tag, reader over its bytes). */
  tags(read?: (tag: number, field: ProtocolReader) => void): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      const tag = this.unsignedVarint();
      const length = this.unsignedVarint();
      const at = this.#take(length);
      read?.(tag, new ProtocolReader(this.#bytes.subarray(at, at + length)));
    }
  }

  #items<T>(count: number, read: () => T): T[] {
    // Every item takes a byte at least.
    if (count > this.remaining) throw new RangeError(`Kafka answer: ${count} items in ${this.remaining} bytes`);
    const items: T[] = [];
    for (let item = 0; item < count; item++) items.push(read());
    return items;
  }

  #utf8(length: number): string {
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#bytes.length - at) throw new RangeError(`Kafka answer: ends at ${this.#bytes.length}, ${bytes} bytes wanted at ${at}`);
    this.#at += bytes;
    return at;
  }
}
