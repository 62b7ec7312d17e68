/** The verbs `config` and `version`, run in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { makeProgram } from '../../../agent/cli/program.js';
import { EXIT, OperatorError, type ExitCode } from '../../../agent/errors.js';

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: ExitCode;
}

let directory: string;

async function run(...argv: string[]): Promise<Ran> {
  const texts = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { texts[name] += chunk.toString(); done(); } });
  let code: ExitCode = EXIT.ok;
  const io = { stdout: stream('out'), stderr: stream('err'), env: { P: 'hunter2' }, cwd: directory, signal: new AbortController().signal, setExitCode: (value: ExitCode) => void (code = value) };
  try {
    await makeProgram(io).parseAsync(['node', 'agent', ...argv]);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    texts.err += error.message;
    code = error.exitCode;
  }
  return { ...texts, code };
}

describe('config and version', () => {
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cdc-verbs-'));
    writeFileSync(join(directory, 'right.yaml'), 'cassandra: { contact_points: [a], username: u, password: "${env:P}" }\nkafka: { brokers: [k1] }\n', { mode: 0o600 });
    writeFileSync(join(directory, 'wrong.yaml'), 'kafka: { brokers: k1 }\nlgo: {}\n');
  });
  after(() => rmSync(directory, { recursive: true }));

  it('config defaults prints a file that config validate accepts', async () => {
    writeFileSync(join(directory, 'defaults.yaml'), (await run('config', 'defaults')).out);
    expect(await run('config', 'validate', 'defaults.yaml')).to.deep.equal({ out: 'defaults.yaml is right\n', err: '', code: 0 });
  });

  it('config validate answers a wrong file with every mistake and 78', async () => {
    const { out, err, code } = await run('config', 'validate', 'wrong.yaml');
    expect([out, code]).to.deep.equal(['', 78]);
    expect(err).to.equal('wrong.yaml has 3 mistakes\n  wrong.yaml:1:1  cassandra.contact_points: is required\n      fix: add cassandra: { contact_points: [127.0.0.1:9042] }\n  wrong.yaml:1:19  kafka.brokers: must be a list of addresses, is one value\n      fix: write [k1]\n  wrong.yaml:2:1  lgo: unknown key\n      fix: write log');
  });

  it('config validate --json has a fixed shape', async () => {
    const wrong = await run('config', 'validate', '--json', 'wrong.yaml');
    expect(wrong).to.include({ err: '', code: 78 });
    const answer = JSON.parse(wrong.out) as { readonly problems: readonly unknown[] };
    expect(Object.keys(answer)).to.deep.equal(['ok', 'file', 'problems', 'warnings']);
    expect(answer.problems[2]).to.deep.equal({ file: 'wrong.yaml', line: 2, column: 1, key: 'lgo', message: 'unknown key', fix: 'write log' });
    expect(JSON.parse((await run('config', 'validate', '--json', 'right.yaml')).out)).to.deep.equal({ ok: true, file: 'right.yaml', problems: [], warnings: [] });
    expect(JSON.parse((await run('config', 'validate', '--json', 'nope.yaml')).out)).to.have.property('ok', false);
  });

  it('config validate --print shows the configuration in force and no secret', async () => {
    const { out, code } = await run('config', 'validate', '--print', 'right.yaml');
    expect(code).to.equal(0);
    expect(out).to.include('  password: "***"\n').and.to.include('    interval: 60ms\n').and.to.not.include('hunter2');
    expect((await run('config', 'validate', '--print', '--json', 'right.yaml')).out).to.include('"password":"***"').and.to.not.include('hunter2');
  });

  it('config reference and config schema print', async () => {
    expect((await run('config', 'reference')).out).to.include('| `kafka.transaction.interval` | duration (1ms to 10s) | `60ms` | yes |');
    expect(JSON.parse((await run('config', 'schema')).out)).to.have.nested.property('properties.kafka.required').that.deep.equals(['brokers']);
  });

  it('version says what runs', async () => {
    expect((await run('version')).out).to.match(/^cassandra-cdc-agent \d+\.\d+\.\d+\nnode \d+\.\d+\.\d+\nopenssl \S+\nplatform \S+\n$/);
    expect(Object.keys(JSON.parse((await run('version', '--json')).out) as object)).to.deep.equal(['version', 'node', 'openssl', 'platform', 'arch']);
  });
});
