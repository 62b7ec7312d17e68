/** Two datacenters of two nodes, RF 2 in each, an agent beside every node: one datacenter publishes. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEAN_RING, tallyRing } from './ring-verdict.js';
import { RingWorld } from './ring-world.js';

/** Statements per second, in each datacenter. */
const RATE = Number(process.env['CDC_RING_RATE'] ?? 200) / 2;

describe('a ring of two datacenters', function () {
  this.timeout(1_200_000);
  let world: RingWorld;

  before(async () => {
    world = await RingWorld.start({ nodes: 4, heap: '512M', startTimeoutMs: 400_000, placeOf: (index) => ({ datacenter: index < 2 ? 'dc1' : 'dc2', rack: 'rack1' }) });
    await (await world.client()).execute("CREATE KEYSPACE e2e WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 2, 'dc2': 2}");
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  it('with two datacenters, written to in both: each change comes once, from the one that ownership.datacenter names', async () => {
    const table = await world.table({ ownership: { datacenter: 'dc2' } });
    const writers = await Promise.all([0, 2].map(async (node, number) => world.writer(table, { rate: RATE, number, client: await world.ring.nodes[node].client() })));
    for (const writer of writers) writer.start();
    await sleep(10_000);
    for (const writer of writers) await writer.stop();
    const found = await world.verdict({ changes: writers.flatMap(({ changes }) => changes) }, table);
    console.log(`      ${writers.map(({ acked, failed }) => `${acked.length} changes, ${failed} unanswered`).join('; ')}: ${JSON.stringify(tallyRing(found))}`);
    expect(tallyRing(found), world.said()).to.include(CLEAN_RING);
    for (const { acked } of writers) expect(acked.length).to.be.greaterThan(50);
    const from = new Set((await world.consumer.read(table.topic)).map(({ value }) => (JSON.parse(String(value)) as { source: { datacenter: string } }).source.datacenter));
    expect([...from]).to.deep.equal(['dc2']);
    const states = await Promise.all(world.agents.map((agent) => agent.status()));
    const shares = states.map((state) => state?.ownership?.owned_share ?? -1);
    console.log(`      owned shares ${shares.map((share) => `${(share * 100).toFixed(1)} %`).join(', ')}`);
    expect(shares.slice(0, 2)).to.deep.equal([0, 0]);
    expect(shares[2] + shares[3]).to.be.closeTo(1, 1e-9);
    expect(states.map((state) => (state?.events.published ?? 0) > 0)).to.deep.equal([false, false, true, true]);
  });
});
