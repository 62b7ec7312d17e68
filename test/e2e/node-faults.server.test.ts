/**
 * Cassandra dies, stops, is away, deletes segments unread. What it still has after its own replay is what must have been
 * published: an acknowledgement before the next sync marker (100 ms) is no promise of Cassandra's over a kill -9.
 */
import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEAN, judge } from './verdict.js';
import { World, type Scene } from './world.js';

const KILLS = Number(process.env['CDC_NODE_KILLS'] ?? 2);
const RESTARTS = Number(process.env['CDC_NODE_RESTARTS'] ?? 2);
const RATE = 500;
/** Behind the last marker, with some room for a busy machine. */
const UNSYNCED_MS = 1000;

function segmentsIn(directory: string): number {
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.log')).length : 0;
}

describe('the agent when Cassandra fails', function () {
  this.timeout(1_800_000);
  let world: World;

  before(async () => {
    world = await World.start({ version: '5.0.6', segmentSizeMiB: 4 });
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  async function reconnect({ writer }: Scene): Promise<void> {
    writer.client = await world.node.client();
  }

  /** Write times of the rows that Cassandra has, by key. */
  async function rowsOf(table: string): Promise<Map<number, number>> {
    const rows = new Map<number, number>();
    const client = await world.node.client();
    for await (const row of await client.execute(`SELECT k, writetime(v) AS written FROM ${table}`, [], { prepare: true, fetchSize: 1000 })) rows.set(row['k'] as number, Number(row['written']));
    return rows;
  }

  it(`killed ${KILLS} times under load: what it has after its replay was published once, and nothing else was lost`, async () => {
    const scene = await world.scene({ rate: RATE, keys: 'unique' });
    const { agent, writer, table, topic } = scene;
    await agent.startAndWait();
    writer.start();
    const kills: number[] = [];
    for (let i = 0; i < KILLS; i++) {
      await sleep(2000 + Math.random() * 2000);
      kills.push(Date.now());
      await world.node.kill9();
      await world.node.start();
      await reconnect(scene);
    }
    await sleep(3000);
    await writer.stop();
    const rows = await rowsOf(table);
    await agent.until(async () => (await world.consumer.read(topic)).length >= rows.size, 'every row was published', 60_000);
    await sleep(1000);
    const found = judge(writer.changes, await world.consumer.read(topic));
    console.log(`      ${JSON.stringify(found)}, ${writer.acked.length} acknowledged, ${rows.size} rows in Cassandra`);
    expect(found, agent.log.slice(-4000)).to.deep.include({ duplicated: 0, invented: 0, disordered: 0 });
    const published = new Set((await world.consumer.read(topic)).map(({ key }) => (JSON.parse(String(key)) as { k: number }).k));
    expect([...rows.keys()].filter((key) => !published.has(key)), agent.log.slice(-4000)).to.deep.equal([]);
    // And what Cassandra lost was acknowledged just before a kill.
    for (const { key, ackedAt } of writer.acked) {
      if (rows.has(key)) continue;
      expect(kills.some((at) => at - (ackedAt as number) < UNSYNCED_MS && (ackedAt as number) <= at + UNSYNCED_MS), `row ${key}, acknowledged at ${ackedAt}`).to.equal(true);
    }
    expect(agent.isRunning).to.equal(true);
  });

  it(`restarted in order ${RESTARTS} times under load: nothing lost, nothing doubled, no link left behind`, async () => {
    const scene = await world.scene({ rate: RATE });
    const { agent, writer } = scene;
    await agent.startAndWait();
    writer.start();
    for (let i = 0; i < RESTARTS; i++) {
      await sleep(2000);
      await world.node.restart();
      await reconnect(scene);
    }
    await sleep(2000);
    await writer.stop();
    const found = await world.verdict(scene, 60_000);
    console.log(`      ${JSON.stringify(found)}`);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    // The one in use, the one that stands ready, and the last that the window of repeats still needs.
    await agent.until(() => readdirSync(world.node.cdcRawDir).filter((name) => name.endsWith('.log')).length <= 2, 'unused links are collected', 60_000);
  });

  it('started before the node, it waits and says so, and spools what is there; then everything comes', async () => {
    const scene = await world.scene({ rate: RATE });
    const { agent, writer } = scene;
    writer.start();
    await sleep(1000);
    await world.node.stop();
    agent.start();
    await agent.until(() => agent.log.includes('cassandra_unreachable'), 'it says that it waits');
    expect((await agent.status())?.state).to.equal('waiting_for_cassandra');
    // The node ended its segments when it stopped: they make room in cdc_raw already.
    await agent.until(() => segmentsIn(join(agent.directory, 'state/spool')) > 0, 'it spools meanwhile', 20_000);
    await world.node.start();
    await reconnect(scene);
    await agent.until(async () => (await agent.status())?.state === 'tailing', 'it tails');
    await sleep(1000);
    await writer.stop();
    const found = await world.verdict(scene);
    console.log(`      ${JSON.stringify(found)}`);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
  });
});

describe('the agent on a node that deletes segments unread', function () {
  this.timeout(900_000);
  let world: World;

  before(async () => {
    world = await World.start({ version: '5.0.6', segmentSizeMiB: 1, config: { cdc_block_writes: false, cdc_total_space: '8MiB' } });
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  it('standing still for a while: what it lost it says, with a gap; the rest comes once', async () => {
    const scene = await world.scene({ rate: 1000, keys: 'unique', textLength: 8000 });
    const { agent, writer } = scene;
    await agent.startAndWait();
    writer.start();
    await sleep(2000);
    process.kill(agent.pid, 'SIGSTOP');
    await sleep(8000);
    process.kill(agent.pid, 'SIGCONT');
    await sleep(2000);
    await writer.stop();
    const found = await world.verdict(scene, 15_000);
    const gaps = await world.gaps(scene.prefix);
    console.log(`      ${JSON.stringify(found)}, ${writer.refused} refused, gaps ${JSON.stringify(gaps.map(({ reason }) => reason))}`);
    expect(writer.refused).to.equal(0);
    expect({ ...found, lost: 0 }, agent.log.slice(-4000)).to.include(CLEAN);
    expect(found.lost, 'segments came and went').to.be.greaterThan(0);
    expect(gaps.map(({ reason }) => reason)).to.include('segments_missing');
  });

  it('with nothing deleted: no gap, over restarts of agent and node', async () => {
    const scene = await world.scene({ rate: 200 });
    const { agent, writer } = scene;
    await agent.startAndWait();
    const before = (await world.gaps(scene.prefix)).length;
    writer.start();
    for (let i = 0; i < 2; i++) {
      await sleep(1500);
      expect(await agent.stop()).to.equal(0);
      await world.node.restart();
      writer.client = await world.node.client();
      await agent.startAndWait();
    }
    await sleep(1000);
    await writer.stop();
    const found = await world.verdict(scene);
    console.log(`      ${JSON.stringify(found)}`);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    expect((await world.gaps(scene.prefix)).slice(before)).to.deep.equal([]);
  });
});
