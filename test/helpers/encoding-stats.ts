/**
 * The smallest timestamp, local deletion time and TTL of an update, against which all of its times are written
 * (EncodingStats and its Collector).
 */
import type { CellModel, DeletionModel, EncodingStatsModel, RowModel, UpdateModel } from './model.js';

/** 2015-09-22T00:00:00Z. */
export const DELETION_TIME_EPOCH = 1_442_880_000;
export const TIMESTAMP_EPOCH = 1_442_880_000_000_000n;
const NO_TIMESTAMP = -(1n << 63n);

export function collectStats(update: UpdateModel): EncodingStatsModel {
  if (update.stats !== undefined) return update.stats;
  const collector = new Collector();
  collector.deletion(update.deletion);
  if (update.staticRow !== null) collector.row(update.staticRow);
  for (const item of update.items) {
    if (item.item === 'row') collector.row(item);
    else {
      collector.deletion(item.close);
      collector.deletion(item.open);
    }
  }
  return collector.get();
}

class Collector {
  #timestamp: bigint | null = null;
  #localDeletionTime: number | null = null;
  #ttl: number | null = null;

  deletion(deletion: DeletionModel | null): void {
    if (deletion === null) return;
    this.#timestampOf(deletion.markedForDeleteAt);
    this.#localDeletionTimeOf(deletion.localDeletionTime);
  }

  row(row: RowModel): void {
    if (row.liveness !== null) {
      this.#timestampOf(row.liveness.timestamp);
      if (row.liveness.ttl !== 0) {
        this.#ttlOf(row.liveness.ttl);
        this.#localDeletionTimeOf(row.liveness.localExpirationTime);
      }
    }
    this.deletion(row.deletion);
    for (const data of row.columns) {
      this.deletion(data.deletion);
      for (const cell of data.cells) this.#cell(cell);
    }
  }

  #cell(cell: CellModel): void {
    this.#timestampOf(cell.timestamp);
    if (cell.kind === 'live') return;
    this.#localDeletionTimeOf(cell.localDeletionTime);
    if (cell.kind === 'expiring') this.#ttlOf(cell.ttl);
  }

  #timestampOf(timestamp: bigint): void {
    if (this.#timestamp === null || timestamp < this.#timestamp) this.#timestamp = timestamp;
  }

  #localDeletionTimeOf(time: number): void {
    if (this.#localDeletionTime === null || time < this.#localDeletionTime) this.#localDeletionTime = time;
  }

  #ttlOf(ttl: number): void {
    if (this.#ttl === null || ttl < this.#ttl) this.#ttl = ttl;
  }

  get(): EncodingStatsModel {
    const timestamp = this.#timestamp;
    return {
      minTimestamp: timestamp === null || timestamp === NO_TIMESTAMP ? TIMESTAMP_EPOCH : timestamp,
      minLocalDeletionTime: this.#localDeletionTime ?? DELETION_TIME_EPOCH,
      minTtl: this.#ttl ?? 0,
    };
  }
}
