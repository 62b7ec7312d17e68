/**
 * Entries of a section, found and checked without being decoded. Mirrors CommitLogReader.readSection.
 *
 *   <entry> is <size:int32><crc:int32><mutation:size bytes><crc:int32>
 *     first <crc>   over the size
 *     second <crc>  continued over the mutation
 */
import { crc32 as zlibCrc32 } from 'node:zlib';
import { CorruptError } from '../errors.js';
import { crc32Advance } from '../io/crc32-combine.js';
import { crc32Int, crc32Range } from '../io/crc32.js';
import { viewOf } from '../io/data-input.js';
import type { SyncSegment } from './segment-reader.js';

/** Size, its CRC, and the CRC behind the mutation. */
export const ENTRY_OVERHEAD_SIZE = 12;
/** Cassandra refuses smaller mutations as chance hits of the CRC (CASSANDRA-2128). */
const SMALLEST_MUTATION = 10;

/**
 * A cursor: `open` a section, then `next()` until false. A damaged entry throws CorruptError, with the fields telling
 * where; calling `next()` again goes on at the next entry, or ends the section when the size can't be trusted.
 */
export class MutationFrames {
  bytes: Buffer = Buffer.alloc(0);
  /** The mutation is `bytes[start..end)`. */
  start = 0;
  end = 0;
  /** Position in the segment of `bytes[0]`. */
  base = 0;
  /** Position where the entry begins. */
  entryPosition = -1;
  /** Position just behind the entry, -1 when it is not known: what Cassandra calls the entry's location. */
  position = -1;
  /** Bytes of the mutation, -1 when they are not known. */
  size = -1;
  #at = 0;
  #limit = 0;
  #isVerified = false;

  open(section: SyncSegment): void {
    this.bytes = section.data;
    this.base = section.base;
    this.#at = section.start;
    this.#limit = section.end;
    this.#isVerified = allChecksumsHold(section);
  }

  next(): boolean {
    const at = this.#at;
    const limit = this.#limit;
    if (at === limit) return false;
    const bytes = this.bytes;
    this.entryPosition = this.base + at;
    if (limit - at < ENTRY_OVERHEAD_SIZE) this.#failRest('entry_truncated', `${limit - at} bytes are left where an entry begins`);
    const size = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    if (size < SMALLEST_MUTATION) this.#failRest('entry_size', `the entry at ${this.entryPosition} claims ${size} bytes`);
    const sizeCrc = crc32Int(size);
    if (sizeCrc !== ((bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7])) this.#failRest('entry_size_crc', `the checksum of the size of the entry at ${this.entryPosition} does not match`);
    const start = at + 8;
    if (size > limit - start - 4) this.#failRest('entry_truncated', `the entry at ${this.entryPosition} of ${size} bytes reaches past its section`);
    const end = start + size;
    this.start = start;
    this.end = end;
    this.size = size;
    this.#at = end + 4;
    this.position = this.base + end + 4;
    if (this.#isVerified) return true;
    const crc = (bytes[end] << 24) | (bytes[end + 1] << 16) | (bytes[end + 2] << 8) | bytes[end + 3];
    if (crc !== crc32Range(bytes, start, end, sizeCrc)) throw new CorruptError('entry_crc', this.entryPosition, `the checksum of the entry at ${this.entryPosition} does not match`);
    return true;
  }

  #failRest(code: 'entry_size' | 'entry_size_crc' | 'entry_truncated', message: string): never {
    this.size = -1;
    this.position = -1;
    this.#at = this.#limit;
    throw new CorruptError(code, this.entryPosition, message);
  }
}

/**
 * Whether every checksum of a section holds, at a third of the cost of looking at each: the CRC of the whole section,
 * which zlib computes at memory speed, must be the one that follows from the entries' own CRCs. Any damage to one entry
 * shows as surely as in that entry's CRC, since appending bytes is invertible; otherwise chance is 2^-32, as ever.
 * A false says only that each entry must be looked at.
 */
function allChecksumsHold({ data, start, end }: SyncSegment): boolean {
  const view = viewOf(data);
  let crc = 0;
  let at = start;
  while (end - at >= ENTRY_OVERHEAD_SIZE) {
    const size = view.getInt32(at);
    if (size < SMALLEST_MUTATION || size > end - at - ENTRY_OVERHEAD_SIZE) return false;
    const sizeCrc = view.getInt32(at + 4);
    if (sizeCrc !== crc32Int(size)) return false;
    at += 8 + size;
    const mutationCrc = view.getInt32(at);
    // The mutation's CRC was begun from the size's: take that beginning out, put the section's in.
    crc = crc32Advance(crc32Int(sizeCrc, crc32Int(size, crc)) ^ sizeCrc, size) ^ mutationCrc;
    crc = crc32Int(mutationCrc, crc);
    at += 4;
  }
  return at === end && (start === end || crc === (zlibCrc32(data.subarray(start, end)) | 0));
}
