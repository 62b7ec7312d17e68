/** Word to systemd: what is sent and when; and once with the real systemd-notify, to a real datagram socket. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Happenings } from '../../../agent/observe/happenings.js';
import { SystemdNotifier, type NotifierOptions } from '../../../agent/service/sd-notify.js';
import { statusLine } from '../../../agent/service/status-line.js';
import { STARTING, TAILING } from '../observe/states.js';

class World {
  status = 'waiting';
  isAlive = true;
  fails = false;
  readonly sent: string[] = [];
  readonly said: string[] = [];
  readonly happenings = new Happenings({ log: { isLevelEnabled: () => true, write: ({ event }) => void this.said.push(event) }, now: () => 0 });

  notifier(env: Readonly<Record<string, string>>, rest: Partial<NotifierOptions> = {}): SystemdNotifier {
    const send = (parts: readonly string[]): Promise<void> => {
      if (this.fails) return Promise.reject(new Error('no'));
      this.sent.push(parts.join(' '));
      return Promise.resolve();
    };
    return new SystemdNotifier({ env, status: () => this.status, isAlive: () => this.isAlive, happenings: this.happenings, send, ...rest });
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A beat each 20 ms. */
const WATCHED = { WATCHDOG_USEC: '40000', WATCHDOG_PID: String(process.pid) };

