/**
 * The history against the log itself: whatever place a restart begins at, it finds the schema that following the log
 * from the beginning would have had there.
 */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaFromRows, type CommitLogPosition } from '../../../parsers/index.js';
import { ConfigError } from '../../../agent/errors.js';
import { SchemaHistory } from '../../../agent/schema/schema-history.js';
import { SchemaTracker, describe as textOf } from '../../../agent/schema/schema-tracker.js';
import { restoreRows, storeRows } from '../../../agent/schema/stored-rows.js';
import { rowsOfTable } from '../../../agent/schema/table-rows.js';
import { existing, isSchemaMutation, isSystem, known, only, opened, readRecording, type LogEntry } from './recording.js';

const { rows, entries } = readRecording('5.0.6-mmap');
const START: CommitLogPosition = { segment: entries[0].position.segment, position: 0 };

interface Followed {
  readonly ddl: LogEntry;
  readonly existing: Map<string, string>;
  readonly known: Map<string, string>;
}

/** Follows the log from a base of system tables only; `each` sees the tracker behind every schema mutation. */
async function follow(each: (entry: LogEntry, tracker: SchemaTracker) => Promise<void> | void): Promise<SchemaTracker> {
  const tracker = new SchemaTracker(only(rows, isSystem));
  for (const entry of entries) {
    if (!isSchemaMutation(entry, tracker.schema)) continue;
    tracker.apply(opened(entry, tracker.schema));
    await each(entry, tracker);
  }
  return tracker;
}

describe('tables as rows', function () {
  this.timeout(60_000);

  it('come back equal, with their types, dropped columns and dropped types', async () => {
    const tables = new Map<string, string>();
    await follow((_entry, tracker) => {
      for (const table of tracker.tables()) {
        const text = textOf(table);
        if (tables.get(table.id) === text) continue;
        tables.set(table.id, text);
        const again = schemaFromRows(rowsOfTable(table));
        expect(again).to.have.length(1);
        expect([again[0].keyspace, again[0].id, textOf(again[0])]).to.deep.equal([table.keyspace, table.id, text]);
      }
    });
    expect(tables.size).to.be.greaterThan(60);
  });
});

