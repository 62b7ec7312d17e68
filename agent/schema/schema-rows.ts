/**
 * The content of system_schema, kept up by the mutations that Cassandra logs for DDL: CREATE logs whole rows, ALTER only
 * what changed, DROP deletions.
 *
 * Rows that were read by CQL carry no write times here: anything in the log wins over them. A base that is newer than
 * the log is so taken back for a while, and is where it was at the end of the log.
 */
import { CASSANDRA_JSON, UNFILTERED, int64ToNumber, type PartitionUpdate, type Row, type SystemSchemaRows } from '../../parsers/index.js';
import { SCHEMA_TABLES, SchemaPartition, type JsonRow, type SchemaTable, type StoredRow } from './schema-cells.js';

/** Which tables, views (and types) of a keyspace an update was about. */
export interface Touched {
  readonly keyspace: string;
  /** `all`: more than single rows were deleted; `types`: whatever has a user-defined type in it. */
  readonly names: ReadonlySet<string> | 'all' | 'types';
}

const NOTHING: ReadonlySet<string> = new Set();

export class SchemaRows {
  readonly #tables = new Map<SchemaTable, Map<string, SchemaPartition>>(SCHEMA_TABLES.map((name) => [name, new Map<string, SchemaPartition>()]));

  /** Begins with rows as `SELECT JSON *` gives them. */
  constructor(base: Partial<SystemSchemaRows> = {}) {
    for (const table of SCHEMA_TABLES) {
      for (const values of jsonRows(base[table])) this.partition(table, String(values.keyspace_name)).put(values);
    }
  }

  /** Applies one update of a system_schema mutation; null when the update is none of ours. */
  apply(update: PartitionUpdate): Touched | null {
    const table = SCHEMA_TABLES.find((name) => name === update.table.name);
    if (update.table.keyspace !== 'system_schema' || table === undefined) return null;
    const keyspace = update.bytes.utf8Slice(update.keyStart, update.keyEnd);
    const partition = this.partition(table, keyspace);
    const names = new Set<string>();
    let isWide = update.hasPartitionDeletion;
    if (update.hasPartitionDeletion) {
      const { markedForDeleteAtHigh, markedForDeleteAtLow } = update.partitionDeletion;
      partition.deletedAt = Math.max(partition.deletedAt, int64ToNumber(markedForDeleteAtHigh, markedForDeleteAtLow));
    }
    let open: RangeStart | null = null;
    const written = new Map<string, WrittenColumns>();
    for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
      if (kind === UNFILTERED.ROW) {
        const stored = applyRow(partition, update.row, update.bytes);
        names.add(stored.clustering[0] ?? '');
        if (table === 'columns') noteColumn(written, stored, update.row.hasDeletion);
      } else if (kind === UNFILTERED.RANGE_TOMBSTONE_MARKER) {
        open = applyMarker(partition, update, open);
        isWide = true;
      }
    }
    for (const [name, one] of written) if (one.isWhole) this.#forgetBase(keyspace, name, one.columns);
    if (table === 'keyspaces') return { keyspace, names: NOTHING };
    if (table === 'types') return { keyspace, names: 'types' };
    return { keyspace, names: isWide ? 'all' : names };
  }

  /** What the schema holds now, in the form that `schemaFromRows` takes: of all keyspaces, of one, or of one table or view with its keyspace's types. */
  rows(keyspace?: string, name?: string): Record<SchemaTable, JsonRow[]> {
    const read = (table: SchemaTable): JsonRow[] => {
      const partitions = this.#tables.get(table) as Map<string, SchemaPartition>;
      if (keyspace === undefined) return [...partitions.values()].flatMap((partition) => partition.liveRows());
      return partitions.get(keyspace)?.liveRows(table === 'types' || table === 'keyspaces' ? undefined : name) ?? [];
    };
    return { keyspaces: read('keyspaces'), tables: read('tables'), columns: read('columns'), dropped_columns: read('dropped_columns'), types: read('types'), views: read('views') };
  }

  /** Names of all tables and views of a keyspace that rows were ever seen of. */
  namesIn(keyspace: string): Set<string> {
    return new Set((['tables', 'views'] as const).flatMap((table) => [...(this.#tables.get(table)?.get(keyspace)?.names() ?? [])]));
  }

  keyspaces(): Set<string> {
    return new Set([...this.#tables.values()].flatMap((partitions) => [...partitions.keys()]));
  }

  /** The cells themselves; an empty partition when there was none. */
  partition(table: SchemaTable, keyspace: string): SchemaPartition {
    const partitions = this.#tables.get(table) as Map<string, SchemaPartition>;
    let partition = partitions.get(keyspace);
    if (partition === undefined) partitions.set(keyspace, (partition = new SchemaPartition(table, keyspace)));
    return partition;
  }

  /** The log shows all columns of a table: what a base from later on had beside them is not there yet. */
  #forgetBase(keyspace: string, name: string, columns: ReadonlySet<string>): void {
    for (const table of ['columns', 'dropped_columns'] as const) {
      const partition = this.partition(table, keyspace);
      for (const row of [...partition.stored(name)]) if (row.isBase && !(table === 'columns' && columns.has(row.clustering[1]))) partition.remove(row);
    }
  }

  *partitions(): Generator<SchemaPartition> {
    for (const partitions of this.#tables.values()) yield* partitions.values();
  }
}

interface WrittenColumns {
  readonly columns: Set<string>;
  /** CREATE: the key is among them and none is deleted (RENAME deletes the old names). */
  isWhole: boolean;
  isPartial: boolean;
}

function noteColumn(written: Map<string, WrittenColumns>, stored: StoredRow, isDeleted: boolean): void {
  const name = stored.clustering[0];
  const one = written.get(name) ?? { columns: new Set<string>(), isWhole: false, isPartial: false };
  written.set(name, one);
  one.columns.add(stored.clustering[1]);
  one.isPartial ||= isDeleted;
  one.isWhole = !one.isPartial && (one.isWhole || stored.cells.get('kind')?.value === 'partition_key');
}

function applyRow(partition: SchemaPartition, row: Row, bytes: Buffer): StoredRow {
  const { size, starts, ends } = row.clustering;
  const stored = partition.row(Array.from({ length: size }, (_, i) => bytes.utf8Slice(starts[i], ends[i])));
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
  stored.isBase = false;
  return stored;
}

interface RangeStart {
  readonly bound: readonly string[];
  readonly isInclusive: boolean;
  readonly deletedAt: number;
}

/** DDL deletes rows and partitions, not ranges; a repaired schema may. Rows are few: look at each. Gives the range that is open behind the marker. */
function applyMarker(partition: SchemaPartition, { marker, bytes }: PartitionUpdate, start: RangeStart | null): RangeStart | null {
  const { clustering, opens, closes, openDeletion } = marker;
  const bound = Array.from({ length: clustering.size }, (_, i) => bytes.utf8Slice(clustering.starts[i], clustering.ends[i]));
  const { kindName } = clustering;
  if (closes && start !== null) {
    const isEndInclusive = kindName.startsWith('INCL_END');
    for (const row of partition.stored()) {
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

/** Rows may come as objects, as JSON texts, or as the one column `[json]`. */
export function jsonRows(rows: readonly unknown[] | undefined): JsonRow[] {
  return (rows ?? []).map(jsonRow);
}

function jsonRow(raw: unknown): JsonRow {
  if (typeof raw === 'string') return jsonRow(JSON.parse(raw));
  const row = raw as JsonRow;
  return '[json]' in row ? jsonRow(row['[json]']) : row;
}
