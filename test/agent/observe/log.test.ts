/** The log: levels, styles, and nothing lost at exit. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { Log } from '../../../agent/observe/log.js';
import type { Level, LineStyle } from '../../../agent/observe/log-line.js';
import { openLog } from '../../../agent/observe/open-log.js';

const PLAIN: LineStyle = { json: false, journal: false, terminal: true, colour: false };
const TIME = Date.UTC(2026, 10, 22, 17, 43, 0, 123);

interface Captured {
  readonly log: Log;
  readonly text: () => string;
}

function capture(style: LineStyle, level: Level = 'info', levels: ReadonlyMap<string, Level> = new Map()): Captured {
  let text = '';
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => { text += chunk.toString(); done(); } });
  return { log: new Log({ stream, style, now: () => TIME, level, levels }), text: () => text };
}

async function lineIn(style: LineStyle, level: Level = 'info'): Promise<string> {
  const { log, text } = capture(style, 'debug');
  log.write({ level, component: 'source', event: 'position restored', fields: [{ name: 'position', kind: 'text', value: '1795360528612:19204112' }, { name: 'behind_bytes', kind: 'bytes', value: 31 * 2 ** 20 }, { name: 'took', kind: 'duration', value: 1500 }, { name: 'owned_share', kind: 'ratio', value: 0.331 }] });
  await log.close();
  return text();
}

describe('log lines', () => {
  const fields = 'position=1795360528612:19204112 behind_bytes=31MiB took=1.5s owned_share=33.1%\n';

  it('on a terminal: level, event, fields', async () => expect(await lineIn(PLAIN)).to.equal(`info  position restored      ${fields}`));
  it('in the journal: the priority first', async () => {
    const journal = { ...PLAIN, terminal: false, journal: true };
    expect(await lineIn(journal)).to.equal(`<6>info  position restored      ${fields}`);
    expect((await Promise.all((['error', 'warn', 'info', 'debug'] as const).map((level) => lineIn(journal, level)))).map((line) => line.slice(0, 8))).to.deep.equal(['<3>error', '<4>warn ', '<6>info ', '<7>debug']);
  });
  it('elsewhere: the time first', async () => expect(await lineIn({ ...PLAIN, terminal: false })).to.equal(`2026-11-22T17:43:00.123Z info  position restored      ${fields}`));
  it('coloured where wanted', async () => expect((await lineIn({ ...PLAIN, colour: true })).replaceAll(/\p{Cc}\[\d+m/gu, '')).to.equal(`info  position restored      ${fields}`));
  it('as JSON: plain numbers, units in the key', async () => {
    expect(JSON.parse(await lineIn({ ...PLAIN, json: true }))).to.deep.equal({ time: '2026-11-22T17:43:00.123Z', level: 'info', component: 'source', event: 'position restored', position: '1795360528612:19204112', behind_bytes: 32505856, took_ms: 1500, owned_share: 0.331 });
    expect(await lineIn({ ...PLAIN, json: true, journal: true })).to.match(/^<6>\{"time"/);
  });
  it('at debug: the component too', async () => expect(await lineIn(PLAIN, 'debug')).to.equal(`debug position restored      component=source ${fields}`));
});

describe('log levels', () => {
  it('are checked for each component', async () => {
    const { log, text } = capture(PLAIN, 'warn', new Map([['source', 'debug'], ['kafka', 'error']]));
    for (const component of ['source', 'kafka', 'ring']) for (const level of ['error', 'warn', 'info', 'debug'] as const) log.write({ level, component, event: `${component}-${level}`, fields: [] });
    expect(log.isLevelEnabled('ring', 'info')).to.equal(false);
    log.setLevels({ level: 'info', levels: new Map() });
    log.write({ level: 'info', component: 'ring', event: 'now', fields: [] });
    await log.close();
    expect(text().trim().split('\n').map((line) => line.split(/\s+/)[1])).to.deep.equal(['source-error', 'source-warn', 'source-info', 'source-debug', 'kafka-error', 'ring-error', 'ring-warn', 'now']);
  });
});

describe('log at exit', () => {
  const LINES = 20_000;

  it('has written 20,000 lines through a pipe, and through a slow one', async function () {
    this.timeout(60_000);
    expect(await linesOf('close', 0)).to.equal(LINES);
    expect(await linesOf('close', 2)).to.equal(LINES);
  });

  it('would lose lines without close: the check above can fail', async function () {
    this.timeout(60_000);
    expect(await linesOf('exit', 'at its exit')).to.be.lessThan(LINES);
  });

  it('does not wait for a reader that is gone', async function () {
    this.timeout(60_000);
    const child = writer('close');
    child.stderr.once('data', () => child.stderr.destroy());
    expect(await new Promise((resolve) => child.once('exit', resolve))).to.equal(0);
  });

  it('waits for a stream that is full, and keeps the order', async () => {
    const stream = new PassThrough({ highWaterMark: 64 });
    const log = new Log({ stream, style: PLAIN, now: () => 0, level: 'info', levels: new Map() });
    for (let line = 0; line < 1000; line++) log.write({ level: 'info', component: 'x', event: String(line), fields: [] });
    let closed = false;
    const closing = log.close().then(() => (closed = true));
    await sleep(20);
    expect(closed).to.equal(false);
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await closing;
    expect(text.trim().split('\n').map((line) => Number(line.slice(6)))).to.deep.equal(Array.from({ length: 1000 }, (_, line) => line));
  });

  it('drops debug lines, counted, when nobody reads', async function () {
    this.timeout(60_000);
    const stream = new PassThrough({ highWaterMark: 64 });
    const log = new Log({ stream, style: PLAIN, now: () => 0, level: 'debug', levels: new Map() });
    for (let line = 0; line < 100_100; line++) log.write({ level: 'debug', component: 'x', event: 'much', fields: [] });
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    while (text.length < 3_000_000) await sleep(5);
    log.write({ level: 'info', component: 'x', event: 'after', fields: [] });
    await log.close();
    const dropped = Number(/log lines dropped +count=(\d+)/.exec(text)?.[1]);
    expect(dropped).to.be.greaterThan(0);
    expect(text.match(/much/g)).to.have.lengthOf(100_100 - dropped);
    expect(text.trim().endsWith('info  after')).to.equal(true);
  });

  function writer(ending: string) {
    const file = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './log-writer.ts' : './log-writer.js', import.meta.url));
    return spawn(process.execPath, [...process.execArgv, file, String(LINES), ending], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Whole lines that came out; `wait` ms between reads of 16 KiB, or until the writer has ended: no pipe holds so many. */
  async function linesOf(ending: string, wait: number | 'at its exit'): Promise<number> {
    const child = writer(ending);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    let text = '';
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (wait === 'at its exit') await exited;
      else if (wait > 0) await sleep(wait);
    }
    const numbers = [...text.matchAll(/^info {2}line +number=(\d+) text="[^"]*"\n/gm)].map(([, number]) => Number(number));
    expect(numbers).to.deep.equal(numbers.map((_, index) => index));
    return numbers.length;
  }
});