describe('SchemaHistory', function () {
  this.timeout(120_000);
  let directory: string;
  const followed: Followed[] = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'cdc-schema-'));
    const history = await SchemaHistory.open(directory);
    await history.baseOf(START, new SchemaTracker(only(rows, isSystem)))();
    let count = 0;
    await follow(async (ddl, tracker) => {
      await history.saveMutation({ bytes: ddl.bytes, version: ddl.version, position: ddl.position });
      if (++count % 40 === 0) await history.baseOf(ddl.position, tracker)();
      followed.push({ ddl, existing: existing(tracker), known: known(tracker) });
    });
  });
  after(() => rmSync(directory, { recursive: true }));

  it('finds the schema of any place', async () => {
    expect(followed.length).to.be.greaterThan(100);
    const history = await SchemaHistory.open(directory);
    for (const at of [0, 1, 38, 39, 40, 41, 77, 100, followed.length - 1]) {
      const { ddl, existing: expected } = followed[at];
      // a position behind the mutation, before the next
      const loaded = await history.load({ ...ddl.position, position: ddl.position.position + 1 });
      expect(existing(loaded!.tracker), `schema mutation ${at}`).to.deep.equal(expected);
    }
  });

  it('knows every table of the whole log by id, dropped ones and later ones', async () => {
    const all = followed.at(-1)!.known;
    const history = await SchemaHistory.open(directory);
    for (const at of [0, 60, followed.length - 1]) {
      const { tracker } = (await history.load(followed[at].ddl.position))!;
      expect([...known(tracker).keys()]).to.deep.equal([...all.keys()]);
    }
    const end = (await history.load(followed.at(-1)!.ddl.position))!.tracker;
    expect(end.dropped().length).to.be.greaterThan(0);
    // dropped tables as they were when they were dropped
    expect(known(end)).to.deep.equal(all);
  });

  it('changes nothing when a part of the log is read again', async () => {
    const history = await SchemaHistory.open(directory);
    const { tracker } = (await history.load(followed[90].ddl.position))!;
    const before = existing(tracker);
    for (const { ddl } of followed.slice(30, 91)) tracker.apply(opened(ddl, tracker.schema));
    expect(existing(tracker)).to.deep.equal(before);
  });

  it('takes the oldest base when nothing older is left', async () => {
    const history = await SchemaHistory.open(directory);
    const loaded = await history.load({ segment: 1, position: 1 });
    expect(loaded?.from).to.deep.equal(START);
    expect(existing(loaded!.tracker).size).to.equal(schemaFromRows(only(rows, isSystem)).length);
  });

  it('has nothing to say when it is empty', async () => {
    const empty = await SchemaHistory.open(join(directory, 'none'));
    expect([empty.isEmpty, await empty.load(START)]).to.deep.equal([true, null]);
    rmSync(join(directory, 'none'), { recursive: true });
  });

  it('forgets what lies before the oldest position still needed, and nothing else', async () => {
    const history = await SchemaHistory.open(directory);
    const low = followed[95].ddl.position;
    const files = readdirSync(directory).length;
    await history.prune(low);
    expect(readdirSync(directory).length).to.be.lessThan(files - 70);
    for (const one of [history, await SchemaHistory.open(directory)]) {
      for (const at of [95, 96, 120, followed.length - 1]) {
        expect(existing((await one.load(followed[at].ddl.position))!.tracker)).to.deep.equal(followed[at].existing);
      }
    }
  });

  it('forgets dropped tables behind that position with the next base', async () => {
    const history = await SchemaHistory.open(directory);
    const last = followed.at(-1)!;
    const { tracker } = (await history.load(last.ddl.position))!;
    const before = tracker.dropped().length;
    const end = { segment: last.ddl.position.segment + 1, position: 0 };
    await history.prune(end);
    await history.baseOf(end, tracker)();
    await history.prune(end);
    expect(readdirSync(directory)).to.deep.equal([`${end.segment}-0.base.json`]);
    const again = (await (await SchemaHistory.open(directory)).load(end))!.tracker;
    expect([before > 0, again.dropped(), existing(again)]).to.deep.equal([true, [], last.existing]);
  });

  it('refuses a file that is damaged at any place, with what to do', async () => {
    const [name] = readdirSync(directory);
    const path = join(directory, name);
    const whole = readFileSync(path);
    for (let n = 0; n < 40; n++) {
      const bytes = Buffer.from(whole);
      const at = Math.floor((n / 40) * bytes.length);
      bytes[at] ^= 1;
      writeFileSync(path, n % 2 === 0 ? bytes : whole.subarray(0, at));
      const error = await (await SchemaHistory.open(directory)).load({ segment: 2 ** 41, position: 0 }).then(() => undefined, (e: unknown) => e as ConfigError);
      expect(error, `byte ${at}`).to.be.instanceOf(ConfigError);
      expect(error?.fix).to.match(/restore it|newer agent/);
    }
    writeFileSync(path, whole.toString().replace('{"v":1', '{"v":2'));
    const error = await (await SchemaHistory.open(directory)).load({ segment: 2 ** 41, position: 0 }).then(() => undefined, (e: unknown) => e as ConfigError);
    expect([error?.code, error?.fix]).to.deep.equal(['schema_history_newer', 'run the newer agent again']);
    writeFileSync(path, whole);
  });

  it('clears away what a crash left half written', async () => {
    writeFileSync(join(directory, '1-1.base.json.77.tmp'), '{');
    await SchemaHistory.open(directory);
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
  });
});

describe('stored rows', () => {
  it('come back with their write times', async () => {
    const tracker = await follow(() => undefined);
    const stored = storeRows(tracker.cells);
    const again = restoreRows(JSON.parse(JSON.stringify(stored)) as typeof stored);
    expect(storeRows(again)).to.deep.equal(stored);
    expect(again.rows()).to.deep.equal(tracker.cells.rows());
  });
});
