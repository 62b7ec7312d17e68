/** Recordings are whole, and hold what they are here for. Whether our reading of them is right is tested elsewhere. */
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectRoot } from '../helpers/project-root.js';
import { MALFORMED, RECORDINGS, type Recording } from './recordings.js';
import { segmentId } from './segments.js';
import { workload } from './workload/index.js';

interface Cell { readonly ttl?: number; readonly ldt?: number; readonly v?: string; readonly x?: 1; readonly dropped?: 1; readonly p?: string; readonly ts: string }
interface Item {
  readonly t: 'row' | 'rt';
  readonly kind?: string;
  readonly ck?: readonly (string | null)[] | null;
  readonly live?: readonly unknown[];
  readonly del?: unknown;
  readonly cells?: readonly Cell[];
  readonly cdel?: readonly unknown[];
}
interface Update { readonly ks: string; readonly tbl: string; readonly del?: unknown; readonly static?: Item; readonly items?: readonly Item[] }
interface Line { readonly k: string; readonly seg: string; readonly end: number; readonly u?: readonly Update[]; readonly segments?: number; readonly damaged?: number }

const FIXTURES = join(projectRoot, 'test/fixtures/segments');

function readLines(directory: string): Line[] {
  const text = gunzipSync(readFileSync(join(directory, 'oracle.ndjson.gz'))).toString();
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Line);
}

function segmentsOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log.gz')).map((name) => name.slice(0, -3)).sort((a, b) => segmentId(a) - segmentId(b));
}

describe('recordings', () => {
  it('come from one workload that is the same each time', () => {
    for (const version of ['4.0.15', '5.0.6'] as const) {
      const context = { version, is5: version === '5.0.6' };
      expect([...workload(context)]).to.deep.equal([...workload(context)]);
    }
  });

  for (const recording of RECORDINGS) {
    describe(recording.name, () => holdsItsPromises(recording, join(FIXTURES, recording.name)));
  }

  for (const { name } of MALFORMED) {
    it(`${name} holds entries that Cassandra refuses, between sound ones`, () => {
      const lines = readLines(join(FIXTURES, name));
      expect(lines.filter(({ k }) => k === 'e').length).to.equal(lines.at(-1)!.damaged).and.to.be.above(20);
      const order = lines.filter(({ k, u = [] }) => k === 'e' || (k === 'm' && u.some(({ tbl }) => tbl === 'malformed'))).map(({ k }) => k).join('');
      expect(order).to.match(/^m.*eme.*m$/);
    });
  }

  for (const { name } of RECORDINGS.filter(({ mode }) => mode === 'mmap')) {
    describe(`${name} while it runs, killed and started again`, () => holdsTheEnd(join(FIXTURES, name)));
  }
});

