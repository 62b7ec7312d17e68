/** A parsed update in the raw contract's form, read off the parser's cursors. */
import { CLUSTERING_KINDS, localDeletionSeconds, tokenOf, UNFILTERED } from '../../parsers/index.js';
import type { ClusteringPrefix, DeletionTime, PartitionUpdate, Row } from '../../parsers/index.js';
import { DeletionTime as Deletion } from '../../parsers/index.js';
import { rawBytes } from './raw-contract.js';
import type { RawCell, RawDeletion, RawMarker, RawRow, RawUpdate } from './raw-contract.js';

const scratch = new Deletion();
const token = { hi: 0, lo: 0 };

export function dumpUpdate(update: PartitionUpdate): RawUpdate {
  const { table, bytes, keyStart, keyEnd } = update;
  tokenOf(bytes, keyStart, keyEnd, token);
  const items: (RawRow | RawMarker)[] = [];
  const base = {
    ks: table.keyspace,
    tbl: table.name,
    id: table.id,
    key: rawBytes(bytes.subarray(keyStart, keyEnd)),
    token: int64(token.hi, token.lo),
    ...(update.hasPartitionDeletion ? { del: deletion(update.partitionDeletion) } : {}),
  };
  let staticRow: RawRow | undefined;
  for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
    if (kind === UNFILTERED.STATIC_ROW) staticRow = row(update.row, bytes);
    else items.push(kind === UNFILTERED.ROW ? row(update.row, bytes) : marker(update, bytes));
  }
  return { ...base, ...(staticRow === undefined ? {} : { static: staticRow }), items };
}

function int64(high: number, low: number): string {
  return String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

function deletion(time: DeletionTime): RawDeletion {
  return [int64(time.markedForDeleteAtHigh, time.markedForDeleteAtLow), localDeletionSeconds(time.localDeletionTime)];
}

function values(clustering: ClusteringPrefix, bytes: Buffer): (string | null)[] {
  return Array.from({ length: clustering.size }, (_, i) => (clustering.starts[i] < 0 ? null : rawBytes(bytes.subarray(clustering.starts[i], clustering.ends[i]))));
}

function marker(update: PartitionUpdate, bytes: Buffer): RawMarker {
  const { clustering, closes, closeDeletion, opens, openDeletion } = update.marker;
  return {
    t: 'rt',
    kind: CLUSTERING_KINDS[clustering.kind],
    ck: values(clustering, bytes),
    ...(closes ? { close: deletion(closeDeletion) } : {}),
    ...(opens ? { open: deletion(openDeletion) } : {}),
  };
}

function row(source: Row, bytes: Buffer): RawRow {
  const { liveness } = source;
  const written = int64(liveness.timestampHigh, liveness.timestampLow);
  const cdel: { c: string; del: RawDeletion; dropped?: 1 }[] = [];
  for (let i = 0; i < source.complexCount; i++) {
    const time = source.complexDeletion(i, scratch);
    const column = source.complexColumn(i);
    const dropped = column.isDropped || source.isComplexDeletionDropped(i) ? { dropped: 1 as const } : {};
    if (!time.isLive) cdel.push({ c: column.name, del: deletion(time), ...dropped });
  }
  return {
    t: 'row',
    ck: source.isStatic ? null : values(source.clustering, bytes),
    ...(liveness.isEmpty ? {} : { live: liveness.ttl === 0 ? [written] : [written, liveness.ttl, localDeletionSeconds(liveness.localExpirationTime)] }),
    ...(source.hasDeletion ? { del: deletion(source.deletion) } : {}),
    ...(source.isShadowable ? { shadowable: 1 as const } : {}),
    cells: Array.from({ length: source.cellCount }, (_, i) => cell(source, i, bytes)),
    cdel,
  };
}

function cell(source: Row, i: number, bytes: Buffer): RawCell {
  const isTombstone = source.isTombstone(i);
  const isExpiring = source.ttl(i) !== 0;
  return {
    c: source.column(i).name,
    ...(source.pathStart(i) < 0 ? {} : { p: rawBytes(bytes.subarray(source.pathStart(i), source.pathEnd(i))) }),
    ts: int64(source.timestampHigh(i), source.timestampLow(i)),
    ...(isExpiring ? { ttl: source.ttl(i) } : {}),
    ...(isExpiring || isTombstone ? { ldt: localDeletionSeconds(source.localDeletionTime(i)) } : {}),
    ...(isTombstone ? { x: 1 as const } : { v: rawBytes(bytes.subarray(source.valueStart(i), source.valueEnd(i))) }),
    ...(source.isDropped(i) || source.column(i).isDropped ? { dropped: 1 as const } : {}),
  };
}

/**
 * Looks at every value of an update without keeping it. Throws RangeError when one lies outside the entry's
 * `[start, end)`, which would show bytes of another entry.
 */
export function touchUpdate(update: PartitionUpdate, start: number, end: number): void {
  const inside = (from: number, to: number, what: string): void => {
    if (from < start || to < from || to > end) throw new RangeError(`${what} at [${from}, ${to}) outside of its entry [${start}, ${end})`);
  };
  const prefix = (clustering: ClusteringPrefix): void => {
    for (let i = 0; i < clustering.size; i++) {
      if (clustering.starts[i] >= 0) inside(clustering.starts[i], clustering.ends[i], 'clustering value');
    }
  };
  inside(update.keyStart, update.keyEnd, 'partition key');
  for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
    if (kind === UNFILTERED.RANGE_TOMBSTONE_MARKER) {
      prefix(update.marker.clustering);
      continue;
    }
    const source = update.row;
    prefix(source.clustering);
    for (let i = 0; i < source.cellCount; i++) {
      if (source.columnIndex(i) >= source.columns.length) throw new RangeError(`cell ${i} has no column`);
      inside(source.valueStart(i), source.valueEnd(i), 'value');
      if (source.pathStart(i) >= 0) inside(source.pathStart(i), source.pathEnd(i), 'cell path');
      if (source.ttl(i) < 0) throw new RangeError(`cell ${i} has a TTL of ${source.ttl(i)}`);
    }
  }
}
