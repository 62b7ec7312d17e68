/**
 * Record batch, format v2 (org.apache.kafka.common.record.DefaultRecordBatch, DefaultRecord), built record by record, so
 * that its size is known at any time and no object outlives the call.
 *
 *   <batch>  is <base offset:int64><length:int32><leader epoch:int32><magic:int8 = 2><crc32c:uint32><attributes:int16>
 *               <last offset delta:int32><base timestamp:int64><max timestamp:int64><producer id:int64><epoch:int16>
 *               <base sequence:int32><count:int32><record>*          (from <record> on compressed as a whole)
 *     <crc32c>     over everything behind it
 *     <attributes> bits 0-2 compression, bit 4 transactional
 *   <record> is <size:varint><attributes:int8><timestamp delta:varlong><offset delta:varint>
 *               <key size:varint><key><value size:varint><value><headers:varint>(<name size:varint><name><size:varint><value>)*
 */
import type { PublishRecord } from '../port.js';
import { crc32c } from './crc32c.js';
import { putVarint, putVarlong, varintSize, varlongSize } from './varint.js';

export const BATCH_HEADER_BYTES = 61;
const LENGTH_END = 12;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 16;
const FIRST_CAPACITY = 16 << 10;
/** Below this many bytes a loop is faster than a call. */
const SHORT = 40;
/** Header names are few: encoded once, length included. */
const NAMES_KEPT = 256;
const headerNames = new Map<string, Buffer>();

export interface Sealing {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly baseSequence: number;
  /** Kafka's number of the codec; 0 = none. */
  readonly codec: number;
  readonly compress?: (records: Buffer) => Buffer | Promise<Buffer>;
}

export class RecordBatch {
  count = 0;
  /** Running number of the first record's event. */
  firstEvent = 0;
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = BATCH_HEADER_BYTES;
  #base = 0;
  #latest = 0;
  #first: PublishRecord | undefined;

  /** Size as it would be sent uncompressed. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory it holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** The first record, to name it when the broker does not take a batch of one. */
  get first(): PublishRecord | undefined {
    return this.#first;
  }

  /** Forgets the records and keeps the memory. */
  clear(): void {
    this.count = 0;
    this.#length = BATCH_HEADER_BYTES;
    this.#first = undefined;
  }

  /** Appends when the batch stays within `limit` bytes (the first record is always taken); returns the bytes added, 0 = it did not fit. */
  append(record: PublishRecord, timestamp: number, limit: number): number {
    const { keyStart, keyEnd, valueStart, valueEnd, headers } = record;
    const keyLength = keyStart < 0 ? -1 : keyEnd - keyStart;
    const valueLength = valueStart < 0 ? -1 : valueEnd - valueStart;
    let bodySize = 1 + varintSize(this.count) + varintSize(keyLength) + varintSize(valueLength) + varintSize(headers.length);
    if (keyLength > 0) bodySize += keyLength;
    if (valueLength > 0) bodySize += valueLength;
    for (const [name, text] of headers) {
      const length = Buffer.byteLength(text);
      bodySize += headerName(name).length + varintSize(length) + length;
    }
    const base = this.count === 0 ? timestamp : this.#base;
    bodySize += varlongSize(timestamp - base);
    const size = varintSize(bodySize) + bodySize;
    if (this.count > 0 && this.#length + size > limit) return 0;
    this.#reserve(size);
    this.#base = base;
    this.#latest = this.count === 0 ? timestamp : Math.max(this.#latest, timestamp);
    this.#first ??= record;
    this.#put(record, { bodySize, keyLength, valueLength, delta: timestamp - base });
    this.count++;
    return size;
  }

  /** Completes the header. Uncompressed, the result is a view of this batch's own memory, good until the next `clear`. */
  seal(sealing: Sealing): Buffer | Promise<Buffer> {
    const { compress } = sealing;
    if (compress === undefined) return this.#complete(this.#bytes.subarray(0, this.#length), sealing);
    const compressed = compress(this.#bytes.subarray(BATCH_HEADER_BYTES, this.#length));
    const join = (records: Buffer): Buffer => this.#complete(Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), records]), sealing);
    return compressed instanceof Promise ? compressed.then(join) : join(compressed);
  }

  #complete(batch: Buffer, { producerId, epoch, baseSequence, codec }: Sealing): Buffer {
    batch.fill(0, 0, LENGTH_END + 4);
    batch.writeInt32BE(batch.length - LENGTH_END, 8);
    batch[16] = 2;
    batch.writeInt16BE(codec | TRANSACTIONAL, ATTRIBUTES_AT);
    batch.writeInt32BE(this.count - 1, 23);
    putInt64(batch, 27, this.#base);
    putInt64(batch, 35, this.#latest);
    batch.writeBigInt64BE(producerId, 43);
    batch.writeInt16BE(epoch, 51);
    batch.writeInt32BE(baseSequence, 53);
    batch.writeInt32BE(this.count, 57);
    batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT);
    return batch;
  }

  #put(record: PublishRecord, sizes: { bodySize: number; keyLength: number; valueLength: number; delta: number }): void {
    const bytes = this.#bytes;
    const { keyLength, valueLength } = sizes;
    let at = putVarint(bytes, this.#length, sizes.bodySize);
    bytes[at++] = 0;
    at = putVarlong(bytes, at, sizes.delta);
    at = putVarint(bytes, at, this.count);
    at = putVarint(bytes, at, keyLength);
    if (keyLength > 0) at = putBytes(bytes, at, record.bytes, record.keyStart, record.keyEnd);
    at = putVarint(bytes, at, valueLength);
    if (valueLength > 0) at = putBytes(bytes, at, record.bytes, record.valueStart, record.valueEnd);
    at = putVarint(bytes, at, record.headers.length);
    for (const [name, text] of record.headers) {
      const encoded = headerName(name);
      at = putBytes(bytes, at, encoded, 0, encoded.length);
      at = putText(bytes, at, text);
    }
    this.#length = at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The innermost loop: an options object per field would cost more than the copy. */
function putBytes(bytes: Buffer, at: number, source: Buffer, from: number, to: number): number {
  const length = to - from;
  if (length < SHORT) for (let i = 0; i < length; i++) bytes[at + i] = source[from + i];
  else source.copy(bytes, at, from, to);
  return at + length;
}

/** Length and UTF-8. */
function putText(bytes: Buffer, at: number, text: string): number {
  const length = Buffer.byteLength(text);
  at = putVarint(bytes, at, length);
  if (length > SHORT || length !== text.length) bytes.write(text, at, length, 'utf8');
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

function headerName(name: string): Buffer {
  const known = headerNames.get(name);
  if (known !== undefined) return known;
  const length = Buffer.byteLength(name);
  const encoded = Buffer.allocUnsafe(varintSize(length) + length);
  encoded.write(name, putVarint(encoded, 0, length), 'utf8');
  if (headerNames.size < NAMES_KEPT) headerNames.set(name, encoded);
  return encoded;
}

/** A safe integer as int64. */
function putInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x100000000), at);
  bytes.writeUInt32BE(value - Math.floor(value / 0x100000000) * 0x100000000, at + 4);
}
