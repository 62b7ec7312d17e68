import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts, startCassandra, type CassandraNode } from './cassandra.js';
import { LabError } from './errors.js';
import { isAlive } from './lock.js';
import { runningProcesses } from './process.js';

describe('lab: Cassandra', function () {
  this.timeout(600_000);
  let node: CassandraNode;
  before(async () => { node = await startCassandra({ version: '5.0.6', heap: '512M', segmentSizeMiB: 1, config: { materialized_views_enabled: true } }); });
  after(async () => { await node.remove(); });

  it('answers CQL and nodetool', async () => {
    const client = await node.client();
    const { rows } = await client.execute('SELECT release_version FROM system.local');
    expect(rows[0]['release_version']).to.equal('5.0.6');
    expect(await node.nodetool('status')).to.contain(`UN  ${node.address}`);
  });

  it('keeps an acknowledged row over kill -9, in a segment of the size asked for', async () => {
    const client = await node.client();
    await client.execute("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute('CREATE TABLE lab.t (k int PRIMARY KEY, v text) WITH cdc = true');
    await client.execute("INSERT INTO lab.t (k, v) VALUES (1, 'kept')");
    const segments = (await readdir(node.cdcRawDir)).filter((name) => name.endsWith('.log'));
    expect(segments).to.not.be.empty;
    for (const name of segments) expect((await stat(join(node.cdcRawDir, name))).size).to.equal(1 << 20);
    // Cassandra reads back up to the last sync marker, and a marker is written every 100 ms.
    await sleep(500);
    const before = node.pid!;
    await node.kill9();
    expect([isAlive(before), node.pid]).to.deep.equal([false, undefined]);
    await node.start();
    const { rows } = await (await node.client()).execute('SELECT v FROM lab.t WHERE k = 1');
    expect(rows[0]['v']).to.equal('kept');
  });

  it('that cannot start shows why, and leaves nothing behind', async () => {
    const directories = await labDirectories();
    const error = await startCassandra({ version: '5.0.6', heap: '256M', config: { no_such_setting: 1 } }).then(() => undefined, (e: unknown) => e);
    expect(error).to.be.instanceOf(LabError);
    expect((error as LabError).message).to.match(/no_such_setting[^]*fix: correct the configuration/);
    expect(await labDirectories()).to.deep.equal(directories);
  });

  it('leaves no process, no listener and no file after remove', async () => {
    const { pid, directory, address } = node;
    await node.remove();
    expect([isAlive(pid!), runningProcesses().includes(pid!), existsSync(directory), await accepts(address, 9042)]).to.deep.equal([false, false, false, false]);
  });
});

async function labDirectories(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('cdc-lab-cassandra-')).sort();
}
