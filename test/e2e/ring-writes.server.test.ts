/** A ring of three, RF 3, an agent beside each node: every kind of write, and repair. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { ringRepairs } from './ring-repairs.js';
import { CLEAN_RING, tallyRing } from './ring-verdict.js';
import { RingWorld } from './ring-world.js';
import { BULK_MIX, type RingWriterOptions } from './ring-writer.js';

const SECONDS = Number(process.env['CDC_RING_SECONDS'] ?? 8);
/** A batch to one partition has 100 rows: over 2,000 rows a second, once the JVMs are warm (CDC_RING_SECONDS=90). */
const BULK = { rate: 110, batchRows: 100, mix: BULK_MIX };

describe('a ring of three, every kind of write', function () {
  this.timeout(1_200_000);
  let world: RingWorld;

  before(async () => {
    world = await RingWorld.start({ nodes: 3 });
    await (await world.client()).execute("CREATE KEYSPACE e2e WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}");
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  it('inserts, updates, deletes, batches and LWTs come once each over all agents, and the owned shares add up to 100 %', () => comesOnce({}));

  it('so they do at thousands of rows a second, most of them in batches', () => comesOnce(BULK));

  async function comesOnce(options: Partial<RingWriterOptions>): Promise<void> {
    const table = await world.table();
    const writer = await world.writer(table, options);
    writer.start();
    await sleep(SECONDS * 1000);
    await writer.stop();
    const found = await world.verdict(writer, table);
    const lwts = writer.acked.filter(({ isLwt }) => isLwt).length;
    console.log(`      ${writer.acked.length} changes acknowledged, ${(writer.acked.length / SECONDS).toFixed(0)} a second, ${lwts} of them by LWT (${writer.refused} refused, ${writer.failed} unanswered): ${JSON.stringify(tallyRing(found))}`);
    expect(lwts).to.be.greaterThan(20);
    expect(tallyRing(found), world.said()).to.include(CLEAN_RING);
    const states = await Promise.all(world.agents.map((agent) => agent.status()));
    const shares = states.map((state) => state?.ownership?.owned_share ?? 0);
    console.log(`      owned shares ${shares.map((share) => `${(share * 100).toFixed(1)} %`).join(', ')}`);
    expect(shares.reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-9);
    for (const state of states) expect(state?.events.published).to.be.greaterThan(0);
  }

  ringRepairs(() => world);
});
