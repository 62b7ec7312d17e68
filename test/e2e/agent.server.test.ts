/** The agent beside a real Cassandra, publishing to a real Kafka: each acknowledged change once, in order, whatever dies. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { JudgeConsumer } from '../faults/judge.js';
import { startCassandra, startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { CLEAN, judge, type Verdict } from './verdict.js';
import { WRITER_COLUMNS, Writer } from './writer.js';

const KILLS = Number(process.env['CDC_AGENT_KILLS'] ?? 6);
/** Rows per second. */
const RATE = Number(process.env['CDC_AGENT_RATE'] ?? 1000);

describe('the agent on a real node', function () {
  this.timeout(900_000);
  let node: CassandraNode;
  let kafka: KafkaBroker;
  let consumer: JudgeConsumer;
  let tables = 0;
  const agents: AgentProcess[] = [];

  before(async () => {
    [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6' }), startKafka()]);
    consumer = await JudgeConsumer.start(kafka.brokers);
    await (await node.client()).execute("CREATE KEYSPACE e2e WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.remove();
  });
  after(async () => {
    await consumer?.stop();
    await node?.remove();
    await kafka?.remove();
  });

  async function world(rate: number): Promise<{ agent: AgentProcess; writer: Writer; topic: string }> {
    const name = `e2e.t${++tables}`;
    const client = await node.client();
    await client.execute(`CREATE TABLE ${name} ${WRITER_COLUMNS} WITH cdc = true`);
    const agent = new AgentProcess({ node, brokers: kafka.brokers, config: { events: { prefix: `p${tables}`, topic: `p${tables}.{keyspace}.{table}` } } });
    agents.push(agent);
    return { agent, writer: new Writer({ client, table: name, rate }), topic: `p${tables}.${name}` };
  }

  /** Waits until as many events are there as were acknowledged, or no more come. */
  async function verdict(writer: Writer, topic: string): Promise<Verdict> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = judge(writer.changes, await consumer.read(topic));
      if (found.lost === 0 || Date.now() > deadline) {
        await sleep(500);
        return judge(writer.changes, await consumer.read(topic));
      }
      await sleep(300);
    }
  }

  it('publishes each acknowledged change once, in the order of its key, and stops in order', async () => {
    const { agent, writer, topic } = await world(500);
    await agent.startAndWait();
    writer.start();
    await sleep(4000);
    await writer.stop();
    const found = await verdict(writer, topic);
    expect(found, agent.log).to.include(CLEAN);
    expect(found.events).to.be.at.least(writer.acked.length).and.greaterThan(200);
    expect(await agent.stop(), agent.log).to.equal(0);
    expect(agent.log).to.match(/agent started[^]*cassandra connected[^]*commit log[^]*position restored[^]*kafka connected[^]*tailing[^]*agent stopping[^]*agent stopped/);
  });

  it(`killed with SIGKILL ${KILLS} times under load: nothing lost, nothing doubled`, async () => {
    const { agent, writer, topic } = await world(RATE);
    await agent.startAndWait();
    writer.start();
    const publishes = async (): Promise<boolean> => ((await agent.status())?.events.published ?? 0) > 0;
    const backIn = async (): Promise<number> => {
      const began = Date.now();
      agent.start();
      await agent.until(publishes, 'it publishes again', 30_000);
      return Date.now() - began;
    };
    // Once while its topics are being made; that takes the broker longer than a start.
    await sleep(500);
    await agent.end('SIGKILL');
    agent.start();
    await agent.until(publishes, 'it publishes', 30_000);
    expect(await agent.stop()).to.equal(0);
    const calm = await backIn();
    const back: number[] = [];
    for (let i = 0; i < KILLS; i++) {
      await sleep(300 + Math.random() * 1200);
      await agent.end('SIGKILL');
      if (i % 10 === 5) back.push(await backIn());
      else agent.start();
    }
    await sleep(1000);
    await writer.stop();
    const found = await verdict(writer, topic);
    console.log(`      ${JSON.stringify(found)}, published again after at most ${Math.max(...back)} ms, after a stop in order after ${calm}`);
    expect(found, agent.log.slice(-4000)).to.include(CLEAN);
    expect(Math.max(...back), 'a noisy machine allowed for').to.be.lessThan(Math.max(10_000, 3 * calm));
    expect(await agent.stop()).to.equal(0);
  });
});
