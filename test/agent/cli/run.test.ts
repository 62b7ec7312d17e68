import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import type { CliIo } from '../../../agent/cli/io.js';
import { makeProgram } from '../../../agent/cli/program.js';
import { embeddedRecording } from '../../../agent/embedded/recording.js';
import { IoError, OperatorError } from '../../../agent/errors.js';
import { CorruptError } from '../../../parsers/index.js';
import { schemaRows } from '../../helpers/schema-rows.js';
import { SegmentWriter } from '../../helpers/segment-writer.js';
import { column, data, inserted, int, live, mutation, row, scalar, table, update } from '../events/log.js';

class TextSink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function run(args: readonly string[], rest: Partial<CliIo> = {}): Promise<{ out: string; err: string; error: unknown }> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const io: CliIo = { stdout, stderr, env: {}, cwd: '/', signal: new AbortController().signal, setExitCode: () => undefined, ...rest };
  const error = await makeProgram(io).parseAsync(['node', 'agent', 'run', ...args]).then(() => undefined, (caught: unknown) => caught);
  return { out: stdout.text, err: stderr.text, error };
}

describe('run', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-run-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
  const put = (name: string, content: Buffer | string): void => writeFileSync(join(directory, name), content);

  function putSegment(change: (file: Buffer) => void = () => undefined): void {
    const writer = new SegmentWriter({ version: 7, id: 5n });
    for (const k of [1, 2, 3]) writer.append(mutation(update(notes, [int(k)], { items: [row([], [data(notes, 'v', [live(int(k))])], inserted)] })));
    writer.close();
    const file = writer.image();
    change(file);
    put(writer.fileName, file);
    put('schema.json', JSON.stringify(schemaRows({ keyspaces: ['shop'], userTypes: [], tables: [notes] })));
  }

  it('prints the events of the recording that comes with the agent, and a summary', async () => {
    const { out, err, error } = await run([]);
    expect(error).to.equal(undefined);
    const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { topic: string; value: { op: string } });
    expect(lines.length).to.be.greaterThan(20);
    for (const { topic, value } of lines) expect([topic.startsWith('cdc.shop.'), 'cud'.includes(value.op)]).to.deep.equal([true, true]);
    expect(err).to.match(new RegExp(`\\n${lines.length} events from \\d+ mutations in \\d+ segments?, \\d+\\.\\d s\\n$`));
    expect(err).to.match(/^events by table +c +u +d$/m).and.match(/^shop\.products +3 +3 +0$/m).and.match(/^skipped {3}1 not_cdc: .*\(shop\.audit 1\)$/m).and.match(/^position {2}\d+:\d+$/m);
  });

  it('reads a directory and a schema of one\'s own, by relative paths', async () => {
    putSegment();
    const { out, err, error } = await run(['--cdc-raw', '.', '--schema', 'schema.json'], { cwd: directory });
    expect(error).to.equal(undefined);
    expect(out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { key: unknown }).key)).to.deep.equal([{ k: 1 }, { k: 2 }, { k: 3 }]);
    expect(err).to.contain('skipped   nothing');
  });

  it('reads it with several threads', async () => {
    putSegment();
    const args = ['--cdc-raw', directory, '--schema', join(directory, 'schema.json')];
    const [one, two] = [await run([...args, '--threads', '1']), await run([...args, '--threads', '2'])];
    const withoutTimes = ({ out, err }: { out: string; err: string }): string[] => [out.replaceAll(/"ts_ms":\d+/g, ''), err.replace(/[\d.]+ s$/m, '')];
    expect([one.error, two.error]).to.deep.equal([undefined, undefined]);
    expect(withoutTimes(two)).to.deep.equal(withoutTimes(one));
    expect(one.out).to.match(/^(.+\n){3}$/);
  });

  it('prints what stands before a damaged place, the summary, and the place', async () => {
    putSegment((file) => void (file[file.length - 6] ^= 1));
    const { out, err, error } = await run(['--cdc-raw', directory, '--schema', join(directory, 'schema.json')]);
    expect(error).to.be.instanceOf(CorruptError);
    expect((error as Error).message).to.match(/^CommitLog-7-5\.log: the checksum of the entry at \d+ does not match$/);
    expect(out.trimEnd().split('\n')).to.have.length(2);
    expect(err).to.contain('2 events from');
  });

  const MISTAKES: readonly { readonly what: string; readonly args: () => string[]; readonly says: RegExp }[] = [
    { what: 'a directory without a schema', args: () => ['--cdc-raw', directory], says: /belong together/ },
    { what: 'a directory that is not there', args: () => ['--cdc-raw', join(directory, 'none'), '--schema', join(directory, 'schema.json')], says: /none does not exist/ },
    { what: 'a schema that is not there', args: () => ['--cdc-raw', directory, '--schema', join(directory, 'none.json')], says: /none\.json does not exist/ },
    { what: 'threads for the agent', args: () => ['--config', 'agent.yaml', '--threads', '2'], says: /--threads are for recordings/ },
    { what: 'a schema that is no JSON', args: () => { put('bad.json', '{'); return ['--cdc-raw', directory, '--schema', join(directory, 'bad.json')]; }, says: /is not JSON/ },
  ];
  for (const { what, args, says } of MISTAKES) {
    it(`answers ${what} with one line and the fix`, async () => {
      putSegment();
      const { out, error } = await run(args());
      expect(error).to.be.instanceOf(OperatorError);
      expect((error as OperatorError).message).to.match(says).and.not.contain('\n');
      expect((error as OperatorError).fix).to.be.a('string');
      expect(out).to.equal('');
    });
  }

  it('is quiet when the reader has gone', async () => {
    const stdout = new PassThrough({ highWaterMark: 1 });
    stdout.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    stdout.on('error', () => undefined);
    expect((await run([], { stdout })).error).to.equal(undefined);
  });

  it('says where its recording should be when that is missing', () => {
    expect(() => embeddedRecording([directory])).to.throw(IoError, 'agent/embedded').with.property('fix');
  });
});
