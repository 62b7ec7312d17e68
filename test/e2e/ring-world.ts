/** A ring of real nodes, an agent beside each, one Kafka, and the consumer that judges. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import { JudgeConsumer } from '../faults/judge.js';
import { startKafka, startRing, type CassandraNode, type CassandraRing, type KafkaBroker, type RingOptions } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { judgeRing, outlived, type RingVerdict } from './ring-verdict.js';
import { RING_COLUMNS, RingWriter, type RingChange, type RingWriterOptions } from './ring-writer.js';

/** Writes per second. */
const RATE = Number(process.env['CDC_RING_RATE'] ?? 300);
/** At a higher rate the answers of a small machine take longer than its turns. */
const WORKERS = RATE > 500 ? 64 : 16;
const QUIET_MS = 3000;

export interface Table {
  readonly name: string;
  readonly topic: string;
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface TableOptions {
  readonly keyspace?: string;
  readonly columns?: string;
  readonly ownership?: Readonly<Record<string, unknown>>;
}

export class RingWorld {
  readonly ring: CassandraRing;
  readonly kafka: KafkaBroker;
  readonly consumer: JudgeConsumer;
  readonly agents: AgentProcess[] = [];
  #tables = 0;

  private constructor(ring: CassandraRing, kafka: KafkaBroker, consumer: JudgeConsumer) {
    this.ring = ring;
    this.kafka = kafka;
    this.consumer = consumer;
  }

  static async start(options: Omit<RingOptions, 'version'>): Promise<RingWorld> {
    const [ring, kafka] = await Promise.all([startRing({ version: '5.0.6', tokens: 16, heap: '640M', ...options }), startKafka({ heap: '384m' })]);
    return new RingWorld(ring, kafka, await JudgeConsumer.start(kafka.brokers));
  }

  async remove(): Promise<void> {
    await this.removeAgents();
    await this.consumer.stop();
    await this.ring.remove();
    await this.kafka.remove();
  }

  /** Of the first node, for long statements too. */
  client(): Promise<Client> {
    return this.ring.nodes[0].client({ socketOptions: { readTimeout: 60_000 } });
  }

  /** A new table, agents of its own beside every node, each waited for. */
  async table(options: TableOptions = {}): Promise<Table> {
    const table = await this.tableOnly(options);
    await Promise.all(this.ring.nodes.map((node) => this.agent(node, table)));
    return table;
  }

  async tableOnly({ keyspace = 'e2e', columns = RING_COLUMNS, ownership = {} }: TableOptions = {}): Promise<Table> {
    const number = ++this.#tables;
    const name = `${keyspace}.t${number}`;
    await (await this.client()).execute(`CREATE TABLE ${name} ${columns} WITH cdc = true`);
    const config = { events: { prefix: `r${number}`, topic: `r${number}.{keyspace}.{table}` }, tables: { include: [name] }, ownership };
    return { name, topic: `r${number}.${name}`, config };
  }

  async agent(node: CassandraNode, { config }: Table): Promise<AgentProcess> {
    const agent = new AgentProcess({ node, brokers: this.kafka.brokers, config });
    this.agents.push(agent);
    await agent.startAndWait();
    return agent;
  }

  async removeAgents(): Promise<void> {
    for (const agent of this.agents.splice(0)) await agent.remove();
  }

  async writer({ name: table }: Table, options: Partial<Omit<RingWriterOptions, 'table'>> = {}): Promise<RingWriter> {
    return new RingWriter({ client: options.client ?? (await this.client()), table, rate: RATE, workers: WORKERS, ...options });
  }

  /** Partitions whose first replica is the node, as the driver's token map has it. */
  async ownedBy({ address }: CassandraNode, partitions: Iterable<number>): Promise<Set<number>> {
    const client = await this.client();
    return new Set([...partitions].filter((k) => {
      const key = Buffer.alloc(4);
      key.writeInt32BE(k);
      return client.getReplicas('e2e', key)[0].address.startsWith(`${address}:`);
    }));
  }

  /** When nothing has come for three seconds: how many events there are. */
  async quiet({ topic }: Table): Promise<number> {
    let { length: count } = await this.consumer.read(topic);
    for (let since = Date.now(); Date.now() - since < QUIET_MS;) {
      await sleep(500);
      const { length: now } = await this.consumer.read(topic);
      if (now !== count) since = Date.now();
      count = now;
    }
    return count;
  }

  /** When nothing is missing any more (or only what consumers can do without, see `outlived`), and nothing more comes; at the latest after a minute. */
  async verdict({ changes }: { readonly changes: readonly RingChange[] }, { topic }: Table, { withOutlived = false } = {}): Promise<RingVerdict> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const found = judgeRing(changes, await this.consumer.read(topic));
      const expected = withOutlived ? outlived(found, changes).length : 0;
      if (found.lost.length <= expected || Date.now() > deadline) break;
      await sleep(500);
    }
    await sleep(1500);
    return judgeRing(changes, await this.consumer.read(topic));
  }

  /** What the agents said last, for a failure. */
  said(): string {
    return this.agents.map(({ log }) => log.slice(-2500)).join('\n---\n');
  }
}
