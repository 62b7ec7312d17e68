/** DDL that the log did not show (a segment without CDC data is never seen), tables that nobody knows, and restarts. */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaFollower, type SchemaListener } from '../../../agent/schema/schema-follower.js';
import { SchemaHistory } from '../../../agent/schema/schema-history.js';
import { SchemaTracker } from '../../../agent/schema/schema-tracker.js';
import { UnknownEntries } from '../../../agent/schema/unknown-entries.js';
import { CorruptError, UNFILTERED, UnknownTableError, type Schema, type SystemSchemaRows } from '../../../parsers/index.js';
import { Rng } from '../../helpers/random.js';
import { existing, isSchemaMutation, isSystem, only, opened, readRecording, type LogEntry, type Rows } from './recording.js';

const { rows, entries } = readRecording('5.0.6-mmap');
const START = { segment: entries[0].position.segment, position: 0 };

class FakeSource {
  reads = 0;
  current: SystemSchemaRows;
  v: string;

  constructor(current: SystemSchemaRows, v = 'v1') {
    this.current = current;
    this.v = v;
  }

  rows(): Promise<SystemSchemaRows> {
    this.reads++;
    return Promise.resolve(this.current);
  }

  version(): Promise<string> {
    return Promise.resolve(this.v);
  }
}

/** Reads an entry to its end; what is unknown in it, or null. */
function unknownIn(entry: LogEntry, schema: Schema): string | null {
  try {
    const mutation = opened(entry, schema);
    for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
      while (update.next() !== UNFILTERED.END);
    }
    return null;
  } catch (error) {
    if (error instanceof UnknownTableError) return error.tableId;
    if (error instanceof CorruptError && error.code === 'unknown_column') return error.message;
    throw error;
  }
}

const logged = (entry: LogEntry, schema: Schema) => ({ mutation: opened(entry, schema), start: 0, end: entry.bytes.length, version: entry.version, position: entry.position });

/** As the pipeline does it: unknown things are asked for once, and then counted. */
async function read(follower: SchemaFollower, log: readonly LogEntry[], from = START): Promise<Set<string>> {
  const given = new Set<string>();
  let before = from;
  for (const entry of log) {
    const schema = follower.tracker.schema;
    if (isSchemaMutation(entry, schema)) {
      follower.apply(logged(entry, schema));
    } else {
      const unknown = unknownIn(entry, schema);
      if (unknown !== null) {
        const table = /^[0-9a-f-]{36}$/.test(unknown) ? { tableId: unknown } : {};
        const isWorth = await follower.learn({ key: unknown, ...table, position: before });
        const left = isWorth ? unknownIn(entry, schema) : unknown;
        if (left !== null) given.add(left);
      }
    }
    before = entry.position;
  }
  await follower.flush();
  return given;
}

/** What is captured in truth and would not be. A table that the node has no longer can't be known. */
function lost(truth: SchemaTracker, seen: SchemaTracker, tableId: string): string[] {
  const [expected, mine] = [truth, seen].map(({ schema }) => schema.tableById(tableId));
  if (expected === undefined || mine === undefined) return [];
  const columns = [...expected.statics, ...expected.regulars].filter(({ name }) => mine.column(name)?.isDropped !== false).map(({ name }) => name);
  return expected.isCdc && !mine.isCdc ? ['cdc', ...columns] : columns;
}

