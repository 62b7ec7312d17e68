import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { IoError } from '../../../agent/errors.js';
import { recordedSegments, type LogSegment } from '../../../agent/source/recorded-directory.js';
import { CorruptError, MutationFrames } from '../../../parsers/index.js';
import { SegmentWriter, segmentFileName } from '../../helpers/segment-writer.js';

/** A segment of `entries` entries whose bytes tell which they are. */
function segment(id: bigint, entries: number, version: 6 | 7 = 7): Buffer {
  const writer = new SegmentWriter({ version, id });
  for (let i = 0; i < entries; i++) {
    writer.append(Buffer.from(`${id} entry ${i}`.padEnd(20)));
    if (i % 3 === 2) writer.sync();
  }
  writer.close();
  return writer.image({ padTo: 1000 });
}

describe('recorded directory', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-source-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const put = (name: string, bytes: Buffer): void => writeFileSync(join(directory, name), bytes);

  function entriesOf({ sections }: LogSegment): string[] {
    const frames = new MutationFrames();
    const found: string[] = [];
    for (const section of sections()) {
      frames.open(section);
      while (frames.next()) found.push(frames.bytes.toString('latin1', frames.start, frames.end).trim());
    }
    return found;
  }

  const read = (packed = false): string[][] => [...recordedSegments(directory, { packed })].map(({ name }) => [name]);

  it('gives segments by number, not by name, and leaves other files alone', () => {
    const ids = [1795360528612n, 999n, 1795360528613n, 10000n];
    for (const id of ids) put(segmentFileName(7, id), segment(id, 4));
    put('CommitLog-7-999_cdc.idx', Buffer.from('12\nCOMPLETED'));
    put('notes.txt', Buffer.from('x'));
    put('CommitLog-7-5.log.gz', Buffer.from('x'));
    const seen: string[] = [];
    for (const one of recordedSegments(directory)) seen.push(...entriesOf(one));
    expect(seen).to.deep.equal([999n, 10000n, 1795360528612n, 1795360528613n].flatMap((id) => [0, 1, 2, 3].map((i) => `${id} entry ${i}`)));
  });

  it('unpacks fixtures when it is told to', () => {
    put('CommitLog-7-5.log.gz', gzipSync(segment(5n, 4)));
    for (const one of recordedSegments(directory, { packed: true })) expect(entriesOf(one)).to.have.length(4);
    expect(() => read()).to.throw(IoError, 'holds no commit-log segment');
  });

  it('passes over segments made ahead of use', () => {
    put(segmentFileName(7, 5n), segment(5n, 1));
    put(segmentFileName(7, 6n), Buffer.alloc(4096));
    put(segmentFileName(7, 7n), Buffer.alloc(0));
    expect(read()).to.deep.equal([['CommitLog-7-5.log']]);
  });

  const refused: readonly { readonly what: string; readonly prepare: () => void; readonly error: RegExp }[] = [
    { what: 'a directory that is not there', prepare: () => rmSync(directory, { recursive: true }), error: /does not exist/ },
    { what: 'an empty directory', prepare: () => undefined, error: /holds no commit-log segment/ },
    { what: 'a symbolic link', prepare: () => { put('real', segment(5n, 1)); symlinkSync('real', join(directory, 'CommitLog-7-5.log')); }, error: /is a symbolic link/ },
    { what: 'a directory named like a segment', prepare: () => mkdirSync(join(directory, 'CommitLog-7-5.log')), error: /not a regular file/ },
    { what: 'a FIFO', prepare: () => void execFileSync('mkfifo', [join(directory, 'CommitLog-7-5.log')]), error: /not a regular file/ },
    { what: 'a file of impossible size', prepare: () => { put('CommitLog-7-5.log', Buffer.alloc(0)); truncateSync(join(directory, 'CommitLog-7-5.log'), 2 ** 31); }, error: /more than a segment can have/ },
    { what: 'a header of another id', prepare: () => put('CommitLog-7-6.log', segment(5n, 1)), error: /the header says id 5/ },
    { what: 'a file that is no segment', prepare: () => put('CommitLog-7-6.log', Buffer.from('PK\u0003\u0004 a zip file of somebody')), error: /does not begin with a commit-log version/ },
    { what: 'a segment of Cassandra 3', prepare: () => put('CommitLog-6-5.log', segment(5n, 1, 6)), error: /of Cassandra 3/ },
    { what: 'two segments of one id', prepare: () => { put('CommitLog-7-5.log', segment(5n, 1)); put('CommitLog-8-5.log', segment(5n, 1)); }, error: /two segments of id 5/ },
  ];
  for (const { what, prepare, error } of refused) {
    it(`refuses ${what}, in one line`, () => {
      prepare();
      const caught = (() => { try { read(); return undefined; } catch (thrown) { return thrown; } })();
      expect(caught).to.satisfy((thrown: unknown) => thrown instanceof IoError || thrown instanceof CorruptError);
      expect((caught as Error).message).to.match(error).and.not.contain('\n');
      expect((caught as IoError).fix).to.be.a('string');
    });
  }

  it('says when a file became shorter', () => {
    put('CommitLog-7-5.log', segment(5n, 10));
    for (const one of recordedSegments(directory)) {
      truncateSync(join(directory, 'CommitLog-7-5.log'), 60);
      expect(() => entriesOf(one)).to.throw(IoError, 'became shorter while it was read');
    }
  });
});
