/** `status`, asked of a real control socket; its view at 80 columns; watching on a terminal and without one. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import type { CliIo } from '../../../agent/cli/io.js';
import { makeProgram } from '../../../agent/cli/program.js';
import { statusText } from '../../../agent/cli/status-view.js';
import { stateDirectoryOf } from '../../../agent/config/state-directory.js';
import { OperatorError } from '../../../agent/errors.js';
import { PHASES, type AgentState, type Phase } from '../../../agent/observe/agent-state.js';
import { ControlSocket, controlSocketPath } from '../../../agent/service/control-socket.js';
import { projectRoot } from '../../helpers/project-root.js';
import { STARTING, TAILING } from '../observe/states.js';

class Sink extends Writable {
  text = '';
  isTTY = false;
  rows = 40;
  columns = 80;
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.emit('written');
    done();
  }
}

interface Ran {
  readonly out: string;
  readonly code: number;
  readonly error: OperatorError | undefined;
}

async function run(argv: readonly string[], { stdout = new Sink(), ...rest }: Partial<Omit<CliIo, 'stdout'>> & { readonly stdout?: Sink } = {}): Promise<Ran> {
  let code = 0;
  const io: CliIo = { stdout, stderr: new Sink(), env: {}, cwd: '/', signal: new AbortController().signal, setExitCode: (value) => { code = value; }, ...rest };
  const error = await makeProgram(io).parseAsync(['node', 'agent', 'status', ...argv]).then(() => undefined, (caught: unknown) => caught);
  if (error !== undefined) expect(error).to.be.instanceOf(OperatorError);
  const known = error as OperatorError | undefined;
  return { out: stdout.text, code: known?.exitCode ?? code, error: known };
}

/** Resolves when the text holds what is looked for. */
function until(sink: Sink, holds: (text: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds(sink.text)) return;
      sink.off('written', look);
      resolve();
    };
    sink.on('written', look);
    look();
  });
}

