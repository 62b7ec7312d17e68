/**
 * `npm run demo`: a real Cassandra, a real Kafka and the agent on this machine, a shop that writes, and its events on the
 * screen as they commit, with the time from the client's acknowledgement to a read_committed consumer. Ctrl-C leaves
 * nothing behind; `--seconds N` ends by itself.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import { Kafka, logLevel } from 'kafkajs';
import { createTopics, LabError, startCassandra, startKafka } from '../lab/index.js';
import { shop, shopSchema } from '../record/workload/shop.js';
import type { Step } from '../record/workload/step.js';
import { AgentProcess } from './agent-process.js';

interface Removable {
  remove(): Promise<void>;
}

interface ShownEvent {
  readonly op: string;
  readonly scope: string;
  readonly ts_us: number;
  readonly after: Readonly<Record<string, unknown>>;
  readonly source: { readonly keyspace: string; readonly table: string };
}

const COLUMNS = 110;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
  const stopped = values.seconds === undefined ? Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]) : sleep(Number(values.seconds) * 1000 + 30_000);
  const started: Removable[] = [];
  let isOver = false;
  const work = demo(started, values.seconds === undefined ? Infinity : Number(values.seconds)).catch((error: unknown) => {
    if (isOver) return;
    console.error(error instanceof LabError ? error.message : error);
    process.exitCode = 69;
  });
  await Promise.race([stopped, work]);
  isOver = true;
  console.log('\nstopping');
  for (const one of started.reverse()) await one.remove();
  process.exit();
}

async function demo(started: Removable[], seconds: number): Promise<void> {
  console.log('starting Cassandra 5.0 and Kafka (the first time their jars are fetched)');
  const keep = <T extends Removable>(one: T): T => {
    started.push(one);
    return one;
  };
  const [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6' }).then(keep), startKafka().then(keep)]);
  const client = await node.client();
  const schema = [...shopSchema()].map((step) => stepOf(step).cql);
  for (const cql of schema) await client.execute(cql);
  // kafkajs, which reads here, knows no lz4.
  const agent = keep(new AgentProcess({ node, brokers: kafka.brokers, config: { kafka: { brokers: kafka.brokers, compression: 'gzip', topics: { create: true, partitions: 3, replication_factor: 1 } } } }));
  await agent.startAndWait();
  process.stdout.write(agent.log);
  const acked = new Map<number, number>();
  const topics = schema.flatMap((cql) => /^CREATE TABLE (\S+).*cdc = true/.exec(cql)?.[1] ?? []).map((table) => `cdc.${table}`);
  await show({ brokers: kafka.brokers, topics, acked }, keep);
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    for (const step of shop()) {
      if (Date.now() >= until) break;
      await write(client, stepOf(step), acked);
      await sleep(400);
    }
  }
  await sleep(1000);
  const state = await agent.status();
  console.log(`${state?.events.published} events published, position ${state?.position}`);
}

/** With a write time that the event will carry, so that the two can be told to belong together. */
async function write(client: Client, { cql, params = [] }: Step, acked: Map<number, number>): Promise<void> {
  const timestamp = Date.now() * 1000 + (acked.size % 1000);
  // LWT and batches choose their own.
  const isPlain = /^(?:INSERT|UPDATE|DELETE)/.test(cql) && !/\bIF\b|USING/.test(cql);
  console.log(`\ncql    ${cut(cql)}`);
  await client.execute(cql, [...params], { prepare: params.length > 0, ...(isPlain ? { timestamp } : {}) });
  acked.set(timestamp, Date.now());
}

async function show({ brokers, topics, acked }: { readonly brokers: readonly string[]; readonly topics: string[]; readonly acked: ReadonlyMap<number, number> }, keep: (one: Removable) => Removable): Promise<void> {
  const client = new Kafka({ brokers: [...brokers], clientId: 'demo', logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await createTopics(admin, topics.map((topic) => ({ topic, numPartitions: 3 })));
  await admin.disconnect();
  const consumer = client.consumer({ groupId: 'demo', maxWaitTimeInMs: 20, metadataMaxAge: 1000 });
  keep({ remove: () => consumer.disconnect() });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { value } }) => {
      const { op, scope, ts_us: time, after, source } = JSON.parse(String(value)) as ShownEvent;
      const at = acked.get(time);
      const late = at === undefined ? '' : `  ${Date.now() - at} ms`;
      console.log(`event  ${op} ${scope} ${source.keyspace}.${source.table}${late}\n       ${cut(JSON.stringify(after))}`);
      return Promise.resolve();
    },
  });
}

function stepOf(step: string | Step): Step {
  return typeof step === 'string' ? { cql: step } : step;
}

function cut(text: string): string {
  return text.length > COLUMNS ? `${text.slice(0, COLUMNS)}…` : text;
}

await main();
