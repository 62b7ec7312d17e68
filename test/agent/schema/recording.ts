/** A recorded log and what the node had in system_schema when the recording ended. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe as textOf, type SchemaTracker } from '../../../agent/schema/schema-tracker.js';
import { CommitLogSegmentReader, Mutation, MutationFrames, memorySource, readDescriptor, type CommitLogPosition, type Schema } from '../../../parsers/index.js';
import { projectRoot } from '../../helpers/project-root.js';

const TABLES = ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views'] as const;

export type Row = Record<string, unknown>;
export type Rows = Record<(typeof TABLES)[number], Row[]>;

export interface LogEntry {
  readonly bytes: Buffer;
  readonly version: number;
  readonly position: CommitLogPosition;
  readonly tableId: string;
}

export interface Recording {
  readonly rows: Rows;
  /** In the order of the log; copies. */
  readonly entries: readonly LogEntry[];
}

export function readRecording(name: string): Recording {
  const directory = join(projectRoot, 'test/fixtures/segments', name);
  const idOf = (file: string): number => Number(/-(\d+)\.log/.exec(file)?.[1]);
  const files = readdirSync(directory).filter((file) => file.endsWith('.log.gz')).sort((a, b) => idOf(a) - idOf(b));
  return { rows: JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as Rows, entries: files.flatMap((file) => entriesOf(gunzipSync(readFileSync(join(directory, file))))) };
}

function entriesOf(segment: Buffer): LogEntry[] {
  const { version, id } = readDescriptor(segment);
  const reader = new CommitLogSegmentReader(memorySource(segment), readDescriptor(segment));
  const frames = new MutationFrames();
  const mutation = new Mutation({ tableAt: () => undefined });
  const entries: LogEntry[] = [];
  for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) {
    frames.open(section);
    while (frames.next()) {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version });
      const hex = mutation.bytes.hexSlice(mutation.tableIdStart, mutation.tableIdStart + 16);
      entries.push({ bytes: Buffer.from(frames.bytes.subarray(frames.start, frames.end)), version, position: { segment: id, position: frames.position }, tableId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') });
    }
  }
  return entries;
}

export function opened(entry: LogEntry, schema: Schema): Mutation {
  const mutation = new Mutation(schema);
  mutation.open(entry.bytes, 0, entry.bytes.length, { base: 0, version: entry.version });
  return mutation;
}

export function isSchemaMutation({ tableId }: LogEntry, schema: Schema): boolean {
  return schema.tableById(tableId)?.keyspace === 'system_schema';
}

export const isSystem = ({ keyspace_name: name }: Row): boolean => /^system/.test(String(name));

export function only(rows: Rows, keep: (row: Row) => boolean): Rows {
  return Object.fromEntries(TABLES.map((table) => [table, (rows[table] ?? []).filter(keep)])) as Rows;
}

/** What a tracker says of every table that exists, by id. */
export function existing(tracker: SchemaTracker): Map<string, string> {
  return new Map([...tracker.tables()].map((table): [string, string] => [table.id, textOf(table)]).sort());
}

/** The same of every table that is known by id. */
export function known(tracker: SchemaTracker): Map<string, string> {
  return new Map([...tracker.schema.tables()].map((table): [string, string] => [table.id, textOf(table)]).sort());
}
