/**
 * `_cdc.idx`: how far Cassandra has synced a segment. Mirrors CommitLogSegment.writeCDCIndexFile.
 *
 *   <index> is <offset:decimal>['\n' 'COMPLETED']
 *
 * The offset is a position in the uncompressed stream, but the physical length once Cassandra has replayed the segment:
 * a second opinion, never a place to seek to. The file is truncated and rewritten in place.
 */
export interface CdcIndex {
  readonly offset: number;
  readonly completed: boolean;
}

const INDEX = /^(\d{1,10})(\nCOMPLETED)?\s*$/;

/** Null for an empty or half-written file: nothing new. */
export function parseCdcIndex(text: string): CdcIndex | null {
  const match = INDEX.exec(text);
  return match === null ? null : { offset: Number(match[1]), completed: match[2] !== undefined };
}