// eslint-disable-next-line no-control-regex
const CONTROLS = /\u001b\[\??\w+/g;

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('status', () => {
  let directory: string;
  let state: AgentState;
  let control: ControlSocket;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'cdc-status-'));
    state = TAILING;
    control = new ControlSocket(directory, { status: () => state });
    await control.listen();
  });
  afterEach(async () => {
    await control.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const here = (): string[] => ['--state-directory', directory];

  it('shows the running agent', async () => {
    expect(await run(here())).to.deep.equal({ out: statusText(TAILING), code: 0, error: undefined });
  });

  it('finds the agent by its configuration, without the secrets in it', async () => {
    writeFileSync(join(directory, 'agent.yaml'), `state_directory: ${directory}\nkafka: { sasl: { password: "\${credential:not-here}" } }\n`);
    expect((await run(['--config', 'agent.yaml'], { cwd: directory })).out).to.equal(statusText(TAILING));
  });

  it('--json gives the state as it is, on one line', async () => {
    const { out } = await run([...here(), '--json']);
    expect([out.split('\n').length, JSON.parse(out)]).to.deep.equal([2, TAILING]);
  });

  it('ends with 69 and the fix when no agent answers', async () => {
    await control.close();
    const { out, code, error } = await run(here());
    expect([out, code, error?.code, error?.fix]).to.deep.equal(['', 69, 'agent_not_running', 'start it (systemctl start cassandra-cdc-agent), or name its configuration with --config']);
    const json = await run([...here(), '--json']);
    expect([json.code, JSON.parse(json.out)]).to.deep.equal([69, { error: { code: 'agent_not_running', message: `no agent runs with the state directory ${directory}`, fix: error?.fix } }]);
  });

  it('says when the agent may not be asked', async function () {
    if (process.getuid?.() !== 0) {
      chmodSync(controlSocketPath(directory), 0);
      expect((await run(here())).error).to.include({ code: 'agent_no_access', exitCode: 69 });
      return;
    }
    // Root may everything: somebody else asks, where somebody else may run this program.
    const nobody = { uid: 65534, gid: 65534 } as const;
    const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [join(projectRoot, 'dist/agent/main.js'), 'status', ...here()], { ...nobody, stdio: ['ignore', 'ignore', 'pipe'] });
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
      child.once('error', () => resolve({ status: null, stderr: '' })).once('close', (code) => resolve({ status: code, stderr: text }));
    });
    if (status !== 69 && !stderr.startsWith('error:')) return this.skip();
    expect([status, stderr]).to.deep.equal([69, `error: the agent of ${directory} can't be asked: EACCES\nfix:   ask as root or as a member of the agent's group: sudo cassandra-cdc-agent status\ncode:  agent_no_access\n`]);
  });

  it('tells who listens and is no agent, or one of another version', async () => {
    await control.close();
    const server = createServer((socket) => void socket.resume().end(answer)).listen(controlSocketPath(directory));
    await new Promise((resolve) => server.once('listening', resolve));
    let answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    expect((await run(here())).error).to.include({ code: 'agent_other_version', message: `what listens in ${directory} is no cassandra-cdc-agent` });
    answer = '{"status":{"state_version":2}}\n';
    expect((await run(here())).error?.message).to.include('speaks version 2 of the status, this program version 1');
    answer = '';
    expect((await run(here())).error).to.include({ code: 'agent_silent', exitCode: 69 });
    await new Promise((resolve) => server.close(resolve));
  });

  it('--watch prints a block a second where there is no terminal, and goes on when the agent is away', async () => {
    const stdout = new Sink();
    const stop = new AbortController();
    const running = run([...here(), '--watch'], { stdout, signal: stop.signal });
    await until(stdout, (text) => count(text, 'state         tailing') === 2);
    await control.close();
    await until(stdout, (text) => text.includes('no agent runs'));
    control = new ControlSocket(directory, { status: () => STARTING });
    await control.listen();
    await until(stdout, (text) => text.includes('waiting for cassandra'));
    stop.abort();
    expect((await running).code).to.equal(0);
    expect(stdout.text).to.equal([statusText(TAILING), statusText(TAILING), `no agent runs with the state directory ${directory}\nfix: start it (systemctl start cassandra-cdc-agent), or name its configuration with --config\n`, statusText(STARTING)].join('\n'));
  });

  it('--watch --json prints one line a second', async () => {
    const stdout = new Sink();
    const stop = new AbortController();
    const running = run([...here(), '--watch', '--json'], { stdout, signal: stop.signal });
    await until(stdout, (text) => count(text, '\n') === 3);
    stop.abort();
    await running;
    expect(stdout.text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).to.deep.equal([TAILING, TAILING, TAILING]);
  });

  for (const key of ['q', '\u0003']) {
    it(`--watch draws in place on a terminal, and ${JSON.stringify(key)} gives it back as it was`, async () => {
      const stdout = Object.assign(new Sink(), { isTTY: true, rows: 10, columns: 60 });
      const modes: boolean[] = [];
      const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
      const running = run([...here(), '--watch'], { stdout, stdin });
      await until(stdout, (text) => count(text, '\u001b[H') === 2);
      stdin.write('x');
      stdin.write(key);
      expect((await running).code).to.equal(0);
      expect(modes).to.deep.equal([true, false]);
      expect(stdout.text.startsWith('\u001b[?1049h\u001b[?25l\u001b[H') && stdout.text.endsWith('\u001b[?25h\u001b[?1049l')).to.equal(true);
      const frames = stdout.text.split('\u001b[H').slice(1).map((frame) => frame.replaceAll(CONTROLS, '').split('\r\n'));
      for (const frame of frames) {
        expect(frame).to.have.lengthOf(10);
        for (const line of frame) expect(line.length).to.be.at.most(60);
      }
    });
  }

  it('--watch works in a real terminal', async function () {
    if (spawnSync('script', ['--version']).status !== 0) {
      console.log('        not tried: script(1) not found');
      return this.skip();
    }
    const command = `${process.execPath} ${join(projectRoot, 'dist/agent/main.js')} status --watch --state-directory ${directory}`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const sink = new Sink();
    child.stdout.pipe(sink);
    await until(sink, (text) => text.includes('q or Ctrl-C ends'));
    child.stdin.write('q');
    expect(await new Promise((resolve) => child.once('exit', resolve))).to.equal(0);
    expect(sink.text).to.include('1795360528614:129746 published').and.satisfy((text: string) => text.trimEnd().endsWith('\u001b[?1049l'));
  });
});

