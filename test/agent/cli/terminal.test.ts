/** `check` and `inspect` on terminals: colour and progress where a person watches, plain text where a program reads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import type { CliIo } from '../../../agent/cli/io.js';
import { makeProgram } from '../../../agent/cli/program.js';
import { inDirectory, TextSink } from '../inspect/harness.js';
import { SEGMENT_ID, shopSegment } from '../inspect/shop.js';

interface Terminals {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

async function run(args: readonly string[], cwd: string, { stdout, stderr, env = {} }: Terminals): Promise<{ readonly out: string; readonly err: string; readonly code: number }> {
  let code = 0;
  const [out, err] = [Object.assign(new TextSink(), { isTTY: stdout }), Object.assign(new TextSink(), { isTTY: stderr })];
  const io: CliIo = { stdout: out, stderr: err, env, cwd, signal: new AbortController().signal, setExitCode: (value) => { code = value; } };
  await makeProgram(io).parseAsync(['node', 'agent', ...args]);
  return { out: out.text, err: err.text, code };
}

describe('cli: check on a terminal', () => {
  const FILES = { 'agent.yaml': 'cassandra: { contact_points: ["127.0.0.1:9042"] }\nkafkaa: 1\n' };
  const args = ['check', '--config', 'agent.yaml'];
  const plain = { stdout: false, stderr: false };

  it('has colour', () => inDirectory(FILES, async (cwd) => {
    const { out, code } = await run(args, cwd, { stdout: true, stderr: true });
    expect(out.startsWith('\u001b[31mFAIL\u001b[0m  config: '), out).to.equal(true);
    expect(stripVTControlCharacters(out)).to.equal((await run(args, cwd, plain)).out);
    expect(code).to.equal(1);
  }));

  it('has none in a pipe, with NO_COLOR, on a dumb terminal and in JSON', () => inDirectory(FILES, async (cwd) => {
    const runs = await Promise.all([run(args, cwd, plain), run(args, cwd, { stdout: true, stderr: true, env: { NO_COLOR: '1' } }), run(args, cwd, { stdout: true, stderr: true, env: { TERM: 'dumb' } }), run([...args, '--json'], cwd, { stdout: true, stderr: true })]);
    for (const { out } of runs) expect(out).to.include('kafkaa').and.to.not.include('\u001b');
  }));
});

describe('cli: inspect on a terminal', () => {
  const many = (cwd: string): void => {
    for (let i = 0n; i < 3n; i++) {
      const segment = shopSegment({ id: SEGMENT_ID + i });
      writeFileSync(join(cwd, segment.fileName), segment.image());
    }
  };
  const drawn = Array.from({ length: 3 }, (_, done) => `\r\u001b[K${done} of 3 segments read, now CommitLog-7-${SEGMENT_ID + BigInt(done)}.log`).join('');

  it('says how far it is while its output goes elsewhere or comes at the end, and leaves no trace', () => inDirectory({}, async (cwd) => {
    many(cwd);
    for (const [args, stdout] of [[['inspect', '.'], false], [['inspect', '--dump', '.'], false], [['inspect', '--json', '.'], false], [['inspect', '--json', '.'], true]] as const) {
      expect((await run(args, cwd, { stdout, stderr: true })).err, args.join(' ')).to.equal(`${drawn}\r\u001b[K`);
    }
  }));

  it('says nothing beside an output that shows it, and nothing where nobody watches', () => inDirectory({}, async (cwd) => {
    many(cwd);
    expect((await run(['inspect', '.'], cwd, { stdout: true, stderr: true })).err).to.equal('');
    expect((await run(['inspect', '--json', '.'], cwd, { stdout: true, stderr: false })).err).to.equal('');
  }));
});
