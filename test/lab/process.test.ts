import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './lock.js';
import { LabError } from './errors.js';
import { LabProcess, runningProcesses } from './process.js';

/** A program that starts a child through the lab, owns a directory, says both, and then does `then`. */
function parentProgram(log: string, owned: string, then: string): string {
  const lab = new URL('./process.js', import.meta.url).href;
  return `import('${lab}').then(async ({ LabProcess, removeOnExit }) => {
    removeOnExit(${JSON.stringify(owned)});
    const child = await LabProcess.start({ name: 'sleep', command: 'sleep', args: ['600'], logFile: ${JSON.stringify(log)} });
    console.log(child.pid);
    ${then}
  });`;
}

describe('lab processes', () => {
  let directory = '';
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'cdc-lab-test-')); });
  afterEach(async () => { await rm(directory, { recursive: true, force: true }); });

  const start = (command: string, args: string[]): Promise<LabProcess> =>
    LabProcess.start({ name: 'a program', command, args, logFile: join(directory, 'log') });

  it('are gone after stop, with the children that they started', async () => {
    const child = await start('sh', ['-c', 'sleep 601 & echo $!; wait']);
    while (child.logTail().trim() === '') await sleep(10);
    const grandchild = Number(child.logTail());
    expect([isAlive(child.pid), isAlive(grandchild), runningProcesses().includes(child.pid)]).to.deep.equal([true, true, true]);
    await child.stop();
    await until(() => !isAlive(grandchild));
    expect([isAlive(child.pid), runningProcesses().includes(child.pid)]).to.deep.equal([false, false]);
  });

  it('are killed when they do not stop', async () => {
    const child = await start('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']);
    while (!child.logTail().includes('ready')) await sleep(10);
    await child.stop(100);
    expect(isAlive(child.pid)).to.equal(false);
  });

  it('that cannot start say so with the fix', async () => {
    const error = await start('/no/such/program', []).then((child) => child.ended, (e: unknown) => e);
    // Under setpriv the start succeeds and the program's absence is its end.
    if (error !== undefined) expect(error).to.be.instanceOf(LabError);
    else expect(await readFile(join(directory, 'log'), 'utf8')).to.match(/no\/such\/program/);
  });

  const ends: Record<string, { then: string; signal?: NodeJS.Signals; keepsFiles?: true }> = {
    'ends': { then: 'process.exit(0)' },
    'throws': { then: 'setTimeout(() => { throw new Error("on purpose") })' },
    'gets SIGINT': { then: '', signal: 'SIGINT' },
    'gets SIGTERM': { then: '', signal: 'SIGTERM' },
    'gets SIGKILL': { then: '', signal: 'SIGKILL', keepsFiles: true },
  };
  for (const [name, { then, signal, keepsFiles }] of Object.entries(ends)) {
    it(`do not outlive a parent that ${name}`, async function () {
      if (signal === 'SIGKILL' && !existsSync('/usr/bin/setpriv') && !existsSync('/bin/setpriv')) return this.skip();
      const owned = await mkdtemp(join(directory, 'owned-'));
      const parent = spawn(process.execPath, ['--input-type=module', '-e', parentProgram(join(directory, 'log'), owned, then)], { stdio: ['ignore', 'pipe', 'ignore'] });
      const exited = once(parent, 'exit');
      const [text] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(text.toString());
      expect(child).to.be.above(1);
      if (signal !== undefined) parent.kill(signal);
      const [, endedBy] = (await exited) as [number | null, NodeJS.Signals | null];
      if (signal !== undefined) expect(endedBy).to.equal(signal);
      await until(() => !isAlive(child));
      expect(existsSync(owned)).to.equal(keepsFiles ?? false);
    });
  }
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await sleep(10);
  expect(condition()).to.equal(true);
}
