/**
 * Rows, range tombstone markers, clusterings, column subsets and cells.
 *
 *   <row>     is <flags:u8> <extended flags:u8>? <clustering>? <liveness>? <deletion>? <subset>? <column data>*
 *   <marker>  is <0x02> <kind:u8> <size:u16> <values> <close deletion>? <open deletion>?
 *   <cell>    is <flags:u8> <timestamp>? <local deletion time>? <ttl>? <path>? <value>?
 *
 * Follows UnfilteredSerializer, ClusteringPrefix.Serializer, ClusteringBoundOrBoundary.Serializer,
 * Columns.Serializer.serializeSubset, Cell.Serializer, CollectionType.CollectionPathSerializer, AbstractType.writeValue.
 */
import type { DataWriter } from './data-writer.js';
import { BOUND_KINDS } from './model.js';
import type { CellModel, ColumnDataModel, ColumnModel, LivenessModel, MarkerModel, RowModel, TypeModel } from './model.js';
import type { HeaderWriter } from './mutation-writer.js';

const IS_MARKER = 0x02;
const HAS_TIMESTAMP = 0x04;
const HAS_TTL = 0x08;
const HAS_DELETION = 0x10;
const HAS_ALL_COLUMNS = 0x20;
const HAS_COMPLEX_DELETION = 0x40;
const EXTENSION_FLAG = 0x80;

const IS_STATIC = 0x01;
const HAS_SHADOWABLE_DELETION = 0x02;

const IS_DELETED = 0x01;
const IS_EXPIRING = 0x02;
const HAS_EMPTY_VALUE = 0x04;
const USE_ROW_TIMESTAMP = 0x08;
const USE_ROW_TTL = 0x10;

export function writeRow(row: RowModel, header: HeaderWriter, columns: readonly ColumnModel[], isStatic: boolean): void {
  const out = header.out;
  const { liveness, deletion } = row;
  const hasComplexDeletion = row.columns.some((data) => data.deletion !== null);
  const hasAllColumns = row.columns.length === columns.length;
  const extended = (isStatic ? IS_STATIC : 0) | (deletion !== null && row.isShadowable ? HAS_SHADOWABLE_DELETION : 0);
  let flags = extended === 0 ? 0 : EXTENSION_FLAG;
  if (liveness !== null) flags |= HAS_TIMESTAMP;
  if (liveness !== null && liveness.ttl !== 0) flags |= HAS_TTL;
  if (deletion !== null) flags |= HAS_DELETION;
  if (hasComplexDeletion) flags |= HAS_COMPLEX_DELETION;
  if (hasAllColumns) flags |= HAS_ALL_COLUMNS;
  out.u8(flags);
  if (extended !== 0) out.u8(extended);

  if (!isStatic) writeValues(row.clustering, header);
  if (liveness !== null) {
    header.timestamp(liveness.timestamp);
    if (liveness.ttl !== 0) {
      header.ttl(liveness.ttl);
      header.localDeletionTime(liveness.localExpirationTime);
    }
  }
  if (deletion !== null) header.deletionTime(deletion);
  if (!hasAllColumns) writeSubset(row.columns.map((data) => columns.indexOf(data.column)), columns.length, out);
  for (const data of row.columns) writeColumnData(data, liveness, hasComplexDeletion, header);
}

function writeColumnData(data: ColumnDataModel, liveness: LivenessModel | null, hasComplexDeletion: boolean, header: HeaderWriter): void {
  if (data.column.type.multiCell === undefined) {
    if (data.cells.length !== 1) throw new Error(`${data.column.name}: a simple column has one cell`);
    writeCell(data.cells[0], data.column.type, liveness, header);
    return;
  }
  if (hasComplexDeletion) {
    if (data.deletion === null) header.liveDeletionTime();
    else header.deletionTime(data.deletion);
  }
  header.out.vint(data.cells.length);
  for (const cell of data.cells) writeCell(cell, data.column.type, liveness, header);
}

function writeCell(cell: CellModel, type: TypeModel, liveness: LivenessModel | null, header: HeaderWriter): void {
  const out = header.out;
  const isExpiring = cell.kind === 'expiring';
  const useRowTimestamp = liveness !== null && cell.timestamp === liveness.timestamp;
  const useRowTtl = isExpiring && liveness !== null && liveness.ttl !== 0
    && cell.ttl === liveness.ttl && cell.localDeletionTime === liveness.localExpirationTime;
  let flags = 0;
  if (cell.value.length === 0) flags |= HAS_EMPTY_VALUE;
  if (cell.kind === 'tombstone') flags |= IS_DELETED;
  if (isExpiring) flags |= IS_EXPIRING;
  if (useRowTimestamp) flags |= USE_ROW_TIMESTAMP;
  if (useRowTtl) flags |= USE_ROW_TTL;
  out.u8(flags);
  if (!useRowTimestamp) header.timestamp(cell.timestamp);
  if (cell.kind !== 'live' && !useRowTtl) header.localDeletionTime(cell.localDeletionTime);
  if (isExpiring && !useRowTtl) header.ttl(cell.ttl);
  if (cell.path !== null) out.withVintLength(cell.path);
  if (cell.value.length > 0) writeValue(cell.value, type, out);
}

function writeValue(value: Buffer, type: TypeModel, out: DataWriter): void {
  if (type.fixedLength < 0) {
    out.withVintLength(value);
    return;
  }
  if (value.length !== type.fixedLength) throw new Error(`${type.cql}: expected ${type.fixedLength} bytes, got ${value.length}`);
  out.raw(value);
}

export function writeMarker(marker: MarkerModel, header: HeaderWriter): void {
  header.out.u8(IS_MARKER).u8(BOUND_KINDS[marker.kind]).u16(marker.values.length);
  writeValues(marker.values, header);
  if (marker.close !== null) header.deletionTime(marker.close);
  if (marker.open !== null) header.deletionTime(marker.open);
}

/** Before each 32 values, two bits per value: 1 for an empty one, 2 for null. */
function writeValues(values: readonly (Buffer | null)[], header: HeaderWriter): void {
  const types = header.update.table.clustering;
  for (let start = 0; start < values.length; start += 32) {
    const batch = values.slice(start, start + 32);
    let bits = 0n;
    batch.forEach((value, i) => {
      if (value === null) bits |= 2n << BigInt(2 * i);
      else if (value.length === 0) bits |= 1n << BigInt(2 * i);
    });
    header.out.vint(bits);
    batch.forEach((value, i) => {
      if (value !== null && value.length > 0) writeValue(value, types[start + i].type, header.out);
    });
  }
}

/**
 * Which of `total` columns are there. Fewer than 64: a bitmap of the missing ones. Else the number of missing ones, then
 * the indexes of the present ones when they are fewer than half, of the missing ones otherwise.
 */
function writeSubset(present: readonly number[], total: number, out: DataWriter): void {
  if (present.includes(-1)) throw new Error('a row has a column that the header lacks');
  if (present.length === total) {
    out.vint(0);
    return;
  }
  const missing = Array.from({ length: total }, (_, i) => i).filter((i) => !present.includes(i));
  if (total < 64) {
    out.vint(missing.reduce((bits, i) => bits | (1n << BigInt(i)), 0n));
    return;
  }
  out.vint(missing.length);
  for (const index of present.length < Math.floor(total / 2) ? present : missing) out.vint(index);
}
