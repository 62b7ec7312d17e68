/** What of a row there is, and what of it Cassandra's own reader hands out (Row.isEmpty, DeserializationHelper.isDropped). */
import { DeletionTime, NO_DELETION_TIME, type LivenessInfo, type Row } from '../../parsers/index.js';

const LONG_MIN_HIGH = -2147483648;
const scratch = new DeletionTime();

/** LivenessInfo.isEmpty: no marker, or one of the timestamp that means none. */
export function hasLiveness({ isEmpty, timestampHigh, timestampLow }: LivenessInfo): boolean {
  return !isEmpty && (timestampHigh !== LONG_MIN_HIGH || timestampLow !== 0);
}

/** AbstractCell.isTombstone: it dies without a TTL. */
export function isCellTombstone(row: Row, cell: number): boolean {
  return row.ttl(cell) === 0 && row.localDeletionTime(cell) !== NO_DELETION_TIME;
}

/** The deletion of a complex column, or undefined when it has none. Valid until the next call. */
export function complexDeletionOf(row: Row, index: number): DeletionTime | undefined {
  const deletion = row.complexDeletion(index, scratch);
  return deletion.isLive ? undefined : deletion;
}

/** Nothing at all in it: not even what was dropped since. */
export function isBare(row: Row): boolean {
  if (hasMarkerOrDeletion(row) || row.cellCount > 0) return false;
  for (let index = 0; index < row.complexCount; index++) {
    if (complexDeletionOf(row, index) !== undefined) return false;
  }
  return true;
}

/** Nothing in it that Cassandra's reader sees: it leaves such rows out. */
export function isRowEmpty(row: Row): boolean {
  if (hasMarkerOrDeletion(row)) return false;
  for (let cell = 0; cell < row.cellCount; cell++) {
    if (!row.isDropped(cell)) return false;
  }
  for (let index = 0; index < row.complexCount; index++) {
    if (!row.isComplexDeletionDropped(index) && complexDeletionOf(row, index) !== undefined) return false;
  }
  return true;
}

function hasMarkerOrDeletion(row: Row): boolean {
  return hasLiveness(row.liveness) || (row.hasDeletion && !row.deletion.isLive);
}
