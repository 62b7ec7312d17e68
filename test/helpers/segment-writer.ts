/**
 * An independent writer of commit-log segments, made from Cassandra's CommitLogDescriptor, CommitLogSegment,
 * MemoryMappedSegment, CompressedSegment, EncryptedSegment and EncryptionUtils, and never from this project's readers.
 *
 *   <segment>    is <descriptor> <section>* <zeros>
 *   <descriptor> is <version:i32> <id:i64> <length:u16> <parameters: JSON> <crc:i32>
 *   <section>    is <end:i32> <crc:i32> <body>        crc over id low, id high, own file offset
 *   <body>       is <entry>*                                              plain
 *                 | <plain length:i32> <compressed entries>               compressed
 *                 | <plain length:i32> <block>*                           encrypted
 *   <block>      is <encrypted length:i32> <compressed length:i32> <AES-CBC of <plain length:i32> <LZ4 with length>>
 *   <entry>      is <size:i32> <crc of size:i32> <mutation> <crc of size and mutation:i32>
 */
import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { compress, lz4WithLength } from './block-writers.js';
import type { Compression } from './block-writers.js';
import { DataWriter } from './data-writer.js';

/** Commit-log descriptor versions: 6 = 3.x, 7 = 4.0 to 5.0, 8 = 5.0 with storage compatibility NONE. */
export type SegmentVersion = 6 | 7 | 8;

export interface EncryptionModel {
  /** 16, 24 or 32 bytes. */
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly keyAlias: string;
  /** Plain bytes per block; Cassandra's default is 64 KiB. */
  readonly chunkLength: number;
}

export interface SegmentOptions {
  readonly version: SegmentVersion;
  readonly id: bigint;
  readonly compression?: Compression;
  readonly encryption?: EncryptionModel;
}

/** Where an entry stands and what it holds. */
export interface EntryPlace {
  /** Position just after the trailing CRC: file offset when plain, else position in the uncompressed stream. */
  readonly end: number;
  readonly size: number;
  /** First 8 bytes of the mutation's SHA-1, hex. */
  readonly hash: string;
  readonly mutation: Buffer;
}

export interface SectionPlace {
  /** File offset of the sync marker. */
  readonly start: number;
  /** File offset of the next one. */
  readonly end: number;
  readonly entries: readonly EntryPlace[];
}

/** Bytes of an entry around its mutation. */
export const ENTRY_OVERHEAD = 12;
const MARKER_SIZE = 8;

export function segmentFileName(version: number, id: bigint): string {
  return `CommitLog-${version}-${id}.log`;
}

export class SegmentWriter {
  readonly options: SegmentOptions;
  readonly header: Buffer;
  readonly sections: SectionPlace[] = [];
  readonly #file: Buffer[];
  #fileLength: number;
  /** Start of the open section's marker, as its node counts. */
  #markerPosition: number;
  #position: number;
  #pending: Buffer[] = [];
  #entries: EntryPlace[] = [];
  #closed = false;

  constructor(options: SegmentOptions) {
    this.options = options;
    this.header = encodeDescriptor(options);
    this.#file = [this.header];
    this.#fileLength = this.header.length;
    this.#markerPosition = this.header.length;
    this.#position = this.header.length + MARKER_SIZE;
  }

  get fileName(): string {
    return segmentFileName(this.options.version, this.options.id);
  }

  /** Every entry of the synced sections. */
  get entries(): EntryPlace[] {
    return this.sections.flatMap((section) => section.entries);
  }

  /** Entries that no marker covers yet. */
  get pendingEntries(): readonly EntryPlace[] {
    return this.#entries;
  }

  /** Length of the file up to the last synced section. */
  get syncedLength(): number {
    return this.#fileLength;
  }