describe('log style', () => {
  const open = (options: { readonly env?: Record<string, string>; readonly isTTY?: boolean; readonly fd?: number; readonly format?: 'auto' | 'logfmt' | 'json' }): Promise<string> => {
    let text = '';
    const stream = Object.assign(new Writable({ write: (chunk: Buffer, _encoding, done) => { text += chunk.toString(); done(); } }), { isTTY: options.isTTY ?? false, ...(options.fd === undefined ? {} : { fd: options.fd }) });
    const log = openLog({ format: options.format ?? 'auto', env: options.env ?? {}, stream, now: () => TIME, level: 'info', levels: new Map() });
    log.write({ level: 'warn', component: 'x', event: 'e', fields: [] });
    return log.close().then(() => text);
  };

  it('takes a terminal from isTTY, with colour unless NO_COLOR or a dumb terminal', async () => {
    expect(await open({ isTTY: true })).to.equal('\u001b[33mwarn \u001b[0m e\n');
    expect(await open({ isTTY: true, env: { NO_COLOR: '1' } })).to.equal('warn  e\n');
    expect(await open({ isTTY: true, env: { TERM: 'dumb' } })).to.equal('warn  e\n');
  });

  it('takes the journal from JOURNAL_STREAM only when it is this very stream', async () => {
    const { fstatSync, openSync, closeSync } = await import('node:fs');
    const fd = openSync('/dev/null', 'r');
    const { dev, ino } = fstatSync(fd);
    expect(await open({ fd, env: { JOURNAL_STREAM: `${dev}:${ino}`, INVOCATION_ID: 'x' } })).to.equal('<4>warn  e\n');
    expect(await open({ fd, env: { JOURNAL_STREAM: `${dev}:${ino + 1}`, INVOCATION_ID: 'x' } })).to.equal('2026-11-22T17:43:00.123Z warn  e\n');
    expect(await open({ fd, format: 'json', env: { JOURNAL_STREAM: `${dev}:${ino}` } })).to.match(/^<4>\{/);
    expect(await open({ isTTY: true, fd, env: { JOURNAL_STREAM: `${dev}:${ino}`, NO_COLOR: '1' } })).to.equal('warn  e\n');
    closeSync(fd);
  });

  it('writes the time where nothing else does', async () => expect(await open({})).to.equal('2026-11-22T17:43:00.123Z warn  e\n'));
});
