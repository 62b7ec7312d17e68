/** The control socket, over real connections. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { ConfigError, IoError } from '../../../agent/errors.js';
import { ControlSocket, controlSocketPath, MAX_REQUEST } from '../../../agent/service/control-socket.js';
import { TAILING } from '../observe/states.js';

/** Sends text, collects what comes until the agent hangs up or `lines` lines are there. */
function talk(path: string, text: string, lines = Infinity): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let all = '';
    const done = (): void => {
      socket.destroy();
      resolve(all.split('\n').slice(0, -1));
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk;
      if (all.split('\n').length > lines) done();
    }).on('close', done).on('error', reject);
    socket.write(text);
  });
}

describe('control socket', () => {
  let directory: string;
  let path: string;
  let control: ControlSocket;
  let asked = 0;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cdc-control-'));
    path = controlSocketPath(directory);
    asked = 0;
    control = new ControlSocket(directory, { status: () => { asked++; return TAILING; }, broken: () => { throw new Error('it is broken'); } });
  });
  afterEach(async () => {
    await control.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('answers one line with one line, as often as asked', async () => {
    await control.listen();
    const answers = await talk(path, 'status\nstatus\r\n', 2);
    expect(answers.map((line) => JSON.parse(line) as unknown)).to.deep.equal([{ status: TAILING }, { status: TAILING }]);
  });

  it('answers a request that comes in pieces', async () => {
    await control.listen();
    const socket = connect(path);
    const answer = new Promise((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())));
    for (const piece of ['st', 'at', 'us', '\n']) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await answer).to.equal(`${JSON.stringify({ status: TAILING })}\n`);
    socket.destroy();
  });

  it('names what can be asked, and says what went wrong', async () => {
    await control.listen();
    const [unknown, inherited, broken] = (await talk(path, 'sttus\ntoString\nbroken\n', 3)).map((line) => (JSON.parse(line) as { error: { code: string; message: string; fix: string } }).error);
    expect(unknown).to.deep.equal({ code: 'unknown_request', message: 'there is no request "sttus"', fix: 'ask one of: status, broken' });
    expect(inherited.code).to.equal('unknown_request');
    expect(broken).to.include({ code: 'bug', message: 'it is broken' });
  });

  it('refuses a request without end, and hangs up', async () => {
    await control.listen();
    const [line, ...rest] = await talk(path, 'x'.repeat(MAX_REQUEST + 1));
    expect([JSON.parse(line), rest]).to.deep.equal([{ error: { code: 'request_too_long', message: `a request has at most ${MAX_REQUEST} bytes`, fix: 'send a name and a line feed' } }, []]);
    expect(await talk(path, `${'y'.repeat(1 << 20)}\n`).catch((error: NodeJS.ErrnoException) => error.code)).to.satisfy((got: unknown) => got === 'EPIPE' || got === 'ECONNRESET' || Array.isArray(got));
    expect(await talk(path, 'status\n', 1)).to.have.lengthOf(1);
  });

  it('makes no more answers than are read', async () => {
    await control.listen();
    const socket: Socket = connect(path);
    socket.pause();
    const requests = 20_000;
    socket.write('status\n'.repeat(requests));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).to.be.lessThan(requests / 4);
    let lines = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (data: Buffer) => {
        for (const byte of data) if (byte === 10) lines++;
        if (lines === requests) resolve();
      }).resume();
    });
    socket.destroy();
  });

  it('serves others while one is silent, and not more than it has room for', async () => {
    await control.listen();
    const silent = Array.from({ length: 15 }, () => connect(path));
    expect(await talk(path, 'status\n', 1)).to.have.lengthOf(1);
    const many = Array.from({ length: 50 }, () => connect(path).on('error', () => undefined));
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const socket of [...silent, ...many]) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await talk(path, 'status\n', 1)).to.have.lengthOf(1);
  });

  it('is open to owner and group only, from its first moment', async () => {
    await control.listen();
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('660');
  });

  it('replaces what a killed agent left, and is gone when it is closed', async () => {
    const left = spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    expect([left.signal, statSync(path).isSocket()]).to.deep.equal(['SIGKILL', true]);
    await control.listen();
    expect(await talk(path, 'status\n', 1)).to.have.lengthOf(1);
    await control.close();
    expect(statSync(path, { throwIfNoEntry: false })).to.equal(undefined);
  });

  it('leaves the socket of a living agent alone', async () => {
    await control.listen();
    const second = new ControlSocket(directory, {});
    const error = await second.listen().catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(ConfigError).and.include({ code: 'state_directory_locked' });
    await second.close();
    expect(await talk(path, 'status\n', 1)).to.have.lengthOf(1);
  });

  it('deletes nothing that is no socket', async () => {
    writeFileSync(path, 'precious');
    expect(await control.listen().catch((caught: unknown) => caught)).to.be.instanceOf(ConfigError).and.include({ code: 'control_socket', message: `${path} is in the way: it is no socket` });
    expect(statSync(path).size).to.equal(8);
  });

  it('says what to do when the path is too long or the directory missing', async () => {
    const deep = join(directory, 'd'.repeat(100));
    mkdirSync(deep);
    expect(await new ControlSocket(deep, {}).listen().catch((caught: unknown) => caught)).to.be.instanceOf(ConfigError).and.include({ code: 'state_directory_too_long' });
    expect(await new ControlSocket(join(directory, 'missing'), {}).listen().catch((caught: unknown) => caught)).to.be.instanceOf(IoError).and.include({ code: 'control_socket' });
  });

  it('closes while clients are connected', async () => {
    await control.listen();
    const sockets = [connect(path), connect(path)];
    const closed = sockets.map((socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)));
    await talk(path, 'status\n', 1);
    await control.close();
    await Promise.all(closed);
  });

  it('keeps no process alive', () => {
    const code = `const { ControlSocket } = await import(${JSON.stringify(new URL('../../../agent/service/control-socket.js', import.meta.url).href)}); await new ControlSocket(${JSON.stringify(directory)}, {}).listen(); console.log('ready');`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 10_000 });
    expect([status, stdout]).to.deep.equal([0, 'ready\n']);
  });

  it('notices nobody who only listens', async () => {
    const stranger = createServer((socket) => socket.pause()).listen(path);
    await new Promise((resolve) => stranger.once('listening', resolve));
    expect(await control.listen().catch((caught: unknown) => caught)).to.be.instanceOf(ConfigError);
    await new Promise((resolve) => stranger.close(resolve));
  });
});