describe('sd_notify', () => {
  let world: World;
  beforeEach(() => { world = new World(); });

  it('asks for more time until it is ready, then feeds the watchdog, then says that it stops', async () => {
    const notifier = world.notifier(WATCHED);
    notifier.starting();
    await wait(50);
    expect(world.sent.length).to.be.at.least(2);
    expect(new Set(world.sent)).to.deep.equal(new Set(['EXTEND_TIMEOUT_USEC=60000000 STATUS=waiting']));
    world.sent.length = 0;
    world.status = 'tailing';
    await notifier.ready();
    await wait(70);
    expect(world.sent[0]).to.equal('READY=1 WATCHDOG=1 STATUS=tailing');
    expect(world.sent.length).to.be.at.least(3);
    expect(new Set(world.sent.slice(1))).to.deep.equal(new Set(['WATCHDOG=1 STATUS=tailing']));
    world.sent.length = 0;
    world.status = 'stopping';
    await notifier.stopping();
    await wait(50);
    expect(world.sent).to.deep.equal(['STOPPING=1 STATUS=stopping']);
    await notifier.close();
  });

  it('tells within a second or two what a start waits for: whoever started it looks', async () => {
    const notifier = world.notifier({});
    notifier.starting();
    await wait(30);
    world.status = 'waiting for kafka';
    await wait(2100);
    expect(world.sent.map((text) => text.replace(/^EXTEND_TIMEOUT_USEC=\d+ /, ''))).to.deep.equal(['STATUS=waiting', 'STATUS=waiting for kafka']);
    await notifier.close();
  });

  it('does not say that it is ready when it reloads before that, or while it stops', async () => {
    const notifier = world.notifier({});
    notifier.starting();
    let reloads = 0;
    const reload = (): Promise<void> => { reloads++; return Promise.resolve(); };
    await notifier.reloading(reload);
    await notifier.stopping();
    await notifier.reloading(reload);
    expect(reloads).to.equal(2);
    expect(world.sent.join()).to.not.include('READY').and.to.not.include('RELOADING');
    await notifier.close();
  });

  it('does not feed the watchdog while the work stands still', async () => {
    const notifier = world.notifier(WATCHED);
    await notifier.ready();
    world.isAlive = false;
    world.sent.length = 0;
    await wait(50);
    expect(world.sent.length).to.be.at.least(1);
    expect(world.sent.join()).not.to.include('WATCHDOG');
    await notifier.close();
  });

  it('frames a reload, with the time at which it began, also when it fails', async () => {
    const notifier = world.notifier({});
    await notifier.ready();
    world.sent.length = 0;
    const before = process.hrtime.bigint() / 1000n;
    await notifier.reloading(() => { world.sent.push('(reload)'); return Promise.resolve(); });
    const failure = await notifier.reloading(() => Promise.reject(new Error('bad'))).catch((error: unknown) => (error as Error).message);
    expect(failure).to.equal('bad');
    expect(world.sent.map((text) => text.replace(/\d{4,}/, 'N'))).to.deep.equal([
      'RELOADING=1 MONOTONIC_USEC=N STATUS=reloading the configuration', '(reload)', 'READY=1 STATUS=waiting', 'RELOADING=1 MONOTONIC_USEC=N STATUS=reloading the configuration', 'READY=1 STATUS=waiting',
    ]);
    expect(Number(/USEC=(\d+)/.exec(world.sent[0])?.[1])).to.be.within(Number(before), Number(process.hrtime.bigint() / 1000n));
    await notifier.close();
  });

  it('sends one line of status, whatever is in it', async () => {
    const notifier = world.notifier({});
    world.status = `a\nREADY=1\tb${'x'.repeat(1000)}`;
    await notifier.ready();
    expect(world.sent[0]).to.match(/^READY=1 STATUS=a READY=1 bx+$/).and.have.lengthOf('READY=1 STATUS='.length + 400);
    await notifier.close();
  });

  it('says once that it can\'t be heard, goes on, and says when it can', async () => {
    world.fails = true;
    const notifier = world.notifier(WATCHED);
    await notifier.ready();
    await wait(60);
    expect(world.said).to.deep.equal(['systemd not notified']);
    world.fails = false;
    await wait(60);
    expect(world.said).to.deep.equal(['systemd not notified', 'systemd notified']);
    await notifier.close();
  });

  it('is there only for a service manager that waits for word, and watched only when the watch is on this process', async () => {
    const rest = { status: () => '', happenings: world.happenings };
    expect(SystemdNotifier.of({ env: {}, ...rest })).to.equal(undefined);
    expect(SystemdNotifier.of({ env: { NOTIFY_SOCKET: '' }, ...rest })).to.equal(undefined);
    expect(SystemdNotifier.of({ env: { NOTIFY_SOCKET: '/run/x' }, ...rest })).to.be.instanceOf(SystemdNotifier);
    for (const env of [{}, { WATCHDOG_USEC: '40000', WATCHDOG_PID: '1' }, { WATCHDOG_USEC: 'soon' }]) {
      const notifier = world.notifier(env);
      world.sent.length = 0;
      await notifier.ready();
      await notifier.close();
      expect(world.sent, JSON.stringify(env)).to.deep.equal(['READY=1 STATUS=waiting']);
    }
  });

  it('explains a missing systemd-notify', async () => {
    const errors: unknown[] = [];
    const happenings = new Happenings({ log: { isLevelEnabled: () => true, write: ({ fields }) => void errors.push(...fields.map(({ value }) => value)) }, now: () => 0 });
    const notifier = new SystemdNotifier({ env: { NOTIFY_SOCKET: '/nowhere', PATH: '/nonexistent' }, status: () => '', happenings });
    await notifier.ready();
    await notifier.close();
    expect(errors[0]).to.be.instanceOf(Error).and.include({ code: 'systemd_notify', message: 'systemd-notify is not there' });
  });

  it('is heard by a datagram socket, through the real systemd-notify', async function () {
    const missing = ['systemd-notify', 'python3'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
    if (missing.length > 0) {
      console.log(`        not tried: ${missing.join(' and ')} not found`);
      return this.skip();
    }
    const directory = mkdtempSync(join(tmpdir(), 'cdc-notify-'));
    const socket = join(directory, 'notify');
    const receiver = spawn('python3', ['-u', '-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    receiver.stdout.setEncoding('utf8').on('data', (text: string) => { heard += text; });
    while (!heard.includes('bound\n')) await wait(10);
    const notifier = new SystemdNotifier({ env: { NOTIFY_SOCKET: socket, PATH: process.env.PATH, WATCHDOG_USEC: '30000000' }, status: () => statusLine(TAILING), happenings: world.happenings });
    await notifier.ready();
    await notifier.reloading(() => Promise.resolve());
    await notifier.stopping();
    await notifier.close();
    while (heard.split('\n').length < 6) await wait(10);
    receiver.kill();
    rmSync(directory, { recursive: true });
    const status = 'STATUS=tailing, lag 400ms, 1893 events/s, at 1795360528614:129746';
    expect(world.said).to.deep.equal([]);
    expect(heard.replace(/USEC=\d+/, 'USEC=N').trimEnd().split('\n')).to.deep.equal(['bound', `READY=1|WATCHDOG=1|${status}`, 'RELOADING=1|MONOTONIC_USEC=N|STATUS=reloading the configuration', `READY=1|${status}`, `STOPPING=1|${status}`]);
  });
});

/** What systemd does: takes messages and closes the descriptor that a barrier carries. */
const RECEIVER = `
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound')
while True:
    message, ancillary, _, _ = s.recvmsg(65536, 1024)
    for level, kind, data in ancillary:
        fds = array.array('i'); fds.frombytes(data)
        for fd in fds: os.close(fd)
    if not message.startswith(b'BARRIER'): print(message.decode().strip().replace('\\n', '|'))
`;

describe('status line', () => {
  it('tells state, lag, rate and position, and what should worry', () => {
    expect(statusLine(TAILING)).to.equal('tailing, lag 400ms, 1893 events/s, at 1795360528614:129746');
    expect(statusLine(STARTING)).to.equal('waiting for cassandra: no Cassandra node answers at 127.0.0.1:9042');
    expect(statusLine({ ...TAILING, state: 'catching_up', lag: { bytes: 31 * 2 ** 20, seconds: 95 }, cdc_raw: { directory: '/d', bytes: 1, limit_bytes: 2, minutes_until_full: 12 }, gaps: { count: 2, last: null } }))
      .to.equal('catching up, lag 1m35s, 31MiB to read, 1893 events/s, at 1795360528614:129746, cdc_raw full in 12m, 2 gaps');
  });
});
