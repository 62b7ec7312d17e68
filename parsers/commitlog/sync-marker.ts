/**
 * Sync marker: opens every sync section. Mirrors CommitLogSegmentReader.readSyncMarker.
 *
 *   <marker> is <end:int32><crc:int32>
 *     <end>  file offset of the next marker
 *     <crc>  CRC32 over three int32: segment id low, segment id high, offset of this marker
 *
 * Both are zero until Cassandra syncs. The CRC does not cover `end`: a wrong one shows in the entries.
 */
import { CorruptError } from '../errors.js';
import { crc32Int } from '../io/crc32.js';

export const SYNC_MARKER_SIZE = 8;

/** The marker is all zeros: Cassandra has not synced further. */
export const NOT_SYNCED = -1;

/**
 * File offset of the next marker, or NOT_SYNCED. `bytes` holds the marker at `at`; `offset` is where it stands in the
 * file of `size` bytes. Throws CorruptError `marker_crc` or `marker_position`.
 */
export function readSyncMarker(bytes: Buffer, at: number, { segmentId, offset, size }: { readonly segmentId: number; readonly offset: number; readonly size: number }): number {
  const end = bytes.readInt32BE(at);
  const crc = bytes.readInt32BE(at + 4);
  if (end === 0 && crc === 0) return NOT_SYNCED;
  const idHigh = Math.floor(segmentId / 4294967296);
  if (crc !== crc32Int(offset, crc32Int(idHigh, crc32Int(segmentId | 0)))) throw new CorruptError('marker_crc', offset, `the checksum of the sync marker at ${offset} does not match`);
  if (end < offset + SYNC_MARKER_SIZE || end > size) throw new CorruptError('marker_position', offset, `the sync marker at ${offset} points to ${end}, outside the file's ${size} bytes`);
  return end;
}
