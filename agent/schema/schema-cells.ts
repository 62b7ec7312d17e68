/**
 * The cells of system_schema with their write times, as Cassandra keeps them: last write wins by cell, deletions by row
 * and by partition. Rows stand together by the table that they describe, since that is how they are asked for.
 */

/** The tables of system_schema that decoding needs; functions, aggregates, triggers and indexes are not among them. */
export const SCHEMA_TABLES = ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views'] as const;
export type SchemaTable = (typeof SCHEMA_TABLES)[number];

/** Names of the key columns behind keyspace_name, which is the partition key of all of them. */
export const CLUSTERING: Readonly<Record<SchemaTable, readonly string[]>> = {
  keyspaces: [],
  tables: ['table_name'],
  columns: ['table_name', 'column_name'],
  dropped_columns: ['table_name', 'column_name'],
  types: ['type_name'],
  views: ['view_name'],
};

/** Microseconds. A row read by CQL was written before any that comes from the log. */
export const BASE_TIMESTAMP = Number.MIN_SAFE_INTEGER;
export const NEVER = -Infinity;

export interface StoredCell {
  readonly value: unknown;
  readonly timestamp: number;
}

export interface StoredRow {
  readonly clustering: readonly string[];
  /** Row marker. */
  writtenAt: number;
  deletedAt: number;
  /** Known by CQL only: what the log had to say of it, if anything, was not seen. */
  isBase: boolean;
  readonly cells: Map<string, StoredCell>;
}

export type JsonRow = Record<string, unknown>;

/** One keyspace's rows of one table of system_schema. */
export class SchemaPartition {
  readonly table: SchemaTable;
  readonly keyspace: string;
  deletedAt = NEVER;
  /** By the first clustering value (the name of a table, view or type), then by all of them. */
  readonly #groups = new Map<string, Map<string, StoredRow>>();

  constructor(table: SchemaTable, keyspace: string) {
    this.table = table;
    this.keyspace = keyspace;
  }

  row(clustering: readonly string[]): StoredRow {
    const name = clustering[0] ?? '';
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Map<string, StoredRow>()));
    const key = clustering.join('\u0000');
    let row = group.get(key);
    if (row === undefined) group.set(key, (row = { clustering, writtenAt: NEVER, deletedAt: NEVER, isBase: false, cells: new Map() }));
    return row;
  }

  /** Those of one table, view or type, or all; dead ones too. */
  *stored(name?: string): Generator<StoredRow> {
    if (name !== undefined) {
      yield* this.#groups.get(name)?.values() ?? [];
      return;
    }
    for (const group of this.#groups.values()) yield* group.values();
  }

  names(): IterableIterator<string> {
    return this.#groups.keys();
  }

  /** Null when the row is deleted or was never written. */
  live(row: StoredRow): JsonRow | null {
    const deletedAt = Math.max(this.deletedAt, row.deletedAt);
    const cells: [string, unknown][] = [];
    for (const [name, { timestamp, value }] of row.cells) {
      if (timestamp > deletedAt && value !== null) cells.push([name, value]);
    }
    if (row.writtenAt <= deletedAt && cells.length === 0) return null;
    const key: JsonRow = { keyspace_name: this.keyspace };
    CLUSTERING[this.table].forEach((column, i) => (key[column] = row.clustering[i]));
    return Object.assign(key, Object.fromEntries(cells));
  }

  liveRows(name?: string): JsonRow[] {
    const rows: JsonRow[] = [];
    for (const row of this.stored(name)) {
      const live = this.live(row);
      if (live !== null) rows.push(live);
    }
    return rows;
  }

  /** Puts a row that CQL showed: alive whatever was deleted before, and older than anything that the log will bring. */
  put(values: JsonRow): void {
    const row = this.row(CLUSTERING[this.table].map((column) => String(values[column])));
    const deletedAt = Math.max(this.deletedAt, row.deletedAt);
    const timestamp = deletedAt === NEVER ? BASE_TIMESTAMP : deletedAt + 1;
    row.writtenAt = timestamp;
    row.isBase = true;
    row.cells.clear();
    for (const [column, value] of Object.entries(values)) row.cells.set(column, { value, timestamp });
  }

  forget(name: string): void {
    this.#groups.delete(name);
  }

  remove({ clustering }: StoredRow): void {
    this.#groups.get(clustering[0] ?? '')?.delete(clustering.join('\u0000'));
  }
}
