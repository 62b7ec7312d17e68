/** Kafka dies, is silent, or has two agents of one name; the spool fills. Cassandra goes on taking writes, nothing is lost or doubled. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEAN } from './verdict.js';
import { World } from './world.js';

const KILLS = Number(process.env['CDC_KAFKA_KILLS'] ?? 2);
/** Seconds. */
const SILENCE = Number(process.env['CDC_KAFKA_SILENCE'] ?? 12);
const RATE = Number(process.env['CDC_AGENT_RATE'] ?? 1000);
/** Rows of this size fill a small cdc_raw in seconds. */
const LARGE = 8000;
const MIB = 2 ** 20;

describe('the agent when Kafka fails', function () {
  this.timeout(1_800_000);
  let world: World;

  before(async () => {
    world = await World.start({ version: '5.0.6', segmentSizeMiB: 4, config: { cdc_total_space: '64MiB' } });
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  it(`its broker killed ${KILLS} times under load: nothing lost, nothing doubled`, async () => {
    const scene = await world.scene({ rate: RATE });
    const { agent, writer } = scene;
    await agent.startAndWait();
    writer.start();
    for (let i = 0; i < KILLS; i++) {
      await sleep(1000 + Math.random() * 1000);
      await world.kafka.kill9();
      await sleep(500);
      await world.kafka.start();
    }
    await sleep(2000);
    await writer.stop();
    const found = await world.verdict(scene, 60_000);
    console.log(`      ${JSON.stringify(found)}`);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    expect(agent.log, agent.log).to.match(/transaction aborted|kafka unavailable/);
  });

  it(`its broker silent for ${SILENCE} s under load: not one write is refused, nothing lost, nothing doubled, memory flat`, async () => {
    const scene = await world.scene({ rate: 2 * RATE });
    const { agent, writer } = scene;
    await agent.startAndWait();
    writer.start();
    await sleep(2000);
    world.kafka.pause();
    let most = 0;
    for (let second = 0; second < SILENCE; second++) {
      await sleep(1000);
      most = Math.max(most, (await agent.usage()).rss);
    }
    const during = await agent.status();
    world.kafka.resume();
    await sleep(2000);
    await writer.stop();
    const found = await world.verdict(scene, 120_000);
    console.log(`      ${JSON.stringify(found)}, ${writer.refused} refused, at most ${(most / MIB).toFixed(0)} MiB`);
    expect(writer.refused).to.equal(0);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    expect(most).to.be.lessThan(220 * MIB);
    expect(during?.state, 'it says what it waits for').to.not.equal('tailing');
  });

  it('with a spool that is full and the policy block: writes are refused in the end, what was taken comes', async () => {
    const scene = await world.scene({ rate: 1000, keys: 'unique', textLength: LARGE, config: { source: { spool: { limit: '64MiB' } } } });
    const { agent, writer } = scene;
    await agent.startAndWait();
    world.kafka.pause();
    writer.start();
    const deadline = Date.now() + 120_000;
    while (writer.refused === 0 && Date.now() < deadline) await sleep(200);
    await sleep(1000);
    const refused = writer.refused;
    world.kafka.resume();
    const before = writer.acked.length;
    await agent.until(() => writer.acked.length > before + 500, 'writes are taken again');
    await writer.stop();
    const found = await world.verdict(scene, 120_000);
    console.log(`      ${JSON.stringify(found)}, ${refused} refused while it was full`);
    expect(refused).to.be.greaterThan(0);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    expect(agent.log).to.match(/spool.*full/);
    expect(await world.gaps(scene.prefix)).to.deep.equal([]);
  });

  it('with a spool that is full and the policy gap: writes go on, and what is given up is told', async () => {
    const scene = await world.scene({ rate: 400, keys: 'unique', textLength: LARGE, config: { source: { spool: { limit: '64MiB', when_full: 'gap' } } } });
    const { agent, writer } = scene;
    await agent.startAndWait();
    world.kafka.pause();
    writer.start();
    await agent.until(() => agent.log.includes('spool full'), 'the spool is full', 120_000);
    // Then cdc_raw fills, and only then something is given up.
    await sleep(20_000);
    world.kafka.resume();
    await sleep(2000);
    await writer.stop();
    const found = await world.verdict(scene, 20_000);
    const gaps = await world.gaps(scene.prefix);
    console.log(`      ${JSON.stringify(found)}, ${writer.refused} refused, gaps ${JSON.stringify(gaps.map(({ reason }) => reason))}`);
    // A few: Cassandra counts segments until it has flushed them, wherever they are, and looks again only when it thinks it is full.
    expect(writer.refused).to.be.lessThan(writer.acked.length / 20);
    expect({ ...found, lost: 0 }, agent.log.slice(-4000)).to.include(CLEAN);
    expect(found.lost, 'a part was given up').to.be.greaterThan(0);
    expect(gaps.length).to.be.greaterThan(0);
    for (const gap of gaps) expect(gap).to.include({ reason: 'given_up', certain: true });
  });

  it('two agents with one id: one of them ends within 5 s with a clear line, nothing is lost or doubled', async () => {
    const scene = await world.scene({ rate: RATE });
    const { agent: first, writer, prefix } = scene;
    const second = world.agent(prefix, { http: { listen: `${world.node.address}:9301` } });
    await first.startAndWait();
    writer.start();
    await sleep(2000);
    const began = Date.now();
    second.start();
    while (first.isRunning && second.isRunning && Date.now() - began < 30_000) await sleep(50);
    const took = Date.now() - began;
    const [loser, winner] = first.isRunning ? [second, first] : [first, second];
    await sleep(3000);
    await writer.stop();
    const found = await world.verdict(scene);
    console.log(`      ${JSON.stringify(found)}, the ${loser === first ? 'first' : 'second'} ended after ${took} ms with ${await loser.ended()}`);
    expect(winner.isRunning).to.equal(true);
    expect(took, 'with the start of the second').to.be.lessThan(9000);
    expect(loser.log).to.match(/another agent (publishes as|has this id)/);
    expect(await loser.ended()).to.not.equal(0);
    expect(found, loser.log.slice(-3000) + winner.log.slice(-3000)).to.include(CLEAN);
  });

  it('a second agent on one state directory does not start, and says why', async () => {
    const { agent } = await world.scene({ rate: RATE });
    await agent.startAndWait();
    const twin = world.agent('twin');
    twin.configFile = agent.configFile;
    twin.start();
    const began = Date.now();
    expect(await twin.ended()).to.equal(78);
    expect(Date.now() - began).to.be.lessThan(5000);
    expect(twin.log).to.match(/state_directory_locked|another agent \(process \d+\)/);
    expect(agent.isRunning).to.equal(true);
  });
});
