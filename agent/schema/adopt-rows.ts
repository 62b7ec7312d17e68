/**
 * Schema changes that the agent never saw: a segment without CDC data loses its link in cdc_raw, also when it holds DDL.
 * Then CQL says what the schema is now, while the log is read at an earlier place. What the log has shown stays, what it
 * did not show is added: columns that are dropped by now are still needed, and a table counts as captured when it is in
 * either. Rather too much than a row or a cell too little: the log's own DDL applies over all of this when it comes, and
 * at the end of the log CQL and log are the same.
 */
import type { SystemSchemaRows } from '../../parsers/index.js';
import type { JsonRow } from './schema-cells.js';
import { jsonRows, type SchemaRows } from './schema-rows.js';

const OF_A_TABLE = ['tables', 'views', 'columns', 'dropped_columns'] as const;

/** Adds to `rows` what `later` knows more. */
export function adoptRows(rows: SchemaRows, later: SystemSchemaRows): void {
  for (const row of jsonRows(later.keyspaces)) {
    const partition = rows.partition('keyspaces', keyspaceOf(row));
    if (partition.liveRows().length === 0) partition.put(row);
  }
  // A type only ever gets fields added and renamed.
  for (const row of jsonRows(later.types)) {
    const partition = rows.partition('types', keyspaceOf(row));
    const known = partition.liveRows(String(row.type_name))[0];
    if (known === undefined || lengthOf(known.field_names) < lengthOf(row.field_names)) partition.put(row);
  }
  const columns = byTable(jsonRows(later.columns));
  const dropped = byTable(jsonRows(later.dropped_columns));
  for (const [kind, nameColumn] of [['tables', 'table_name'], ['views', 'view_name']] as const) {
    for (const row of jsonRows(later[kind])) {
      const name = String(row[nameColumn]);
      const key = keyOf(row, name);
      adoptTable(rows, { kind, name, row, columns: columns.get(key) ?? [], dropped: dropped.get(key) ?? [] });
    }
  }
}

interface LaterTable {
  readonly kind: 'tables' | 'views';
  readonly name: string;
  readonly row: JsonRow;
  readonly columns: readonly JsonRow[];
  readonly dropped: readonly JsonRow[];
}

function adoptTable(rows: SchemaRows, { kind, name, row, columns, dropped }: LaterTable): void {
  const keyspace = keyspaceOf(row);
  const partition = rows.partition(kind, keyspace);
  const known = partition.liveRows(name)[0];
  if (known === undefined || known.id !== row.id) {
    for (const table of OF_A_TABLE) rows.partition(table, keyspace).forget(name);
    partition.put(row);
  } else if (row.cdc === true && known.cdc !== true) {
    turnOn(rows, { keyspace, name });
  }
  replaceKey(rows, { keyspace, name, columns });
  const namesIn = (kindOfRow: 'columns' | 'dropped_columns'): Set<string> => new Set(rows.partition(kindOfRow, keyspace).liveRows(name).map((one) => String(one.column_name)));
  const live = namesIn('columns');
  for (const column of columns.filter((one) => !live.has(String(one.column_name)))) rows.partition('columns', keyspace).put(column);
  // When it was dropped the log has not said, unless it has: until then its cells count.
  const here = new Set([...namesIn('columns'), ...namesIn('dropped_columns')]);
  for (const column of dropped.filter((one) => !here.has(String(one.column_name)))) rows.partition('columns', keyspace).put(asLive(column));
}

function asLive({ keyspace_name, table_name, column_name, kind, type }: JsonRow): JsonRow {
  return { keyspace_name, table_name, column_name, kind: kind ?? 'regular', type, position: -1, clustering_order: 'none' };
}

/** Key columns are renamed, never added or dropped: the old name and the new one must not stand side by side. */
function replaceKey(rows: SchemaRows, { keyspace, name, columns }: { readonly keyspace: string; readonly name: string; readonly columns: readonly JsonRow[] }): void {
  const partition = rows.partition('columns', keyspace);
  const later = new Set(columns.filter(isKey).map((column) => String(column.column_name)));
  for (const stored of [...partition.stored(name)]) {
    const live = partition.live(stored);
    if (live !== null && isKey(live) && !later.has(String(live.column_name))) partition.remove(stored);
  }
}

function isKey({ kind }: JsonRow): boolean {
  return kind === 'partition_key' || kind === 'clustering';
}

/** At the old cell's time: the next ALTER in the log writes it anew. */
function turnOn(rows: SchemaRows, { keyspace, name }: { readonly keyspace: string; readonly name: string }): void {
  for (const stored of rows.partition('tables', keyspace).stored(name)) {
    stored.cells.set('cdc', { value: true, timestamp: stored.cells.get('cdc')?.timestamp ?? stored.writtenAt });
  }
}

function byTable(rows: readonly JsonRow[]): Map<string, JsonRow[]> {
  const groups = new Map<string, JsonRow[]>();
  for (const row of rows) {
    const key = keyOf(row, String(row.table_name));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function keyOf(row: JsonRow, name: string): string {
  return `${keyspaceOf(row)}\u0000${name}`;
}

function keyspaceOf(row: JsonRow): string {
  return String(row.keyspace_name);
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