describe('status view', () => {
  it('reads like this', () => {
    expect(statusText({ ...TAILING, last_error: { time: '2026-11-30T11:00:00.000Z', code: 'kafka_unreachable', message: 'no broker answers at k1:9092', fix: 'check kafka.brokers', over: true } })).to.equal(`\
cassandra-cdc-agent 1.0.0, process 4242, up 2h

state         tailing since 2h: publishes what Cassandra writes as it comes
lag           400ms, 1KiB to read
position      1795360528614:129746 published, 1795360528614:130002 read
segments      1 unread, 2 read and kept
events        1,000,000 published, 1,893/s over the last minute
not events    2,000,000 not_owned, 3 repeat, 7 published late
transactions  5,000 committed, 1 failed, the last took 12ms
ownership     33.1% of the ring, mode owner, 3 nodes, ring epoch 4
node          7a4e9b5e-6f2a-4b43-9a0e-6a5f7f2d7b11 in dc1 of prod, Cassandra
              5.0.6
commit log    mmap, periodic sync: a row can be seen within 100ms
cdc_raw       64MiB of 4GiB [#...................] 1.6%, not filling
spool         32MiB of 8GiB [#...................] 0.4%
gaps          none
last error    over: no broker answers at k1:9092 (kafka_unreachable, 1h ago)
              fix: check kafka.brokers
`);
  });

  it('says what is not known yet, what waits, and what to do', () => {
    const text = statusText(STARTING);
    expect(text).to.match(/^state +waiting for cassandra since 2s: no Cassandra node answers at$/m).and.match(/^position +not known yet$/m).and.match(/^ {14}fix: check that the node runs$/m);
  });

  it('says what should worry', () => {
    const text = statusText({ ...TAILING, segments: { ...TAILING.segments, quarantined: 1 }, cdc_raw: { directory: '/d', bytes: 4 * 2 ** 30, limit_bytes: 4 * 2 ** 30, minutes_until_full: 0 }, spool: null, gaps: { count: 2, last: { time: '2026-11-30T11:59:30.000Z', from: '7:0', to: '7:99', reason: 'given_up' } } });
    expect(text).to.include('1 damaged, in quarantine').and.include('[####################] 100%, FULL').and.match(/^spool +off$/m).and.include('2; the last 30s ago: 7:0 to 7:99 (given_up)');
    expect(statusText({ ...TAILING, cdc_raw: { directory: '/d', bytes: 1, limit_bytes: 100, minutes_until_full: 12.5 } })).to.include('full in 12m30s');
  });

  it('stays within 80 columns, whatever the numbers and texts, and uses no colour', () => {
    const text = fc.array(fc.stringMatching(/^[a-z0-9:/.,-]{1,40}$/), { minLength: 1, maxLength: 40 }).map((words) => words.join(' '));
    const number = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
    fc.assert(fc.property(fc.constantFrom(...(Object.keys(PHASES) as Phase[])), text, number, number, (phase, words, some, other) => {
      const wide: AgentState = {
        ...TAILING, state: phase, state_reason: words, lag: { bytes: some, seconds: other }, events: { published: Math.floor(some), per_second: other, skipped: { not_owned: Math.floor(other), system_keyspace: 1, unknown_table: 2 }, repeats: 3, late: Math.floor(some) },
        last_error: { time: TAILING.started_at, code: 'x'.repeat(30), message: words, fix: words, over: false }, cdc_raw: { directory: '/d', bytes: some, limit_bytes: other, minutes_until_full: some },
      };
      const lines = statusText(wide).split('\n');
      expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(80);
      expect(lines.join('').includes('\u001b')).to.equal(false);
    }));
  });
});

describe('state directory of a configuration', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-conf-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const of = (text: string): string => {
    writeFileSync(join(directory, 'a.yaml'), text);
    return stateDirectoryOf('a.yaml', { cwd: directory, isOptional: false });
  };

  it('is what the file says, or the default', () => {
    expect([of('state_directory: /srv/cdc\n'), of('"state_directory": "/srv/x y"\nother: [1'.concat(']\n')), of('kafka: {}\n'), of('')]).to.deep.equal(['/srv/cdc', '/srv/x y', '/var/lib/cassandra-cdc-agent', '/var/lib/cassandra-cdc-agent']);
    expect(stateDirectoryOf('none.yaml', { cwd: directory, isOptional: true })).to.equal('/var/lib/cassandra-cdc-agent');
  });

  it('is asked for where the file does not say it plainly', () => {
    for (const text of ['state_directory: ${env:X}\n', 'state_directory: relative\n', 'state_directory: [1]\n']) expect(() => of(text)).to.throw('not written out as an absolute path');
    expect(() => of('a: [\n')).to.throw('mistake');
    expect(() => stateDirectoryOf('none.yaml', { cwd: directory, isOptional: false })).to.throw('can\'t be read: ENOENT');
  });
});
