/**
 * Bytes as Cassandra's DataOutputPlus writes them: big-endian integers and its own vints. Clear rather than fast.
 *
 *   <vint> is as many leading 1 bits as extra bytes, a 0 bit, then the value, most significant byte first;
 *          nine bytes (0xff and 64 bits) at most (VIntCoding.writeUnsignedVInt)
 */
export class DataWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.#length = needed;
    return start;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes.writeUInt8(value & 0xff, at);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeUInt16BE(value & 0xffff, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value | 0, at);
    return this;
  }

  i64(value: bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(BigInt.asIntN(64, value), at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Unsigned vint of the 64 bits of `value`: a negative value is written as 2^64 + value, in nine bytes. */
  vint(value: bigint | number): this {
    if (typeof value === 'number' && value >= 0 && value < 0x80) return this.u8(value);
    const bits = BigInt.asUintN(64, BigInt(value));
    let extra = 0;
    while (extra < 8 && bits >> BigInt(7 + 7 * extra) !== 0n) extra++;
    if (extra === 8) return this.u8(0xff).i64(bits);
    const prefix = extra === 0 ? 0n : (BigInt((0xff << (8 - extra)) & 0xff) << BigInt(8 * extra));
    const word = bits | prefix;
    const start = this.#room(extra + 1);
    for (let i = 0; i <= extra; i++) this.#bytes[start + i] = Number((word >> BigInt(8 * (extra - i))) & 0xffn);
    return this;
  }

  /** DataOutputPlus.writeUnsignedVInt32: a Java int, sign-extended to 64 bits first. */
  vint32(value: bigint | number): this {
    return this.vint(BigInt.asIntN(32, BigInt(value)));
  }

  /** ByteBufferUtil.writeWithVIntLength. */
  withVintLength(bytes: Uint8Array): this {
    return this.vint(bytes.length).raw(bytes);
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }
}
