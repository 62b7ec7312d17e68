/** One Cassandra, one Kafka, a judge; tables with a writer, and an agent for each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { JudgeConsumer } from '../faults/judge.js';
import { startCassandra, startKafka, type CassandraNode, type CassandraOptions, type KafkaBroker, type KafkaOptions } from '../lab/index.js';
import { AgentProcess, type AgentSetup } from './agent-process.js';
import { judge, type Verdict } from './verdict.js';
import { WRITER_COLUMNS, Writer, type WriterOptions } from './writer.js';

/** A table, who writes to it, and the agent that publishes it. */
export interface Scene {
  readonly agent: AgentProcess;
  readonly writer: Writer;
  /** `keyspace.table` */
  readonly table: string;
  readonly prefix: string;
  readonly topic: string;
}

export type SceneOptions = Omit<WriterOptions, 'client' | 'table'> & { readonly config?: AgentSetup['config'] };

export class World {
  readonly node: CassandraNode;
  readonly kafka: KafkaBroker;
  readonly consumer: JudgeConsumer;
  readonly #agents: AgentProcess[] = [];
  #scenes = 0;

  private constructor(node: CassandraNode, kafka: KafkaBroker, consumer: JudgeConsumer) {
    this.node = node;
    this.kafka = kafka;
    this.consumer = consumer;
  }

  static async start(cassandra: CassandraOptions, kafkaOptions: KafkaOptions = {}): Promise<World> {
    const started = await Promise.allSettled([startCassandra(cassandra), startKafka(kafkaOptions)]);
    const [node, kafka] = started;
    if (node.status === 'rejected' || kafka.status === 'rejected') {
      for (const server of started) if (server.status === 'fulfilled') await server.value.remove();
      throw (started.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason;
    }
    const world = new World(node.value, kafka.value, await JudgeConsumer.start(kafka.value.brokers));
    await (await world.node.client()).execute("CREATE KEYSPACE e2e WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    return world;
  }

  /** Nothing of it runs yet. */
  async scene({ config, ...options }: SceneOptions): Promise<Scene> {
    const number = ++this.#scenes;
    const table = `e2e.t${number}`;
    const prefix = `p${number}`;
    const client = await this.node.client();
    await client.execute(`CREATE TABLE ${table} ${WRITER_COLUMNS} WITH cdc = true`);
    const agent = this.agent(prefix, config);
    return { agent, writer: new Writer({ client, table, ...options }), table, prefix, topic: `${prefix}.${table}` };
  }

  /** One more agent, which publishes the tables of this and later scenes under the prefix. */
  agent(prefix: string, config: AgentSetup['config'] = {}): AgentProcess {
    const { node, kafka } = this;
    const agent = new AgentProcess({ node, brokers: kafka.brokers, config: { ...config, events: { prefix, topic: `${prefix}.{keyspace}.{table}`, ...config['events'] } } });
    this.#agents.push(agent);
    return agent;
  }

  /** Waits until everything acknowledged is there, or for `patienceMs`; then a little, for what should not come. */
  async verdict({ writer, topic }: Scene, patienceMs = 30_000): Promise<Verdict> {
    const deadline = Date.now() + patienceMs;
    // Everything is read each time: less often, the longer it takes.
    for (let pause = 300; Date.now() < deadline && judge(writer.changes, await this.consumer.read(topic)).lost > 0; pause = Math.min(pause * 1.5, 5000)) await sleep(pause);
    await sleep(700);
    return judge(writer.changes, await this.consumer.read(topic));
  }

  /** Reasons of the gaps that consumers were told, in order. */
  async gaps(prefix: string): Promise<{ readonly reason: string; readonly certain: boolean }[]> {
    const records = await this.consumer.read(`${prefix}.control`).catch(() => []);
    return records.map(({ value }) => JSON.parse(String(value)) as { reason: string; certain: boolean });
  }

  async removeAgents(): Promise<void> {
    for (const agent of this.#agents.splice(0)) await agent.remove();
  }

  async remove(): Promise<void> {
    await this.removeAgents();
    await this.consumer.stop();
    await this.node.remove();
    await this.kafka.remove();
  }
}
