/**
 * What Cassandra checks of a row before it takes an entry from the log. Mirrors PartitionUpdate.validate, AbstractCell.validate,
 * ColumnMetadata.validateCell and UserType.validateCell. The publishing path does without: the node that wrote the entry
 * has validated it.
 *
 * Static rows are not validated, nor are range bounds, keys and deletions: PartitionUpdate.validate walks its rows only.
 */
import { MarshalError } from '../marshal/abstract-type.js';
import type { TableMetadata } from '../schema/table-metadata.js';
import { INVALID_DELETION_TIME, NO_DELETION_TIME } from './deletion-time.js';
import type { Row } from './row.js';

/** Throws MarshalError, or CorruptError from a type, when a clustering value or a cell that Cassandra sees is invalid. */
export function validateRow(row: Row, bytes: Buffer, table: TableMetadata): void {
  const { size, starts, ends } = row.clustering;
  for (let i = 0; i < size; i++) {
    if (starts[i] >= 0) table.clustering[i].type.validate(bytes, starts[i], ends[i]);
  }
  for (let cell = 0; cell < row.cellCount; cell++) {
    if (!row.isDropped(cell)) validateCell(row, cell, bytes);
  }
}

function validateCell(row: Row, cell: number, bytes: Buffer): void {
  const time = row.localDeletionTime(cell);
  const ttl = row.ttl(cell);
  if (time === INVALID_DELETION_TIME) throw new MarshalError('A local deletion time should not be a legacy overflowed value');
  if (ttl !== 0 && time === NO_DELETION_TIME) throw new MarshalError('A cell should not have a TTL without a local deletion time');
  const { type } = row.column(cell);
  const pathStart = row.pathStart(cell);
  const pathEnd = row.pathEnd(cell);
  const valueStart = row.valueStart(cell);
  const valueEnd = row.valueEnd(cell);
  if (ttl === 0 && time !== NO_DELETION_TIME) {
    if (valueEnd > valueStart) throw new MarshalError('A tombstone should not have a value');
    if (pathStart >= 0) type.cellPathType().validate(bytes, pathStart, pathEnd);
  } else if (pathStart >= 0) {
    type.cellPathType().validate(bytes, pathStart, pathEnd);
    type.cellValueType(bytes, pathStart, pathEnd).validateCellValue(bytes, valueStart, valueEnd);
  } else {
    type.validateCellValue(bytes, valueStart, valueEnd);
  }
}
