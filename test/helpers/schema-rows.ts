/**
 * A schema model as the rows of `system_schema` (what `SELECT JSON *` gives, the input of `inspect --schema`), and as the CQL
 * that makes it.
 */
import type { ColumnModel, SchemaModel, TableModel } from './model.js';

export interface SchemaRows {
  readonly keyspaces: Record<string, unknown>[];
  readonly tables: Record<string, unknown>[];
  readonly columns: Record<string, unknown>[];
  readonly dropped_columns: Record<string, unknown>[];
  readonly types: Record<string, unknown>[];
}

export function schemaRows(schema: SchemaModel): SchemaRows {
  return {
    keyspaces: schema.keyspaces.map((name) => ({
      keyspace_name: name,
      durable_writes: true,
      replication: { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '1' },
    })),
    tables: schema.tables.map((table) => ({
      keyspace_name: table.keyspace,
      table_name: table.name,
      id: table.id,
      cdc: true,
      flags: table.isCounter ? ['compound', 'counter'] : ['compound'],
    })),
    columns: schema.tables.flatMap((table) => allColumns(table).filter((column) => !column.isDropped).map((column) => columnRow(table, column))),
    dropped_columns: schema.tables.flatMap((table) => allColumns(table).filter((column) => column.droppedTime !== null).map((column) => ({
      keyspace_name: table.keyspace,
      table_name: table.name,
      column_name: column.name,
      dropped_time: cqlTimestamp(column.droppedTime ?? 0n),
      kind: column.kind,
      type: column.type.cql,
    }))),
    types: schema.userTypes.map((type) => ({
      keyspace_name: type.keyspace,
      type_name: type.name,
      field_names: type.fields.map((field) => field.name),
      field_types: type.fields.map((field) => field.type.cql),
    })),
  };
}

function columnRow(table: TableModel, column: ColumnModel): Record<string, unknown> {
  return {
    keyspace_name: table.keyspace,
    table_name: table.name,
    column_name: column.name,
    clustering_order: column.kind !== 'clustering' ? 'none' : column.reversed ? 'desc' : 'asc',
    column_name_bytes: `0x${Buffer.from(column.name).toString('hex')}`,
    kind: column.kind,
    position: column.position,
    type: column.type.cql,
  };
}

export function allColumns(table: TableModel): ColumnModel[] {
  return [...table.partitionKey, ...table.clustering, ...table.statics, ...table.regulars];
}

/** As `SELECT JSON` prints a timestamp; dropped times are whole milliseconds. */
function cqlTimestamp(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString().replace('T', ' ');
}

/** Statements that make the schema with the same table ids; dropped columns are left out. */
export function schemaStatements(schema: SchemaModel): string[] {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const statements = schema.keyspaces.map((name) =>
    `CREATE KEYSPACE ${quote(name)} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
  for (const type of schema.userTypes) {
    const fields = type.fields.map((field) => `${quote(field.name)} ${field.type.cql}`).join(', ');
    statements.push(`CREATE TYPE ${quote(type.keyspace)}.${quote(type.name)} (${fields})`);
  }
  for (const table of schema.tables) {
    const columns = allColumns(table).filter((column) => !column.isDropped)
      .map((column) => `${quote(column.name)} ${column.type.cql}${column.kind === 'static' ? ' static' : ''}`);
    const key = `(${table.partitionKey.map((column) => quote(column.name)).join(', ')})`;
    const primary = [key, ...table.clustering.map((column) => quote(column.name))].join(', ');
    const order = table.clustering.map((column) => `${quote(column.name)} ${column.reversed ? 'DESC' : 'ASC'}`).join(', ');
    const options = [`ID = ${table.id}`, ...(order === '' ? [] : [`CLUSTERING ORDER BY (${order})`]), 'cdc = true'];
    statements.push(`CREATE TABLE ${quote(table.keyspace)}.${quote(table.name)} (${columns.join(', ')}, PRIMARY KEY (${primary})) WITH ${options.join(' AND ')}`);
  }
  return statements;
}
