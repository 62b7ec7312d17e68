/** The documented rights, both ways, on the files of a real Cassandra: `check` as the service would run it, and what the agent may do. */
import { expect } from 'chai';
import type { CassandraNode } from '../lab/index.js';
import type { Machine } from './machine.js';
import { prepareNode } from './node.js';
import { AGENT, machineWithPackage } from './package.js';

const RAW = '/var/lib/cassandra/cdc_raw';
const MIB = 1 << 20;

describe('rights on a real node', () => {
  let node: CassandraNode;
  let machine: Machine;
  let next = 0;

  before(async () => {
    const prepared = await prepareNode({ umask: '0027', segmentSizeMiB: 4 });
    node = prepared.node;
    await node.start();
    machine = await machineWithPackage({ shows: prepared.shows });
    await machine.write('/etc/cassandra-cdc-agent/agent.yaml', `cassandra: { contact_points: ["${node.contactPoint}"] }\nkafka: { brokers: ["127.0.0.1:1"] }\nsource: { cdc_raw_directory: ${RAW}, spool: { directory: /var/lib/cassandra/cdc_spool } }\n`, '0640');
    await machine.must(`chgrp ${AGENT} /etc/cassandra-cdc-agent/agent.yaml`);
    const client = await node.client();
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute('CREATE TABLE shop.blobs (id int PRIMARY KEY, data blob) WITH cdc = true');
  });
  after(async () => {
    await machine?.remove();
    await node?.remove();
  });

  const segments = async (): Promise<string[]> => (await machine.must(`ls ${RAW}`)).split('\n').filter((name) => name.endsWith('.log'));
  const write = async (count: number): Promise<void> => {
    const client = await node.client();
    for (let i = 0; i < count; i++) await client.execute('INSERT INTO shop.blobs (id, data) VALUES (?, ?)', [next++, Buffer.alloc(MIB, next)], { prepare: true });
  };
  const verdict = async (name: string): Promise<string> => {
    const { text } = await machine.run('cassandra-cdc-agent-as-service check --json');
    const { checks } = JSON.parse(text) as { checks: { name: string; status: string; message: string }[] };
    return checks.filter((check) => check.name === name).map(({ status, message }) => `${status} ${message}`).join();
  };

  for (const way of ['acl', 'group']) {
    describe(`the ${way} way`, () => {
      after(() => machine.must('cassandra-cdc-agent-rights --undo'));

      it('check sees what is missing, and after cassandra-cdc-agent-rights that nothing is', async () => {
        expect(await verdict('cdc_raw')).to.match(/^fail .*(may not|can't be looked at: EACCES)/);
        const { code, text } = await machine.run(`cassandra-cdc-agent-rights --${way}`);
        expect(code, text).to.equal(0);
        expect(await verdict('cdc_raw')).to.match(/^ok .*reading, moving and deleting is allowed/);
        expect(await verdict('spool')).to.match(/^ok /);
      });

      it('reads segments that the node makes afterwards, and can write none of them', async () => {
        const before = await segments();
        await write(10);
        const fresh = (await segments()).filter((name) => !before.includes(name));
        expect(fresh.length).to.be.greaterThan(1);
        for (const name of fresh) {
          expect((await machine.as(AGENT, `head -c 64 ${RAW}/${name} | wc -c`)).text, name).to.equal('64\n');
          expect((await machine.as(AGENT, `: >> ${RAW}/${name}`)).code, name).to.not.equal(0);
        }
        const inspected = await machine.as(AGENT, `cassandra-cdc-agent inspect ${RAW}/${fresh[0]}`);
        expect(inspected.code, inspected.text).to.equal(0);
        expect((await machine.as(AGENT, 'ls /var/lib/cassandra/data')).code === 0, 'data: only by the group').to.equal(way === 'group');
        expect((await machine.run('cassandra-cdc-agent-as-service inspect /var/lib/cassandra/data')).text, 'and never from inside the service').to.match(/EACCES|can't be read/);
      });

      it('moves and deletes a segment while the node goes on', async () => {
        const [name] = await segments();
        expect((await machine.as(AGENT, `mv ${RAW}/${name} /var/lib/cassandra/cdc_spool/ && rm -f /var/lib/cassandra/cdc_spool/${name}`)).code).to.equal(0);
        await write(1);
      });
    });
  }
});
