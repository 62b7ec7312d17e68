/** One agent per state directory, with real processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError, IoError } from '../../../agent/errors.js';
import { lockHolder, lockStateDirectory } from '../../../agent/service/lock.js';
import { projectRoot } from '../../helpers/project-root.js';

const failure = (locking: Promise<unknown>): Promise<unknown> => locking.then(() => undefined, (error: unknown) => error);

/** A process that holds the lock; resolves when it does. */
async function holderOf(directory: string): Promise<ChildProcess> {
  const code = `const { lockStateDirectory } = await import(${JSON.stringify(join(projectRoot, 'dist/agent/service/lock.js'))}); await lockStateDirectory(process.argv[1]); console.log('held'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error('the holder ended')));
  });
  return child;
}

/** Gone for good: the next directory may get the same inode. */
function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

describe('state lock', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-lock-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('refuses the second, with the holder\'s process id and the way out, by whatever path', async () => {
    const child = await holderOf(directory);
    try {
      symlinkSync(directory, join(directory, 'other'));
      for (const path of [directory, join(directory, 'other')]) {
        const error = await failure(lockStateDirectory(path));
        expect(error).to.be.instanceOf(ConfigError).and.include({ code: 'state_directory_locked', exitCode: 78, message: `another agent (process ${child.pid}) runs with the state directory ${path}` });
        expect((error as ConfigError).fix).to.include(`kill ${child.pid}`);
      }
    } finally {
      await killed(child);
    }
  });

  it('tells who holds it to somebody who does not want it', async () => {
    expect(await lockHolder(directory)).to.equal(null);
    const child = await holderOf(directory);
    expect(await lockHolder(directory)).to.deep.equal({ pid: child.pid });
    child.kill('SIGSTOP');
    expect(await lockHolder(directory)).to.deep.equal({ pid: undefined });
    await killed(child);
    expect(await lockHolder(directory)).to.equal(null);
    await (await lockStateDirectory(directory)).release();
  });

  it('is free again when the holder is killed, however that comes', async () => {
    const child = await holderOf(directory);
    await killed(child);
    await (await lockStateDirectory(directory)).release();
  });

  it('holds also while the holder is stopped, without its process id', async () => {
    const child = await holderOf(directory);
    try {
      child.kill('SIGSTOP');
      expect(await failure(lockStateDirectory(directory))).to.be.instanceOf(ConfigError).and.include({ message: `another agent runs with the state directory ${directory}` });
    } finally {
      await killed(child);
    }
  });

  it('is given to one of many that come at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockStateDirectory(directory)));
    const held = results.filter((result) => result.status === 'fulfilled');
    expect(held).to.have.lengthOf(1);
    await held[0].value.release();
    await (await lockStateDirectory(directory)).release();
  });

  it('is one for each directory', async () => {
    const other = mkdtempSync(join(tmpdir(), 'cdc-lock-'));
    const locks = await Promise.all([lockStateDirectory(directory), lockStateDirectory(other)]);
    await Promise.all(locks.map((lock) => lock.release()));
    rmSync(other, { recursive: true });
  });

  it('says what to do when there is no such directory', async () => {
    const error = await failure(lockStateDirectory(join(directory, 'missing')));
    expect(error).to.be.instanceOf(IoError).and.include({ code: 'state_directory' });
    expect((error as IoError).message).to.include('ENOENT');
  });
});