describe('SchemaFollower', function () {
  this.timeout(120_000);
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-follow-')); });
  afterEach(() => rmSync(directory, { recursive: true }));

  const start = async (source: FakeSource, listener: SchemaListener = {}, position = START): Promise<SchemaFollower> =>
    SchemaFollower.start({ history: await SchemaHistory.open(directory), source, listener }, position);

  it('asks the node at the first start only, and tells what the log changes', async () => {
    const source = new FakeSource(only(rows, isSystem));
    const told = new Set<string>();
    const follower = await start(source, { changed: ({ change }) => void told.add(change.kind) });
    const unknown = await read(follower, entries);
    expect([source.reads, [...unknown]]).to.deep.equal([1, []]);
    expect(told).to.deep.equal(new Set(['created', 'altered', 'dropped']));
    const again = await start(source, {}, entries.at(-1)!.position);
    expect(source.reads).to.equal(1);
    expect(existing(again.tracker)).to.deep.equal(existing(follower.tracker));
  });

  it('decodes after restarts at random places as without them', async () => {
    const source = new FakeSource(only(rows, isSystem));
    const whole = new SchemaTracker(source.current);
    for (const entry of entries) if (isSchemaMutation(entry, whole.schema)) whole.apply(opened(entry, whole.schema));
    const random = new Rng(4);
    let from = 0;
    while (from < entries.length) {
      const follower = await start(source, {}, from === 0 ? START : entries[from - 1].position);
      // reads on past what is committed, as a crash leaves it
      const end = Math.min(entries.length, from + 1 + random.between(0, 400));
      expect([...(await read(follower, entries.slice(from, end)))]).to.deep.equal([]);
      from = end === entries.length ? end : from + Math.ceil((end - from) / 2);
      if (from === entries.length) expect(existing(follower.tracker)).to.deep.equal(existing(whole));
    }
    expect(source.reads).to.equal(1);
  });

  it('catches up with DDL that the log did not show, and loses nothing meanwhile', async () => {
    const final = new SchemaTracker(rows);
    for (const seed of [2, 3]) {
      rmSync(directory, { recursive: true });
      const random = new Rng(seed);
      const source = new FakeSource(rows);
      // the history begins with system tables only, the node has the schema of the end
      await start(new FakeSource(only(rows, isSystem)));
      const follower = await start(source);
      const truth = new SchemaTracker(only(rows, isSystem));
      const unknown = new Set<string>();
      let before = START;
      for (const entry of entries) {
        const isDdl = isSchemaMutation(entry, truth.schema);
        if (isDdl) truth.apply(opened(entry, truth.schema));
        // a segment that is missing is seen, what was in it is not
        if (isDdl && random.chance(0.3)) await follower.learn({ key: `gap ${entry.position.position}`, position: before });
        else for (const id of await read(follower, [entry], before)) unknown.add(id);
        if (!isDdl) expect(lost(truth, follower.tracker, entry.tableId), `seed ${seed}, ${entry.position.position}`).to.deep.equal([]);
        before = entry.position;
      }
      for (const id of unknown) expect(final.schema.tableById(id), `${id} is known to the node`).to.equal(undefined);
      for (let n = 0; n < 2; n++) await follower.reconcile(before);
      expect(existing(follower.tracker)).to.deep.equal(existing(final));
    }
  });

  it('asks once about a table that nobody knows', async () => {
    const source = new FakeSource(only(rows, isSystem));
    const follower = await start(source);
    const ask = () => follower.learn({ key: 'x', tableId: '00000000-0000-0000-0000-000000000001', position: START });
    expect([await ask(), await ask(), source.reads]).to.deep.equal([false, false, 2]);
  });

  it('keeps what it learned over a restart', async () => {
    const source = new FakeSource(only(rows, isSystem));
    const follower = await start(source);
    source.current = rows;
    const table = new SchemaTracker(rows).schema;
    const id = [...table.tables()].find(({ keyspace }) => !keyspace.startsWith('system'))!.id;
    const told: string[] = [];
    expect(await follower.learn({ key: id, tableId: id, position: { ...START, position: 5000 } })).to.equal(true);
    const again = await start(new FakeSource(only(rows, isSystem)), { caughtUp: ({ reason }) => void told.push(reason) }, { ...START, position: 5000 });
    expect(again.tracker.schema.tableById(id)).to.not.equal(undefined);
  });

  it('takes the node\'s word at the end of the log only when the log says nothing for a while', async () => {
    const source = new FakeSource(only(rows, isSystem));
    const told: string[] = [];
    const follower = await start(source, { caughtUp: ({ changes }) => void told.push(`${changes.length}`) });
    const end = { ...START, position: 9000 };
    expect([await follower.reconcile(end), await follower.reconcile(end)]).to.deep.equal([false, true]);
    told.length = 0;
    source.current = rows;
    source.v = 'v2';
    expect(await follower.reconcile(end), 'may still be on its way').to.equal(false);
    const ddl = entries.find((entry) => isSchemaMutation(entry, follower.tracker.schema))!;
    follower.apply(logged(ddl, follower.tracker.schema));
    expect(await follower.reconcile(end), 'the log moved').to.equal(false);
    expect(told).to.deep.equal([]);
    expect(await follower.reconcile(end)).to.equal(true);
    expect(told).to.have.length(1);
    expect(existing(follower.tracker)).to.deep.equal(existing(new SchemaTracker(rows)));
    const reads = source.reads;
    expect(await follower.reconcile(end)).to.equal(true);
    expect(source.reads, 'nothing is read while the version stays').to.equal(reads);
    const again = await start(new FakeSource(only(rows, isSystem)), {}, end);
    expect(existing(again.tracker)).to.deep.equal(existing(follower.tracker));
  });

  it('drops, at the end of the log, what the node no longer has', async () => {
    const source = new FakeSource(rows);
    const follower = await start(source);
    const gone = [...follower.tracker.tables()].find(({ keyspace }) => !keyspace.startsWith('system'))!;
    const isGone = (row: Record<string, unknown>): boolean => row['keyspace_name'] === gone.keyspace && row['table_name'] === gone.name;
    source.current = only(rows, (row) => !isGone(row));
    source.v = 'v2';
    expect([await follower.reconcile(START), await follower.reconcile(START)]).to.deep.equal([false, true]);
    expect([follower.tracker.exists(gone), follower.tracker.schema.tableById(gone.id) === gone]).to.deep.equal([false, true]);
  });

  it('tells a failed write to whoever commits, and does not go on', async () => {
    const follower = await start(new FakeSource(only(rows, isSystem)));
    rmSync(directory, { recursive: true });
    const ddl = entries.find((entry) => isSchemaMutation(entry, follower.tracker.schema))!;
    follower.apply(logged(ddl, follower.tracker.schema));
    const error = await (follower.flush() ?? Promise.resolve()).then(() => undefined, (e: unknown) => e as Error);
    expect(error?.message).to.match(/can't be written: ENOENT/);
    expect(await follower.flush()?.then(() => 'written', () => 'failed')).to.equal('failed');
    await SchemaHistory.open(directory);
  });
});

describe('SchemaTracker.adopt', () => {
  const base = (cdc: boolean, columns: readonly string[], dropped: readonly string[] = [], id = '11111111-0000-0000-0000-000000000000'): Rows => ({
    keyspaces: [{ keyspace_name: 'k', replication: { class: 'x' } }], types: [], views: [],
    tables: [{ keyspace_name: 'k', table_name: 't', id, cdc, flags: ['compound'] }],
    columns: ['pk', ...columns].map((name, i) => ({ keyspace_name: 'k', table_name: 't', column_name: name, kind: i === 0 ? 'partition_key' : 'regular', position: i === 0 ? 0 : -1, type: 'int', clustering_order: 'none' })),
    dropped_columns: dropped.map((name) => ({ keyspace_name: 'k', table_name: 't', column_name: name, kind: 'regular', type: 'int', dropped_time: '2026-01-01 00:00:00.000Z' })),
  });
  const names = (tracker: SchemaTracker): string[] => [...tracker.tables()].flatMap(({ regulars }) => regulars.map(({ name }) => name));

  it('adds columns, and keeps those that are dropped by now', () => {
    const tracker = new SchemaTracker(base(true, ['a', 'b']));
    tracker.adopt(base(true, ['b', 'c'], ['a', 'z']));
    expect(names(tracker)).to.deep.equal(['a', 'b', 'c', 'z']);
    const [table] = tracker.tables();
    expect([table.column('a')?.isDropped, table.column('a')?.droppedTime, table.column('z')?.isDropped]).to.deep.equal([false, null, false]);
  });

  it('takes renamed key columns in place of the old ones', () => {
    const renamed = base(true, ['a']);
    renamed.columns[0] = { ...renamed.columns[0], column_name: 'renamed' };
    const tracker = new SchemaTracker(base(true, ['a']));
    tracker.adopt(renamed);
    expect([...tracker.tables()].map(({ partitionKey }) => partitionKey.map(({ name }) => name))).to.deep.equal([['renamed']]);
  });

  it('captures a table that is captured in either', () => {
    for (const [mine, later, expected] of [[true, false, true], [false, true, true], [false, false, false]] as const) {
      const tracker = new SchemaTracker(base(mine, ['a']));
      tracker.adopt(base(later, ['a']));
      expect([...tracker.tables()].map(({ isCdc }) => isCdc)).to.deep.equal([expected]);
    }
  });

  it('takes a table of the same name and another id as it is, and keeps the old one by id', () => {
    const tracker = new SchemaTracker(base(true, ['a', 'b']));
    const changes = tracker.adopt(base(true, ['q'], [], '22222222-0000-0000-0000-000000000000'));
    expect(changes.map(({ kind }) => kind)).to.deep.equal(['dropped', 'created']);
    expect(names(tracker)).to.deep.equal(['q']);
    expect(tracker.schema.tableById('11111111-0000-0000-0000-000000000000')?.regulars).to.have.length(2);
  });

  it('keeps everything as it was when the rows make no schema', () => {
    const tracker = new SchemaTracker(base(true, ['a']));
    const broken = base(true, ['b']);
    for (const change of [() => tracker.adopt({ ...broken, columns: [] }), () => tracker.reset({ ...broken, columns: [] })]) expect(change).to.throw(/no partition key/);
    expect(names(tracker)).to.deep.equal(['a']);
  });
});

describe('UnknownEntries', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-unknown-')); });
  afterEach(() => rmSync(directory, { recursive: true }));
  const entry = (position: number, bytes = Buffer.from('abc')) => ({ tableId: 'id-1', position: { segment: 7, position }, version: 7, decoded: 1, bytes });

  it('keeps the bytes and counts', async () => {
    const place = join(directory, 'unknown');
    const unknown = await UnknownEntries.open(place);
    unknown.keep(entry(10));
    const tally = unknown.keep(entry(20));
    await unknown.flush();
    expect(unknown.flush()).to.equal(undefined);
    expect(tally).to.deep.equal({ tableId: 'id-1', entries: 2, first: { segment: 7, position: 10 }, last: { segment: 7, position: 20 }, dropped: 0 });
    const lines = readFileSync(join(place, 'id-1.ndjson'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as unknown);
    expect(lines).to.deep.equal([10, 20].map((at) => ({ position: `7:${at}`, version: 7, decoded: 1, mutation: Buffer.from('abc').toString('base64') })));
  });

  it('counts on when its room is used up, also after a restart', async () => {
    const first = await UnknownEntries.open(directory, 300);
    for (let at = 0; at < 3; at++) first.keep(entry(at, Buffer.alloc(60)));
    await first.flush();
    expect(first.tallies.get('id-1')?.dropped).to.equal(1);
    const second = await UnknownEntries.open(directory, 300);
    expect(second.keep(entry(9, Buffer.alloc(60))).dropped).to.equal(1);
    expect(readdirSync(directory)).to.deep.equal(['id-1.ndjson']);
  });
});
