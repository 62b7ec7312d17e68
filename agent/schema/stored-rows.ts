/**
 * SchemaRows as JSON, with write times, so that a log that is read again changes nothing.
 *
 *   {"tables":{"shop":{"d":<deleted>,"r":[<row>…]}}, …}
 *   <row>   {"k":[<clustering>…],"w":<written>,"d":<deleted>,"b":<known by CQL only>,
 *            "v":{<column>:<value>…},"t":{<column>:<time>…}}
 *   <time>  microseconds, or "base": read by CQL. `w`, `d` absent: never. `t` holds the times that are not `w`.
 */
import { BASE_TIMESTAMP, NEVER, SCHEMA_TABLES, type SchemaPartition, type SchemaTable, type StoredRow } from './schema-cells.js';
import { SchemaRows } from './schema-rows.js';

type Time = number | 'base';

interface JsonStoredRow {
  readonly k: readonly string[];
  readonly w?: Time;
  readonly d?: Time;
  readonly b?: true;
  readonly v: Readonly<Record<string, unknown>>;
  readonly t?: Readonly<Record<string, Time>>;
}

interface JsonPartition {
  readonly d?: Time;
  readonly r: readonly JsonStoredRow[];
}

export type StoredSchema = Partial<Record<SchemaTable, Readonly<Record<string, JsonPartition>>>>;

export function storeRows(rows: SchemaRows): StoredSchema {
  const stored: Partial<Record<SchemaTable, Record<string, JsonPartition>>> = {};
  for (const partition of rows.partitions()) {
    (stored[partition.table] ??= {})[partition.keyspace] = { ...time('d', partition.deletedAt), r: [...partition.stored()].map((row) => storeRow(partition, row)) };
  }
  return stored;
}

function storeRow(partition: SchemaPartition, row: StoredRow): JsonStoredRow {
  const values: Record<string, unknown> = {};
  const times: Record<string, Time> = {};
  const deletedAt = Math.max(partition.deletedAt, row.deletedAt);
  for (const [name, { value, timestamp }] of row.cells) {
    if (timestamp <= deletedAt) continue;
    values[name] = value;
    if (timestamp !== row.writtenAt) times[name] = timeText(timestamp);
  }
  return { k: row.clustering, ...time('w', row.writtenAt), ...time('d', row.deletedAt), ...(row.isBase ? { b: true as const } : {}), v: values, ...(Object.keys(times).length === 0 ? {} : { t: times }) };
}

function time<K extends string>(key: K, value: number): Partial<Record<K, Time>> {
  return value === NEVER ? {} : ({ [key]: timeText(value) } as Record<K, Time>);
}

function timeText(value: number): Time {
  return value === BASE_TIMESTAMP ? 'base' : value;
}

/** What `storeRows` gave. Throws TypeError on anything else. */
export function restoreRows(stored: StoredSchema): SchemaRows {
  const rows = new SchemaRows();
  for (const table of SCHEMA_TABLES) {
    for (const [keyspace, { d, r }] of Object.entries(stored[table] ?? {})) {
      const partition = rows.partition(table, keyspace);
      partition.deletedAt = timeOf(d);
      for (const { k, w, d: deleted, b, v, t } of r) {
        const row = partition.row(k);
        row.writtenAt = timeOf(w);
        row.deletedAt = timeOf(deleted);
        row.isBase = b === true;
        for (const [name, value] of Object.entries(v)) row.cells.set(name, { value, timestamp: t !== undefined && Object.hasOwn(t, name) ? timeOf(t[name]) : row.writtenAt });
      }
    }
  }
  return rows;
}

function timeOf(time: Time | undefined): number {
  if (time === undefined) return NEVER;
  if (time === 'base') return BASE_TIMESTAMP;
  if (typeof time !== 'number') throw new TypeError('a write time is no number');
  return time;
}
