/** What updates hold, counted as Cassandra sees it: cells of columns dropped since, and rows that held nothing else, don't count. */
import { compareInt64 } from '../../parsers/io/int64.js';
import type { PartitionUpdate, RangeTombstoneMarker, Row, TableMetadata } from '../../parsers/index.js';
import { complexDeletionOf, hasLiveness, isCellTombstone, isRowEmpty } from './visibility.js';

/** Names of the counters, in the order in which they are shown. */
export const COUNTED = ['updates', 'rows', 'staticRows', 'cells', 'cellTombstones', 'rowDeletions', 'complexDeletions', 'rangeMarkers', 'partitionDeletions', 'droppedCells'] as const;
export type Counted = (typeof COUNTED)[number];

/** The span of write times, in microseconds as two halves each. */
export class WriteTimes {
  isEmpty = true;
  minHigh = 0;
  minLow = 0;
  maxHigh = 0;
  maxLow = 0;

  clear(): void {
    this.isEmpty = true;
  }

  add(high: number, low: number): void {
    if (this.isEmpty || compareInt64(high, low, this.minHigh, this.minLow) < 0) {
      this.minHigh = high;
      this.minLow = low;
    }
    if (this.isEmpty || compareInt64(high, low, this.maxHigh, this.maxLow) > 0) {
      this.maxHigh = high;
      this.maxLow = low;
    }
    this.isEmpty = false;
  }

  merge(other: WriteTimes): void {
    if (other.isEmpty) return;
    this.add(other.minHigh, other.minLow);
    this.add(other.maxHigh, other.maxLow);
  }
}

/** Counters of one update, or summed up over a table. */
export class UpdateCounts implements Record<Counted, number> {
  table: TableMetadata | undefined;
  updates = 0;
  rows = 0;
  staticRows = 0;
  cells = 0;
  cellTombstones = 0;
  rowDeletions = 0;
  complexDeletions = 0;
  rangeMarkers = 0;
  partitionDeletions = 0;
  droppedCells = 0;
  readonly writeTimes = new WriteTimes();

  clear(table: TableMetadata): void {
    for (const name of COUNTED) this[name] = 0;
    this.table = table;
    this.writeTimes.clear();
  }

  add(other: UpdateCounts): void {
    for (const name of COUNTED) this[name] += other[name];
    this.writeTimes.merge(other.writeTimes);
  }

  begin(update: PartitionUpdate): void {
    this.clear(update.table);
    this.updates = 1;
    const deletion = update.partitionDeletion;
    if (update.hasPartitionDeletion && !deletion.isLive) {
      this.partitionDeletions = 1;
      this.writeTimes.add(deletion.markedForDeleteAtHigh, deletion.markedForDeleteAtLow);
    }
  }

  row(row: Row): void {
    this.#addCells(row);
    this.#addComplexDeletions(row);
    if (isRowEmpty(row)) return;
    if (row.isStatic) this.staticRows++;
    else this.rows++;
    if (hasLiveness(row.liveness)) this.writeTimes.add(row.liveness.timestampHigh, row.liveness.timestampLow);
    if (row.hasDeletion && !row.deletion.isLive) {
      this.rowDeletions++;
      this.writeTimes.add(row.deletion.markedForDeleteAtHigh, row.deletion.markedForDeleteAtLow);
    }
  }

  marker(marker: RangeTombstoneMarker): void {
    this.rangeMarkers++;
    const deletion = marker.opens ? marker.openDeletion : marker.closeDeletion;
    this.writeTimes.add(deletion.markedForDeleteAtHigh, deletion.markedForDeleteAtLow);
  }

  #addCells(row: Row): void {
    for (let cell = 0; cell < row.cellCount; cell++) {
      if (row.isDropped(cell)) {
        this.droppedCells++;
        continue;
      }
      this.cells++;
      if (isCellTombstone(row, cell)) this.cellTombstones++;
      this.writeTimes.add(row.timestampHigh(cell), row.timestampLow(cell));
    }
  }

  #addComplexDeletions(row: Row): void {
    for (let index = 0; index < row.complexCount; index++) {
      if (!row.isComplexDeletionDropped(index) && complexDeletionOf(row, index) !== undefined) this.complexDeletions++;
    }
  }
}

/** Deletions of every kind: cells, rows, whole collections, ends of ranges, partitions. */
export function deletionsOf(counts: UpdateCounts): number {
  return counts.cellTombstones + counts.rowDeletions + counts.complexDeletions + counts.rangeMarkers + counts.partitionDeletions;
}
