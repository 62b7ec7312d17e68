/** The same source on a real directory: what only a real file system can show. */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LiveItem } from '../../../../agent/source/live/live-options.js';
import { LiveSource } from '../../../../agent/source/live/live-source.js';
import type { NeededPosition } from '../../../../agent/source/live/retirement.js';
import { watchDirectory } from '../../../../agent/source/live/watch.js';
import { SegmentWriter } from '../../../helpers/segment-writer.js';

describe('live source on a real directory', () => {
  let root: string;
  let raw: string;
  let now = 0;
  const open: LiveSource[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cdc-live-'));
    raw = join(root, 'cdc_raw');
    for (const name of ['cdc_raw', 'commitlog', 'spool', 'quarantine']) mkdirSync(join(root, name));
  });
  afterEach(() => {
    for (const source of open.splice(0)) source.close();
    rmSync(root, { recursive: true });
  });

  function start(resume?: NeededPosition): LiveSource {
    const source = new LiveSource({
      raw, ledger: join(root, 'segments.json'), quarantine: join(root, 'quarantine'), owner: process.getuid?.() ?? 0,
      spool: { directory: join(root, 'spool'), limit: 1 << 20, whenFull: 'block' }, clock: { now: () => (now += 1000), sleep: () => Promise.resolve() },
    });
    source.begin(resume);
    open.push(source);
    return source;
  }

  /** As Cassandra: in its own directory, linked into cdc_raw. */
  function segment(id: number, entries: number): string {
    const writer = new SegmentWriter({ version: 7, id: BigInt(id) });
    for (let i = 0; i < entries; i++) writer.append(Buffer.from(`${id}/${i}`.padEnd(20)));
    writer.sync();
    writeFileSync(join(root, 'commitlog', writer.fileName), writer.image({ padTo: 4096 }));
    linkSync(join(root, 'commitlog', writer.fileName), join(raw, writer.fileName));
    return writer.fileName;
  }

  function take(source: LiveSource): LiveItem[] {
    const items: LiveItem[] = [];
    for (let i = 0; i < 5; i++) for (let item = source.poll(); item !== undefined; item = source.poll()) items.push(item);
    return items;
  }

  const segmentsOf = (items: readonly LiveItem[]): (number | string)[] => items.map((item) => (item.kind === 'section' ? item.segment.id : item.gap.reason));

  it('reads, spools, deletes behind the position, and unlinks a spooled segment that replay links again', () => {
    const names = [segment(9, 2), segment(10, 2), segment(11, 2)];
    const source = start();
    expect(segmentsOf(take(source))).to.deep.equal([9, 10, 11]);
    expect(readdirSync(join(root, 'spool')).sort()).to.deep.equal([names[1], names[0]]);
    linkSync(join(root, 'spool', names[0]), join(raw, names[0]));
    expect(segmentsOf(take(source))).to.deep.equal([]);
    expect(readdirSync(raw)).to.deep.equal([names[2]]);
    expect(readdirSync(join(root, 'spool'))).to.have.length(2);
    source.committed({ segment: 11, position: 1, index: 0 }, { segment: 10, position: 0, index: 0 });
    take(source);
    expect(readdirSync(join(root, 'spool'))).to.deep.equal([names[1]]);
    source.committed({ segment: 11, position: 1, index: 0 });
    take(source);
    expect(readdirSync(join(root, 'spool'))).to.deep.equal([]);
    linkSync(join(root, 'commitlog', names[0]), join(raw, names[0]));
    writeFileSync(join(raw, names[0].replace('.log', '_cdc.idx')), '4096\nCOMPLETED');
    expect(segmentsOf(take(source))).to.deep.equal([]);
    expect(readdirSync(raw)).to.deep.equal([names[2]]);
  });

  it('removes index files whose segment is gone, and no other file', () => {
    const [first] = [segment(9, 2), segment(10, 2)];
    const source = start();
    take(source);
    writeFileSync(join(raw, first.replace('.log', '_cdc.idx')), '60\nCOMPLETED');
    writeFileSync(join(raw, 'CommitLog-7-77_cdc.idx'), '60');
    take(source);
    expect(readdirSync(raw).sort()).to.deep.equal(['CommitLog-7-10.log', 'CommitLog-7-77_cdc.idx']);
    expect(source.counts.orphanIndexes).to.equal(1);
  });

  it('refuses a link, a FIFO, a directory, a huge file and another header', () => {
    segment(9, 2);
    const at = (id: number): string => join(raw, `CommitLog-7-${id}.log`);
    symlinkSync(join(root, 'commitlog', 'CommitLog-7-9.log'), at(20));
    execFileSync('mkfifo', [at(21)]);
    mkdirSync(at(22));
    writeFileSync(at(23), '');
    truncateSync(at(23), 2 ** 33);
    linkSync(join(root, 'commitlog', 'CommitLog-7-9.log'), at(24));
    const source = start();
    expect(segmentsOf(take(source))).to.deep.equal([9]);
    expect(source.counts.refused).to.equal(5);
  });

  it('does not delete a file that took the name of a segment', () => {
    const [first] = [segment(9, 2), segment(10, 2)];
    const source = new LiveSource({ raw, ledger: join(root, 'segments.json'), clock: { now: () => (now += 1000), sleep: () => Promise.resolve() } });
    source.begin(undefined);
    open.push(source);
    take(source);
    unlinkSync(join(raw, first));
    writeFileSync(join(raw, first), 'something of somebody');
    source.committed({ segment: 10, position: 1, index: 0 });
    take(source);
    expect(readdirSync(raw)).to.include(first);
    expect(source.counts.refused).to.equal(1);
  });

  it('refuses a damaged ledger and a directory that is not there', () => {
    writeFileSync(join(root, 'segments.json'), '{"version":1,');
    expect(() => start()).to.throw(/is damaged/);
    rmSync(join(root, 'segments.json'));
    rmSync(raw, { recursive: true });
    expect(() => start()).to.throw(/cdc_raw does not exist/);
  });

  it('is told of new names by a watcher', async () => {
    const stop = new AbortController();
    const hinted = new Promise<void>((resolve) => watchDirectory(raw, resolve, stop.signal));
    const again = setInterval(() => segment(100 + Math.floor(now++), 1), 50);
    await hinted;
    clearInterval(again);
    stop.abort();
  });

  it('ends its iteration at the signal', async () => {
    segment(9, 2);
    const stop = new AbortController();
    const items: LiveItem[] = [];
    for await (const item of start().items(stop.signal)) {
      items.push(item);
      stop.abort();
    }
    expect(segmentsOf(items)).to.deep.equal([9]);
  });
});