  append(mutation: Buffer): EntryPlace {
    if (this.#closed) throw new Error('the segment is closed');
    const entry = encodeEntry(mutation);
    this.#pending.push(entry);
    this.#position += entry.length;
    const hash = createHash('sha1').update(mutation).digest('hex').slice(0, 16);
    const place = { end: this.#position, size: mutation.length, hash, mutation };
    this.#entries.push(place);
    return place;
  }

  /** Ends the open section, if it has an entry, and begins the next (CommitLogSegment.sync). */
  sync(): void {
    if (this.#entries.length > 0) this.#writeSection();
  }

  /** The last section: what is left, or an empty one (CommitLogSegment.close). */
  close(): void {
    if (!this.#closed) this.#writeSection();
    this.#closed = true;
  }

  #writeSection(): void {
    const plain = Buffer.concat(this.#pending);
    const start = this.#fileLength;
    const body = this.#body(plain);
    const end = start + MARKER_SIZE + body.length;
    this.#file.push(encodeMarker(this.options.id, start, end), body);
    this.#fileLength = end;
    this.sections.push({ start, end, entries: this.#entries });
    this.#markerPosition += MARKER_SIZE + plain.length;
    this.#position = this.#markerPosition + MARKER_SIZE;
    this.#pending = [];
    this.#entries = [];
  }

  #body(plain: Buffer): Buffer {
    const { compression, encryption } = this.options;
    if (compression === undefined && encryption === undefined) return plain;
    const length = Buffer.alloc(4);
    length.writeInt32BE(plain.length);
    if (compression !== undefined) return Buffer.concat([length, compress(plain, compression)]);
    return Buffer.concat([length, ...encryptBlocks(plain, encryption as EncryptionModel)]);
  }

  /**
   * The file as it stands. `padTo`: filled with zeros to at least that many bytes (mmap: the segment size; direct I/O: see
   * `blockSize`). `unsynced`: in a plain segment, entries that no marker covers yet are there all the same.
   */
  image(options: { readonly padTo?: number; readonly blockSize?: number; readonly unsynced?: boolean } = {}): Buffer {
    const parts = [...this.#file];
    let length = this.#fileLength;
    if (options.unsynced === true) {
      parts.push(Buffer.alloc(MARKER_SIZE), ...this.#pending);
      length += MARKER_SIZE + this.#pending.reduce((sum, entry) => sum + entry.length, 0);
    }
    const block = options.blockSize ?? 1;
    const target = Math.max(options.padTo ?? 0, Math.ceil(length / block) * block);
    if (target > length) parts.push(Buffer.alloc(target - length));
    return Buffer.concat(parts);
  }

  /** `_cdc.idx`: position up to which data is on disk, and whether the segment is finished (writeCDCIndexFile). */
  index(): string {
    const last = this.sections.length === 0 ? 0 : this.#markerPosition;
    return this.#closed ? `${last}\nCOMPLETED` : `${last}`;
  }
}

/** CommitLogDescriptor.writeHeader. */
export function encodeDescriptor(options: Omit<SegmentOptions, 'version'> & { readonly version: number }): Buffer {
  const parameters: Record<string, unknown> = {};
  if (options.compression !== undefined) {
    parameters['compressionClass'] = options.compression;
    parameters['compressionParameters'] = {};
  }
  if (options.encryption !== undefined) {
    parameters['encCipher'] = 'AES/CBC/PKCS5Padding';
    parameters['encIV'] = options.encryption.iv.toString('hex');
    parameters['encKeyAlias'] = options.encryption.keyAlias;
  }
  return encodeDescriptorWith(options.version, options.id, Buffer.from(JSON.stringify(parameters)));
}

/** With parameters of any kind, for damaged and foreign headers; the CRC is right. */
export function encodeDescriptorWith(version: number, id: bigint, parameters: Buffer): Buffer {
  const low = Number(BigInt.asIntN(32, id));
  const high = Number(BigInt.asIntN(32, id >> 32n));
  const sum = crc32(Buffer.concat([ints(version, low, high, parameters.length), parameters]));
  return new DataWriter().i32(version).i64(id).u16(parameters.length).raw(parameters).i32(sum).take();
}

/** CommitLogSegment.writeSyncMarker. */
export function encodeMarker(id: bigint, start: number, end: number): Buffer {
  const sum = crc32(ints(Number(BigInt.asIntN(32, id)), Number(BigInt.asIntN(32, id >> 32n)), start));
  return new DataWriter().i32(end).i32(sum).take();
}

/** CommitLog.add: the second checksum goes on where the first one ended. */
export function encodeEntry(mutation: Buffer): Buffer {
  const size = ints(mutation.length);
  const sizeSum = crc32(size);
  return new DataWriter().raw(size).i32(sizeSum).raw(mutation).i32(crc32(mutation, sizeSum)).take();
}

/** EncryptedSegment.write: each block begins again with the header's IV. */
function encryptBlocks(plain: Buffer, encryption: EncryptionModel): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start < plain.length; start += encryption.chunkLength) {
    const chunk = plain.subarray(start, start + encryption.chunkLength);
    const compressed = Buffer.concat([ints(chunk.length), lz4WithLength(chunk)]);
    const cipher = createCipheriv(`aes-${8 * encryption.key.length}-cbc`, encryption.key, encryption.iv);
    const encrypted = Buffer.concat([cipher.update(compressed), cipher.final()]);
    blocks.push(ints(encrypted.length, compressed.length), encrypted);
  }
  return blocks;
}

function ints(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeInt32BE(value | 0, 4 * i));
  return bytes;
}
