/** End to end on each version and kind of commit log: changes come once, in order, over a kill of the agent and a restart of the node. */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CassandraOptions } from '../lab/index.js';
import { encryptionConfig, makeKeystore } from '../record/encryption.js';
import { CLEAN } from './verdict.js';
import { World } from './world.js';

interface Kind {
  readonly name: string;
  readonly cassandra: CassandraOptions;
  /** As the agent names it at the start. */
  readonly mode: string;
  readonly isEncrypted?: boolean;
}

const KINDS: readonly Kind[] = [
  { name: '4.0.15', cassandra: { version: '4.0.15' }, mode: 'mmap' },
  { name: '4.1.8 with LZ4', cassandra: { version: '4.1.8', syncPeriodMs: 200, config: { commitlog_compression: [{ class_name: 'LZ4Compressor' }] } }, mode: 'compressed' },
  { name: '5.0.6 in the format of 5.0 (8)', cassandra: { version: '5.0.6', config: { storage_compatibility_mode: 'NONE' } }, mode: 'mmap' },
  { name: '5.0.6 with direct I/O', cassandra: { version: '5.0.6', syncPeriodMs: 200, config: { commitlog_disk_access_mode: 'direct' } }, mode: 'direct' },
  { name: '5.0.6, encrypted', cassandra: { version: '5.0.6', syncPeriodMs: 200 }, mode: 'encrypted', isEncrypted: true },
];

describe('the agent on every version', function () {
  this.timeout(600_000);

  for (const { name, cassandra, mode, isEncrypted = false } of KINDS) {
    it(name, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'cdc-keystore-'));
      let world: World | undefined;
      try {
        const keyFile = join(directory, 'key.hex');
        if (isEncrypted) await makeKeystore(directory, 128);
        world = await World.start({ ...cassandra, config: { ...cassandra.config, ...(isEncrypted ? encryptionConfig(directory) : {}) } });
        const source = isEncrypted ? { encryption_key_file: keyFile } : {};
        const scene = await world.scene({ rate: 500, config: { source } });
        const { agent, writer } = scene;
        await agent.startAndWait();
        writer.start();
        await sleep(2000);
        await agent.end('SIGKILL');
        agent.start();
        await sleep(1000);
        await world.node.restart();
        writer.client = await world.node.client();
        await sleep(2000);
        await writer.stop();
        const found = await world.verdict(scene);
        console.log(`      ${JSON.stringify(found)}`);
        expect(found, agent.log.slice(-4000)).to.include(CLEAN);
        expect(found.events).to.be.greaterThan(500);
        expect(agent.log).to.match(new RegExp(`commit log +mode=${mode} `));
        expect(await agent.stop(), agent.log.slice(-2000)).to.equal(0);
        if (isEncrypted) expect(agent.log).to.not.contain(readFileSync(keyFile, 'utf8').trim());
      } finally {
        await world?.remove();
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }
});
