/** The documented rights, on the files of a real Cassandra: `check` as the service would run it, and what the agent may do. */
import { expect } from 'chai';
import type { Machine } from './machine.js';
import { prepareNode } from './node.js';
import { AGENT, machineWithPackage } from './package.js';
import type { CassandraNode } from '../lab/index.js';

const RAW = '/var/lib/cassandra/cdc_raw';

for (const { way, umask } of [{ way: 'acl', umask: '0077' }, { way: 'group', umask: '0027' }]) {
  describe(`the ${way} way on a real node with umask ${umask}`, () => {
    let node: CassandraNode;
    let machine: Machine;

    before(async () => {
      const prepared = await prepareNode({ umask });
      node = prepared.node;
      await node.start();
      machine = await machineWithPackage({ shows: prepared.shows });
      await machine.write('/etc/cassandra-cdc-agent/agent.yaml', `cassandra: { contact_points: ["${node.contactPoint}"] }\nkafka: { brokers: ["127.0.0.1:1"] }\nsource: { cdc_raw_directory: ${RAW}, spool: { directory: /var/lib/cassandra/cdc_spool } }\n`, '0640');
      await machine.must(`chgrp ${AGENT} /etc/cassandra-cdc-agent/agent.yaml`);
    });
    after(async () => {
      await machine?.remove();
      await node?.remove();
    });

    const lines = async (name: string): Promise<string[]> => {
      const { text } = await machine.run('cassandra-cdc-agent-as-service check --json');
      const { checks: findings } = JSON.parse(text) as { checks: { name: string; status: string; message: string }[] };
      return findings.filter((finding) => finding.name === name).map(({ status, message }) => `${status} ${message}`);
    };

    it('check sees what is missing, and after cassandra-cdc-agent-rights that nothing is', async () => {
      expect((await lines('cdc_raw')).join()).to.match(/^fail .*(may not|can't be looked at: EACCES)/);
      const { code, text } = await machine.run(`cassandra-cdc-agent-rights --${way}`);
      expect(code, text).to.equal(0);
      expect((await lines('cdc_raw')).join()).to.match(/^ok .*reading, moving and deleting is allowed/);
      expect((await lines('spool')).join()).to.match(/^ok /);
    });

    it('reads segments that the node makes afterwards, and can write none of them', async () => {
      const client = await node.client();
      await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
      await client.execute('CREATE TABLE shop.blobs (id int PRIMARY KEY, data blob) WITH cdc = true');
      const before = (await machine.must(`ls ${RAW}`)).split('\n');
      for (let id = 0; id < 80; id++) await client.execute('INSERT INTO shop.blobs (id, data) VALUES (?, ?)', [id, Buffer.alloc(1 << 20, id)], { prepare: true });
      const fresh = (await machine.must(`ls ${RAW}`)).split('\n').filter((name) => name.endsWith('.log') && !before.includes(name));
      expect(fresh.length).to.be.greaterThan(1);
      for (const name of fresh) {
        expect((await machine.as(AGENT, `head -c 64 ${RAW}/${name} | wc -c`)).text, name).to.equal('64\n');
        expect((await machine.as(AGENT, `: >> ${RAW}/${name}`)).code, name).to.not.equal(0);
      }
      const inspected = await machine.as(AGENT, `cassandra-cdc-agent inspect ${RAW}/${fresh[0]}`);
      expect(inspected.code, inspected.text).to.equal(0);
      expect((await machine.as(AGENT, 'ls /var/lib/cassandra/data')).code === 0, 'data: only by the group, and not from inside the service').to.equal(way === 'group');
      expect((await machine.run('cassandra-cdc-agent-as-service inspect /var/lib/cassandra/data')).text).to.match(/EACCES|can't be read|permission/i);
    });

    it('moves and deletes a segment while the node goes on', async () => {
      const [name] = (await machine.must(`ls ${RAW}`)).split('\n').filter((one) => one.endsWith('.log'));
      expect((await machine.as(AGENT, `mv ${RAW}/${name} /var/lib/cassandra/cdc_spool/ && rm -f /var/lib/cassandra/cdc_spool/${name}`)).code).to.equal(0);
      const client = await node.client();
      await client.execute('INSERT INTO shop.blobs (id, data) VALUES (?, ?)', [1000, Buffer.alloc(10)], { prepare: true });
    });
  });
}
