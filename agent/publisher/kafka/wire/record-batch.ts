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
import { viewOf } from '../../../../parsers/io/data-input.js';
import { crc32c } from './crc32c.js';
import { putVarint, putVarlong, varintSize, varlongSize } from './varint.js';

export const BATCH_HEADER_BYTES = 61;
const LENGTH_END = 12;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 16;
const FIRST_CAPACITY = 16 << 10;
/** Below this many bytes a loop is faster than a call: of characters, and of words of four bytes. */
const SHORT_TEXT = 40;
const SHORT = 200;
/** What the last word of a copy may write behind its end, or read. */
const SLACK = 3;
/** Header names are few: encoded once, length included. */
const NAMES_KEPT = 256;
const headerNames = new Map<string, Buffer>();
/** By place, of the record in hand: its headers' names, these encoded, and how long their values are. Most records have the same names. */
const names: string[] = [];
const encodedNames: Buffer[] = [];
const textLengths: number[] = [];
/** Of the record before: mostly this one's too. */
let lastSource: Buffer = Buffer.alloc(0);
let lastView = viewOf(lastSource);

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
  #view = viewOf(this.#bytes);
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
    for (let i = 0; i < headers.length; i++) {
      const [name, text] = headers[i];
      if (name !== names[i]) {
        names[i] = name;
        encodedNames[i] = headerName(name);
      }
      const length = (textLengths[i] = utf8Length(text));
      bodySize += encodedNames[i].length + varintSize(length) + length;
    }
    const base = this.count === 0 ? timestamp : this.#base;
    bodySize += varlongSize(timestamp - base);
    const size = varintSize(bodySize) + bodySize;
    if (this.count > 0 && this.#length + size > limit) return 0;
    this.#reserve(size + SLACK);
    this.#base = base;
    this.#latest = this.count === 0 ? timestamp : Math.max(this.#latest, timestamp);
    this.#first ??= record;
    this.#put(record, { bodySize, keyLength, valueLength, headers, delta: timestamp - base });
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

  #put(record: PublishRecord, sizes: { bodySize: number; keyLength: number; valueLength: number; headers: PublishRecord['headers']; delta: number }): void {
    const bytes = this.#bytes;
    const { keyLength, valueLength, headers } = sizes;
    let at = putVarint(bytes, this.#length, sizes.bodySize);
    bytes[at++] = 0;
    at = putVarlong(bytes, at, sizes.delta);
    at = putVarint(bytes, at, this.count);
    at = putVarint(bytes, at, keyLength);
    if (keyLength > 0) at = this.#copy(at, record.bytes, record.keyStart, record.keyEnd);
    at = putVarint(bytes, at, valueLength);
    if (valueLength > 0) at = this.#copy(at, record.bytes, record.valueStart, record.valueEnd);
    at = putVarint(bytes, at, headers.length);
    for (let i = 0; i < headers.length; i++) {
      const encoded = encodedNames[i];
      for (let from = 0; from < encoded.length; from++) bytes[at++] = encoded[from];
      at = putText(bytes, at, headers[i][1], textLengths[i]);
    }
    this.#length = at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  /** Puts `source[from..to)` at `at`, where room for it and SLACK has been reserved; returns the offset behind it. */
  #copy(at: number, source: Buffer, from: number, to: number): number {
    const length = to - from;
    if (length > SHORT || to + SLACK > source.length) {
      source.copy(this.#bytes, at, from, to);
      return at + length;
    }
    if (source !== lastSource) {
      lastSource = source;
      lastView = viewOf(source);
    }
    const view = this.#view;
    const words = lastView;
    for (let i = 0; i < length; i += 4) view.setInt32(at + i, words.getInt32(from + i));
    return at + length;
  }
}

/** Length and UTF-8. */
function putText(bytes: Buffer, at: number, text: string, length: number): number {
  at = putVarint(bytes, at, length);
  if (length > SHORT_TEXT || length !== text.length) bytes.write(text, at, length, 'utf8');
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

function utf8Length(text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) return Buffer.byteLength(text);
  let seen = 0;
  for (let i = 0; i < length; i++) seen |= text.charCodeAt(i);
  return seen < 0x80 ? length : Buffer.byteLength(text);
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
