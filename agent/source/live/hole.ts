/**
 * Segments that nobody saw. With `cdc_block_writes: false` a full cdc_raw loses its oldest segment, read or not
 * (CommitLogSegmentManagerCDC.deleteOldLinkedCDCCommitLogSegment), and an agent that stood still, or was away, has never
 * had it open. Ids tell: inside one process of Cassandra they go up by one (CommitLogSegment.getNextId), and the next
 * segment is there before one is used.
 *
 * The oldest goes first: where an older one still stood in cdc_raw when the next was first seen, none was deleted.
 */
import { END_OF_SEGMENT_POSITION, segmentGap, type Gap } from './reports.js';
import type { SegmentLedger } from './segment-ledger.js';

/**
 * What may be missing between `last`, which is done, and `next`, which comes now. Never certain: Cassandra also unlinks
 * segments without a CDC mutation, and a node that starts goes on with the time of day.
 */
export function holeBetween(last: number, next: { readonly id: number; readonly hasOlder: boolean }, ledger: SegmentLedger): Gap | undefined {
  if (last < 0 || next.id <= last + 1 || next.hasOlder || ledger.has(last + 1)) return undefined;
  // Nothing was ever written to it: it stood ready when the node stopped, and nothing came behind it.
  if (ledger.endOf(last) === 0) return undefined;
  return { ...segmentGap('segments_missing', last + 1, { from: 0 }), to: { segment: next.id - 1, position: END_OF_SEGMENT_POSITION } };
}
