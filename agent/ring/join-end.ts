/**
 * The end of a bootstrap in the node's own log: SystemKeyspace.setBootstrapState(COMPLETED) writes it before the node tells
 * the others that it is a member. What stands in front of it was streamed to the node, or is published by the owners of then.
 */
import { UNFILTERED, int64ToNumber, type Mutation, type PartitionUpdate, type Row, type TableMetadata } from '../../parsers/index.js';

const MICROS_PER_MILLI = 1000;

/** `mutation` is open, `table` that of its first update; `joinedAtMs`: the write time of the bootstrap state, ms since 1970. Throws CorruptError. */
export function endsJoin(mutation: Mutation, table: TableMetadata | undefined, joinedAtMs: number): boolean {
  if (table?.keyspace !== 'system' || table.name !== 'local') return false;
  for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
    for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
      if (kind === UNFILTERED.ROW && isCompleted(update.row, update, joinedAtMs)) return true;
    }
  }
  return false;
}

function isCompleted(row: Row, { bytes }: PartitionUpdate, joinedAtMs: number): boolean {
  for (let cell = 0; cell < row.cellCount; cell++) {
    if (row.column(cell).name !== 'bootstrapped' || bytes.utf8Slice(row.valueStart(cell), row.valueEnd(cell)) !== 'COMPLETED') continue;
    if (Math.floor(int64ToNumber(row.timestampHigh(cell), row.timestampLow(cell)) / MICROS_PER_MILLI) === joinedAtMs) return true;
  }
  return false;
}