function holdsItsPromises(recording: Recording, directory: string): void {
  let lines: Line[] = [];
  let updates: Update[] = [];
  before(() => {
    lines = readLines(directory);
    updates = lines.flatMap((line) => line.u ?? []).filter(({ ks }) => ks.startsWith('rec'));
  });

  it('is whole', () => {
    const segments = segmentsOf(directory);
    expect(lines.at(-1)).to.include({ k: 'sum', segments: segments.length, damaged: 0 });
    const named = new Set(lines.slice(0, -1).map((line) => line.seg));
    expect(segments.filter((name) => named.has(name))).to.deep.equal([...named]);
    expect(segments.length - named.size).to.equal(recording.version.startsWith('5') ? 1 : 0);
    expect(segments.every((name) => name.startsWith(`CommitLog-${recording.mode.endsWith('v8') ? 8 : 7}-`))).to.equal(true);
    expect(existsSync(join(directory, 'key.hex'))).to.equal(recording.mode === 'encrypted');
    const schema = JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as Record<string, unknown[]>;
    for (const table of ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views', 'indexes']) expect(schema[table], table).to.not.be.empty;
  });

  it('has an index file for each segment with CDC data, and segments without', () => {
    const hasIndex = (name: string): boolean => existsSync(join(directory, name.replace('.log', '_cdc.idx')));
    const withCdc = new Set(lines.filter((line) => line.u?.some(({ tbl }) => tbl === 'all_types' || tbl === 'pair_cdc')).map((line) => line.seg));
    for (const name of withCdc) expect(hasIndex(name), name).to.equal(true);
    expect(segmentsOf(directory).some((name) => !hasIndex(name))).to.equal(true);
  });

  it('holds every kind of deletion, liveness and range marker', () => {
    const items = updates.flatMap((update) => update.items ?? []);
    const rows = items.filter(({ t }) => t === 'row');
    const counts = {
      partitionDeletions: updates.filter(({ del }) => del !== undefined).length,
      statics: updates.filter((update) => update.static !== undefined).length,
      staticsWithRows: updates.filter((update) => update.static !== undefined && (update.items ?? []).length > 0).length,
      rowDeletions: rows.filter(({ del }) => del !== undefined).length,
      deletedAndWritten: rows.filter(({ del, live }) => del !== undefined && live !== undefined).length,
      complexDeletions: rows.filter(({ cdel = [] }) => cdel.length > 0).length,
      expiringRows: rows.filter(({ live }) => live?.length === 3).length,
      keysOnly: rows.filter(({ live, cells = [] }) => live !== undefined && cells.length === 0).length,
      nullClusterings: rows.filter(({ ck }) => ck?.includes(null)).length,
      emptyClusterings: rows.filter(({ ck }) => ck?.includes('')).length,
    };
    for (const [name, count] of Object.entries(counts)) expect(count, name).to.be.above(0);
    expect(new Set(items.filter(({ t }) => t === 'rt').map(({ kind }) => kind))).to.have.keys(
      'INCL_START_BOUND', 'EXCL_START_BOUND', 'INCL_END_BOUND', 'EXCL_END_BOUND', 'INCL_END_EXCL_START_BOUNDARY', 'EXCL_END_INCL_START_BOUNDARY');
    expect(Math.max(...rows.map(({ ck }) => ck?.length ?? 0))).to.equal(40);
  });

  it('holds the cells that are hard to read', () => {
    const cells = updates.flatMap((update) => [...(update.items ?? []), ...(update.static === undefined ? [] : [update.static])]).flatMap((row) => row.cells ?? []);
    const ends = cells.filter(({ ttl = 0 }) => ttl > 600_000_000).map(({ ldt = 0 }) => ldt);
    expect(cells.some(({ v }) => v === ''), 'empty values').to.equal(true);
    expect(cells.some(({ dropped }) => dropped === 1), 'dropped columns').to.equal(true);
    expect(cells.some(({ p }) => p === ''), 'an empty path').to.equal(true);
    expect(cells.some(({ v }) => /^#(\d+):/.test(v ?? '') && Number(/^#(\d+):/.exec(v!)?.[1]) > 250_000), 'large values').to.equal(true);
    expect(cells.some(({ ts }) => ts === '-9223372036854775807') && cells.some(({ ts }) => ts === '9223372036854775807'), 'far times').to.equal(true);
    expect(Math.max(...ends) > 2 ** 31, 'ends after 2038').to.equal(recording.mode.endsWith('v8'));
  });

  it('holds mutations of several tables, known in whole, in part and not at all', () => {
    expect(lines.some((line) => new Set(line.u?.map(({ tbl }) => tbl)).has('pair_plain') && line.u?.length === 2), 'two tables').to.equal(true);
    const unknown = lines.filter(({ k }) => k === 'u');
    expect(unknown.some((line) => (line.u ?? []).length > 0), 'in part').to.equal(true);
    expect(unknown.some((line) => (line.u ?? []).length === 0), 'not at all').to.equal(true);
    expect(updates.some(({ ks }) => ks === 'rec_volatile'), 'nothing of a keyspace without durable writes').to.equal(false);
    expect(new Set(updates.filter(({ tbl }) => tbl === 'pair_cdc').map(({ ks }) => ks))).to.have.keys('rec', 'rec2');
  });
}

function holdsTheEnd(directory: string): void {
  const [live, killed, replayed] = ['live', 'killed', 'replayed'].map((each) => join(directory, each));
  let segment = '';
  before(() => { segment = readLines(live)[0].seg; });
  const entries = (of: string): Line[] => readLines(of).filter((line) => line.seg === segment);
  const index = (of: string): string => readFileSync(join(of, segment.replace('.log', '_cdc.idx')), 'utf8');

  it('has markers ahead of its index file', () => {
    expect(Number(index(live).trim())).to.be.within(1, entries(live).at(-1)!.end - 1);
  });

  it('has entries behind the last marker, which Cassandra does not read', () => {
    const written = gunzipSync(readFileSync(join(killed, `${segment}.gz`))).toString('latin1').split('the end').length - 1;
    const read = entries(killed).filter((line) => JSON.stringify(line).includes(Buffer.from('the end').toString('hex'))).length;
    expect(written).to.equal(200);
    expect(read).to.be.within(1, written - 1);
  });

  it('has more entries than the live copy, and after the replay the same ones and the physical length in its index file', () => {
    expect(entries(killed).length).to.be.above(entries(live).length);
    expect(entries(replayed).length).to.equal(entries(killed).length);
    expect(index(replayed)).to.equal(`${1 << 20}\nCOMPLETED`);
  });
}
