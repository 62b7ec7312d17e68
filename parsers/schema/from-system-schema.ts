/**
 * Tables from the rows of system_schema. Mirrors SchemaKeyspace.fetchTable, createColumnFromRow and
 * createDroppedColumnFromRow; the same columns stand in Cassandra 4.0, 4.1 and 5.0.
 *
 * Compact-storage tables need nothing of their own: columns has the physical layout, with kind static for the columns of
 * a static compact table, its hidden clustering column and value, and a value of type empty for a dense table without.
 */
import { ReversedType } from '../marshal/reversed.js';
import type { UserTypes } from './cql-type.js';
import { SchemaError, SystemSchemaRow } from './system-schema-row.js';
import { type ColumnKind, type ColumnMetadata, TableMetadata } from './table-metadata.js';
import { parseTypeAt, UserTypeRegistry } from './user-types.js';

export { SchemaError } from './system-schema-row.js';

/** Rows by table of system_schema: objects, JSON texts, or `{"[json]": text}` as `SELECT JSON *` returns them. */
export interface SystemSchemaRows {
  readonly keyspaces?: readonly unknown[];
  readonly tables: readonly unknown[];
  readonly columns: readonly unknown[];
  readonly dropped_columns?: readonly unknown[];
  readonly types?: readonly unknown[];
  readonly views?: readonly unknown[];
}

/** Every table and materialized view that the rows describe, in their order. Throws SchemaError. */
export function schemaFromRows(rows: SystemSchemaRows): TableMetadata[] {
  const userTypes = new UserTypeRegistry(read('types', rows.types));
  const columns = byTable(read('columns', rows.columns));
  const dropped = byTable(read('dropped_columns', rows.dropped_columns));
  const build = (row: SystemSchemaRow, name: string, isView: boolean): TableMetadata => {
    const keyspace = row.text('keyspace_name');
    const key = keyOf(keyspace, name);
    return buildTable(row, { name, isView, columns: columns.get(key) ?? [], dropped: dropped.get(key) ?? [], types: userTypes.ofKeyspace(keyspace) });
  };
  return [
    ...read('tables', rows.tables).map((row) => build(row, row.text('table_name'), false)),
    ...read('views', rows.views).map((row) => build(row, row.text('view_name'), true)),
  ];
}

/** Replication options by keyspace, as CREATE KEYSPACE has them: `{"class": "…NetworkTopologyStrategy", "dc1": "3"}`. */
export function replicationFromRows(rows: SystemSchemaRows): Map<string, Readonly<Record<string, string>>> {
  return new Map(read('keyspaces', rows.keyspaces).map((row) => [row.text('keyspace_name'), row.textMap('replication')]));
}

interface TableParts {
  readonly name: string;
  readonly isView: boolean;
  readonly columns: readonly SystemSchemaRow[];
  readonly dropped: readonly SystemSchemaRow[];
  readonly types: UserTypes;
}

function buildTable(row: SystemSchemaRow, parts: TableParts): TableMetadata {
  const droppedTimes = new Map(parts.dropped.map((dropped) => [dropped.text('column_name'), microsOf(dropped.millis('dropped_time'))]));
  const columns = parts.columns.map((column) => buildColumn(column, parts.types, droppedTimes.get(column.text('column_name')) ?? null));
  const ofKind = (kind: ColumnKind): ColumnMetadata[] => columns.filter((column) => column.kind === kind).sort((a, b) => a.position - b.position);
  const partitionKey = ofKind('partition_key');
  if (partitionKey.length === 0) {
    throw new SchemaError(row.place, 'no partition key column in system_schema.columns', 'export system_schema.columns with the tables, in one go');
  }
  const current = new Set(columns.map((column) => column.name));
  return new TableMetadata({
    keyspace: row.text('keyspace_name'),
    name: parts.name,
    id: tableId(row),
    partitionKey,
    clustering: ofKind('clustering'),
    statics: ofKind('static'),
    regulars: ofKind('regular'),
    dropped: parts.dropped.filter((dropped) => !current.has(dropped.text('column_name')))
      .map((dropped) => buildDroppedColumn(dropped, parts.types, droppedTimes.get(dropped.text('column_name')) ?? null)),
    isCounter: row.texts('flags').some((flag) => flag.toLowerCase() === 'counter'),
    isCdc: row.flag('cdc'),
    isView: parts.isView,
  });
}

function buildColumn(row: SystemSchemaRow, types: UserTypes, droppedTime: Micros | null): ColumnMetadata {
  const name = row.text('column_name');
  const kind = kindOf(row);
  const declared = parseTypeAt(row.place, row.text('type'), types);
  const type = row.optionalText('clustering_order')?.toLowerCase() === 'desc' ? new ReversedType(declared) : declared;
  const isKey = kind === 'partition_key' || kind === 'clustering';
  return {
    name,
    nameBytes: row.bytes('column_name_bytes') ?? Buffer.from(name),
    kind,
    position: isKey ? row.integer('position') : -1,
    type,
    isComplex: !isKey && type.isMultiCell,
    isDropped: false,
    droppedTime,
  };
}

/** Cassandra writes the types of dropped columns with frozen tuples for UDTs, so that the UDTs may go too (expandUserTypes). */
function buildDroppedColumn(row: SystemSchemaRow, types: UserTypes, droppedTime: Micros | null): ColumnMetadata {
  const name = row.text('column_name');
  const kind = row.optionalText('kind') === undefined ? 'regular' : kindOf(row);
  if (kind !== 'regular' && kind !== 'static') throw new SchemaError(row.place, `a dropped column of kind ${kind}`, 'export system_schema.dropped_columns again');
  const type = parseTypeAt(row.place, row.text('type'), types);
  return { name, nameBytes: Buffer.from(name), kind, position: -1, type, isComplex: type.isMultiCell, isDropped: true, droppedTime };
}

function kindOf(row: SystemSchemaRow): ColumnKind {
  const kind = row.text('kind').toLowerCase();
  if (kind === 'partition_key' || kind === 'clustering' || kind === 'static' || kind === 'regular') return kind;
  throw new SchemaError(row.place, `unknown kind of column '${kind}'`, 'use a release of the agent that knows this version of Cassandra');
}

function tableId(row: SystemSchemaRow): string {
  const id = row.text('id').toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new SchemaError(row.place, `id '${id}' is not a uuid`, 'export system_schema.tables again with SELECT JSON *');
}

type Micros = NonNullable<ColumnMetadata['droppedTime']>;

/** Milliseconds to microseconds in two halves, at the limits of int64 when they don't fit (TimeUnit.toMicros). */
function microsOf(millis: number): Micros {
  const micros = BigInt(millis) * 1000n;
  const max = 0x7fffffffffffffffn;
  const clamped = micros > max ? max : micros < -max - 1n ? -max - 1n : micros;
  return { hi: Number(clamped >> 32n), lo: Number(BigInt.asIntN(32, clamped)) };
}

function read(table: string, rows: readonly unknown[] | undefined): SystemSchemaRow[] {
  return (rows ?? []).map((row) => new SystemSchemaRow(table, row));
}

function byTable(rows: readonly SystemSchemaRow[]): Map<string, SystemSchemaRow[]> {
  const groups = new Map<string, SystemSchemaRow[]>();
  for (const row of rows) {
    const key = keyOf(row.text('keyspace_name'), row.text('table_name'));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function keyOf(keyspace: string, table: string): string {
  return `${keyspace}\u0000${table}`;
}
