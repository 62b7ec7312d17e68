/**
 * The content of system_schema, kept up by the mutations that Cassandra logs for DDL: CREATE logs whole rows, ALTER only
 * what changed, DROP deletions. Last write wins, by cell, as in Cassandra.
 *
 * Rows that were read by CQL carry no write times here: anything in the log wins over them. A base that is newer than
 * the log is so taken back for a while, and is where it was at the end of the log.
 */
import { CASSANDRA_JSON, UNFILTERED, int64ToNumber, type PartitionUpdate, type Row, type SystemSchemaRows } from '../../parsers/index.js';

/** The tables of system_schema that decoding needs; functions, aggregates, triggers and indexes are not among them. */
const TABLES = ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views'] as const;
type SchemaTable = (typeof TABLES)[number];

/** Names of the key columns behind keyspace_name, which is the partition key of all of them. */
const CLUSTERING: Readonly<Record<SchemaTable, readonly string[]>> = {
  keyspaces: [],
  tables: ['table_name'],
  columns: ['table_name', 'column_name'],
  dropped_columns: ['table_name', 'column_name'],
  types: ['type_name'],
  views: ['view_name'],
};

/** Microseconds. A row read by CQL was written before any that comes from the log. */
const BASE_TIMESTAMP = Number.MIN_SAFE_INTEGER;
const NEVER = -Infinity;

interface StoredRow {
  readonly clustering: readonly string[];
  /** Row marker. */
  writtenAt: number;
  deletedAt: number;
  readonly cells: Map<string, { readonly value: unknown; readonly timestamp: number }>;
}

interface Partition {
  deletedAt: number;
  readonly rows: Map<string, StoredRow>;
}

type JsonRow = Record<string, unknown>;

export class SchemaRows {
  readonly #tables = new Map<SchemaTable, Map<string, Partition>>(TABLES.map((name) => [name, new Map<string, Partition>()]));

  /** Begins with rows as `SELECT JSON *` gives them. */
  constructor(base: SystemSchemaRows) {
    for (const table of TABLES) {
      for (const raw of base[table] ?? []) this.#addBaseRow(table, jsonRow(raw));
    }
  }

  /** Applies one update of a system_schema mutation; its keyspace, or null when the update is none of ours. */
  apply(update: PartitionUpdate): string | null {
    const name = TABLES.find((table) => table === update.table.name);
    if (update.table.keyspace !== 'system_schema' || name === undefined) return null;
    const keyspace = update.bytes.utf8Slice(update.keyStart, update.keyEnd);
    const partition = this.#partition(name, keyspace);
    if (update.hasPartitionDeletion) {
      const { markedForDeleteAtHigh, markedForDeleteAtLow } = update.partitionDeletion;
      partition.deletedAt = Math.max(partition.deletedAt, int64ToNumber(markedForDeleteAtHigh, markedForDeleteAtLow));
    }
    let open: RangeStart | null = null;
    for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
      if (kind === UNFILTERED.ROW) applyRow(partition, update.row, update.bytes);
      else if (kind === UNFILTERED.RANGE_TOMBSTONE_MARKER) open = applyMarker(partition, update, open);
    }
    return keyspace;
  }

  /** What the schema holds now, of one keyspace or of all, in the form that `schemaFromRows` takes. */
  rows(keyspace?: string): Record<SchemaTable, JsonRow[]> {
    const read = (table: SchemaTable): JsonRow[] => [...(this.#tables.get(table) ?? [])].flatMap(([name, partition]) => (keyspace === undefined || name === keyspace ? liveRows(table, name, partition) : []));
    return { keyspaces: read('keyspaces'), tables: read('tables'), columns: read('columns'), dropped_columns: read('dropped_columns'), types: read('types'), views: read('views') };
  }

  #partition(table: SchemaTable, keyspace: string): Partition {
    const partitions = this.#tables.get(table) as Map<string, Partition>;
    let partition = partitions.get(keyspace);
    if (partition === undefined) partitions.set(keyspace, (partition = { deletedAt: NEVER, rows: new Map() }));
    return partition;
  }

  #addBaseRow(table: SchemaTable, values: JsonRow): void {
    const row = storedRow(this.#partition(table, String(values.keyspace_name)), CLUSTERING[table].map((column) => String(values[column])));
    row.writtenAt = BASE_TIMESTAMP;
    for (const [column, value] of Object.entries(values)) row.cells.set(column, { value, timestamp: BASE_TIMESTAMP });
  }
}

