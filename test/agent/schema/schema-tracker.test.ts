/**
 * The oracle is Cassandra: at the end of a recorded log, the schema that was followed through its DDL must be the one that
 * the node itself had in system_schema when the recording ended.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { SchemaTracker, type SchemaChange } from '../../../agent/schema/schema-tracker.js';
import { CommitLogSegmentReader, Mutation, MutationFrames, memorySource, readDescriptor } from '../../../parsers/index.js';
import { projectRoot } from '../../helpers/project-root.js';

const RECORDINGS = ['4.0.15-mmap', '4.1.8-mmap', '5.0.6-mmap', '5.0.6-mmap-v8'];
const TABLES = ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views'] as const;

type Row = Record<string, unknown>;
type Rows = Record<(typeof TABLES)[number], Row[]>;

function read(recording: string): { readonly rows: Rows; readonly segments: Buffer[] } {
  const directory = join(projectRoot, 'test/fixtures/segments', recording);
  const idOf = (name: string): number => Number(/-(\d+)\.log/.exec(name)?.[1]);
  const names = readdirSync(directory).filter((name) => name.endsWith('.log.gz')).sort((a, b) => idOf(a) - idOf(b));
  return { rows: JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as Rows, segments: names.map((name) => gunzipSync(readFileSync(join(directory, name)))) };
}

/** Reads every schema mutation of a segment. */
function follow(tracker: SchemaTracker, segment: Buffer): SchemaChange[] {
  const descriptor = readDescriptor(segment);
  const reader = new CommitLogSegmentReader(memorySource(segment), descriptor);
  const frames = new MutationFrames();
  const mutation = new Mutation(tracker.schema);
  const changes: SchemaChange[] = [];
  for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) {
    frames.open(section);
    while (frames.next()) {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
      if (tracker.schema.tableAt(mutation.bytes, mutation.tableIdStart)?.keyspace === 'system_schema') changes.push(...tracker.apply(mutation));
    }
  }
  return changes;
}

const isSystem = ({ keyspace_name: name }: Row): boolean => /^system/.test(String(name));
const only = (rows: Rows, keep: (row: Row) => boolean): Rows => Object.fromEntries(TABLES.map((table) => [table, (rows[table] ?? []).filter(keep)])) as Rows;

/** Nulls and empty collections are the same to CQL; row order is not the log's. */
function comparable(rows: Rows): unknown {
  const isSet = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0) && !(typeof value === 'object' && Object.keys(value).length === 0);
  const text = (row: Row): string => JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, value]) => isSet(value)).sort(([a], [b]) => (a < b ? -1 : 1))));
  return Object.fromEntries(TABLES.map((table) => [table, rows[table].map(text).sort()]));
}

describe('SchemaTracker', () => {
  for (const recording of RECORDINGS) {
    it(`ends where the node was: ${recording}`, () => {
      const { rows, segments } = read(recording);
      const tracker = new SchemaTracker(only(rows, isSystem));
      const changes = segments.flatMap((segment) => follow(tracker, segment));
      const expected = only(rows, (row) => !isSystem(row));
      expect(expected.tables).to.not.be.empty;
      expect(comparable(only(tracker.rows() as Rows, (row) => !isSystem(row)))).to.deep.equal(comparable(expected));
      expect([...tracker.incomplete.values()]).to.deep.equal([]);
      expect(new Set(changes.map(({ kind }) => kind))).to.deep.equal(new Set(['created', 'altered', 'dropped']));
      for (const { kind, table } of changes) {
        if (kind === 'dropped') expect(tracker.schema.tableById(table.id), `${table.name} after its drop`).to.not.equal(undefined);
      }
    });
  }

  it('is moved back and forth to the same end by a log that the base already holds', () => {
    const { rows, segments } = read('5.0.6-mmap');
    const tracker = new SchemaTracker(rows);
    for (const segment of segments) follow(tracker, segment);
    expect(comparable(tracker.rows() as Rows)).to.deep.equal(comparable(only(rows, () => true)));
  });
});
