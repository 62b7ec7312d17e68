/** A table back into rows of system_schema, complete in itself: its types stand as class names, with their fields. */
import type { ColumnMetadata, SystemSchemaRows, TableMetadata } from '../../parsers/index.js';

/** `schemaFromRows` makes an equal table of what this gives. */
export function rowsOfTable(table: TableMetadata): SystemSchemaRows {
  const key = { keyspace_name: table.keyspace, table_name: table.name };
  const current = [...table.partitionKey, ...table.clustering, ...table.statics, ...table.regulars];
  const { id, isCdc: cdc } = table;
  const row = { ...key, id, cdc, flags: table.isCounter ? ['compound', 'counter'] : ['compound'] };
  return {
    tables: table.isView ? [] : [row],
    views: table.isView ? [{ ...row, view_name: table.name }] : [],
    columns: current.map((column) => ({ ...key, column_name: column.name, column_name_bytes: `0x${column.nameBytes.toString('hex')}`, kind: column.kind, position: column.position, type: typeText(column), clustering_order: 'none' })),
    dropped_columns: [...current, ...table.dropped].flatMap((column) => (column.droppedTime === null ? [] : [{ ...key, column_name: column.name, kind: column.kind, type: typeText(column), dropped_time: millisOf(column.droppedTime) }])),
    types: [],
  };
}

function typeText({ type }: ColumnMetadata): string {
  return `'${type.className.replaceAll('\'', '\'\'')}'`;
}

function millisOf({ hi, lo }: NonNullable<ColumnMetadata['droppedTime']>): number {
  return Number(((BigInt(hi) << 32n) | BigInt(lo >>> 0)) / 1000n);
}