function storedRow(partition: Partition, clustering: readonly string[]): StoredRow {
  const key = clustering.join('\u0000');
  let row = partition.rows.get(key);
  if (row === undefined) partition.rows.set(key, (row = { clustering, writtenAt: NEVER, deletedAt: NEVER, cells: new Map() }));
  return row;
}

function applyRow(partition: Partition, row: Row, bytes: Buffer): void {
  const { size, starts, ends } = row.clustering;
  const stored = storedRow(partition, Array.from({ length: size }, (_, i) => bytes.utf8Slice(starts[i], ends[i])));
  if (row.hasDeletion) stored.deletedAt = Math.max(stored.deletedAt, int64ToNumber(row.deletion.markedForDeleteAtHigh, row.deletion.markedForDeleteAtLow));
  if (!row.liveness.isEmpty) stored.writtenAt = Math.max(stored.writtenAt, int64ToNumber(row.liveness.timestampHigh, row.liveness.timestampLow));
  for (let cell = 0; cell < row.cellCount; cell++) {
    const { name, type } = row.column(cell);
    const timestamp = int64ToNumber(row.timestampHigh(cell), row.timestampLow(cell));
    const known = stored.cells.get(name);
    if (known !== undefined && known.timestamp > timestamp) continue;
    const value: unknown = row.isTombstone(cell) ? null : JSON.parse(type.toJson(bytes, row.valueStart(cell), row.valueEnd(cell), CASSANDRA_JSON));
    stored.cells.set(name, { value, timestamp });
  }
}

interface RangeStart {
  readonly bound: readonly string[];
  readonly isInclusive: boolean;
  readonly deletedAt: number;
}

/** DDL deletes rows and partitions, not ranges; a repaired schema may. Rows are few: look at each. Gives the range that is open behind the marker. */
function applyMarker(partition: Partition, { marker, bytes }: PartitionUpdate, start: RangeStart | null): RangeStart | null {
  const { clustering, opens, closes, openDeletion } = marker;
  const bound = Array.from({ length: clustering.size }, (_, i) => bytes.utf8Slice(clustering.starts[i], clustering.ends[i]));
  const { kindName } = clustering;
  if (closes && start !== null) {
    const isEndInclusive = kindName.startsWith('INCL_END');
    for (const row of partition.rows.values()) {
      const fromStart = comparePrefix(row.clustering, start.bound);
      const fromEnd = comparePrefix(row.clustering, bound);
      const isInside = (fromStart > 0 || (fromStart === 0 && start.isInclusive)) && (fromEnd < 0 || (fromEnd === 0 && isEndInclusive));
      if (isInside) row.deletedAt = Math.max(row.deletedAt, start.deletedAt);
    }
  }
  if (!opens) return null;
  const isInclusive = kindName === 'INCL_START_BOUND' || kindName === 'EXCL_END_INCL_START_BOUNDARY';
  return { bound, isInclusive, deletedAt: int64ToNumber(openDeletion.markedForDeleteAtHigh, openDeletion.markedForDeleteAtLow) };
}

function comparePrefix(clustering: readonly string[], bound: readonly string[]): number {
  for (let i = 0; i < bound.length; i++) {
    const order = Buffer.compare(Buffer.from(clustering[i]), Buffer.from(bound[i]));
    if (order !== 0) return order;
  }
  return 0;
}

function liveRows(table: SchemaTable, keyspace: string, partition: Partition): JsonRow[] {
  const rows: JsonRow[] = [];
  for (const row of partition.rows.values()) {
    const deletedAt = Math.max(partition.deletedAt, row.deletedAt);
    const cells = [...row.cells].filter(([, { timestamp, value }]) => timestamp > deletedAt && value !== null);
    if (row.writtenAt <= deletedAt && cells.length === 0) continue;
    const key = Object.fromEntries([['keyspace_name', keyspace], ...CLUSTERING[table].map((column, i) => [column, row.clustering[i]])]) as JsonRow;
    rows.push({ ...key, ...Object.fromEntries(cells.map(([name, { value }]) => [name, value])) });
  }
  return rows;
}

/** Rows may come as objects, as JSON texts, or as the one column `[json]`. */
function jsonRow(raw: unknown): JsonRow {
  if (typeof raw === 'string') return jsonRow(JSON.parse(raw));
  const row = raw as JsonRow;
  return '[json]' in row ? jsonRow(row['[json]']) : row;
}
