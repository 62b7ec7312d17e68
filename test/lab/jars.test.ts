import { expect } from 'chai';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from './cache.js';
import { isComplete } from './jars.js';
import { withLock } from './lock.js';

describe('lab cache', () => {
  let directory = '';
  before(async () => { directory = await mkdtemp(join(tmpdir(), 'cdc-lab-test-')); });
  after(async () => { await rm(directory, { recursive: true }); });

  it('is shared by the clones of one user, and can be moved', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x' })).to.equal('/x/cassandra-cdc-agent');
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x', CDC_LAB_CACHE: '/y' })).to.equal('/y');
  });

  it('takes a directory without the marker for unfinished', async () => {
    await writeFile(join(directory, 'a.jar'), '');
    expect(isComplete(directory)).to.equal(false);
    await writeFile(join(directory, '.complete'), '');
    expect(isComplete(directory)).to.equal(true);
  });

  it('is filled by one holder of the lock at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(join(directory, 'lock'), work)));
    expect(most).to.equal(1);
  });

  it('takes the lock over from a holder that died', async () => {
    const lock = join(directory, 'dead');
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), '4194305');
    expect(await withLock(lock, () => Promise.resolve('done'))).to.equal('done');
  });
});
