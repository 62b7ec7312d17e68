/**
 * Figures of the agent on a real node and a real Kafka:
 *
 *   npm run bench:agent -- [--seconds 60] [--rates 200,2000] [--backlog 1000000] [--drains 1] [--idle 30]
 *
 * Latency: from the client's acknowledgement to a read_committed consumer. Drain: from the agent's start to the last event
 * of a backlog that was written while it was stopped; the first of several meets a broker that has only just started. CPU
 * and memory are the agent's own, its start included; the environment is the one that systemd gives it.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceEnvironment } from '../helpers/service-environment.js';
import { FULLY_COMPILED, startCassandra, startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { writeBacklog } from './backlog.js';
import { TailConsumer } from './tail-consumer.js';
import { WRITER_COLUMNS, Writer } from './writer.js';

/** Nothing was written for so long before it counts as idle. */
const QUIET_SECONDS = 30;

interface World {
  readonly node: CassandraNode;
  readonly kafka: KafkaBroker;
}

let runs = 0;

async function table({ node }: World, columns = WRITER_COLUMNS): Promise<string> {
  const name = `perf.t${++runs}`;
  await (await node.client()).execute(`CREATE TABLE ${name} ${columns} WITH cdc = true`);
  return name;
}

function agentOf({ node, kafka }: World): AgentProcess {
  return new AgentProcess({ node, brokers: kafka.brokers, env: serviceEnvironment(), config: { events: { prefix: `perf${runs}`, topic: `perf${runs}.{keyspace}.{table}` } } });
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function latency(world: World, rate: number, seconds: number): Promise<void> {
  const name = await table(world);
  const agent = agentOf(world);
  await agent.startAndWait();
  const client = await world.node.client();
  const warm = new Writer({ client, table: name, rate, workers: 32, keys: 5000 });
  warm.start(rate * 5);
  await warm.finish();
  await sleep(1000);
  const consumer = await TailConsumer.start(world.kafka.brokers, `perf${runs}.${name}`);
  await sleep(2000);
  const before = await agent.usage();
  const began = performance.now();
  const writer = new Writer({ client, table: name, rate, workers: 32, keys: 5000 });
  writer.start(rate * seconds);
  await writer.finish();
  const elapsed = (performance.now() - began) / 1000;
  const after = await agent.usage();
  await sleep(3000);
  const times = writer.acked.flatMap(({ timestamp, ackedAt = 0 }) => {
    const seen = consumer.seenAt.get(timestamp);
    return seen === undefined ? [] : [seen - ackedAt];
  }).sort((a, b) => a - b);
  consumer.stop();
  console.log(`latency at ${rate} rows/s over ${elapsed.toFixed(0)} s: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms, max ${times.at(-1)} ms; ${writer.acked.length} acknowledged, ${times.length} seen; agent ${(((after.cpuSeconds - before.cpuSeconds) / elapsed) * 100).toFixed(1)} % of a core, ${(after.rss / 2 ** 20).toFixed(0)} MiB`);
  await agent.remove();
}

async function idle(world: World, seconds: number): Promise<void> {
  await table(world);
  const agent = agentOf(world);
  await agent.startAndWait();
  await sleep(QUIET_SECONDS * 1000);
  const before = await agent.usage();
  await sleep(seconds * 1000);
  const after = await agent.usage();
  console.log(`idle for ${QUIET_SECONDS} s and then over ${seconds} s: ${(((after.cpuSeconds - before.cpuSeconds) / seconds) * 100).toFixed(2)} % of a core, ${(after.rss / 2 ** 20).toFixed(0)} MiB`);
  await agent.stop();
  await agent.remove();
}

async function drain(world: World, count: number): Promise<void> {
  const name = await table(world, '(k int PRIMARY KEY, v int, t text)');
  const agent = agentOf(world);
  // The position is known from here on; the rows come while it is away.
  await agent.startAndWait();
  await sleep(3000);
  await agent.stop();
  const written = performance.now();
  await writeBacklog(await world.node.client(), name, count);
  console.log(`backlog of ${count} rows written in ${((performance.now() - written) / 1000).toFixed(0)} s`);
  await sleep(12_000);
  agent.start();
  const began = performance.now();
  let most = 0;
  let usage = await agent.usage();
  let firstAt = 0;
  await agent.until(async () => {
    usage = await agent.usage();
    most = Math.max(most, usage.rss);
    const published = (await agent.status())?.events.published ?? 0;
    if (published > 0) firstAt ||= performance.now();
    return published >= count;
  }, 'the backlog is drained', 600_000);
  const now = performance.now();
  const { cpuSeconds } = await agent.usage();
  console.log(`drained ${count} events in ${((now - began) / 1000).toFixed(1)} s with the start (${Math.round(count / ((now - began) / 1000))}/s), ${Math.round(count / ((now - firstAt) / 1000))}/s from the first on; ${cpuSeconds.toFixed(1)} CPU seconds; at most ${(most / 2 ** 20).toFixed(0)} MiB`);
  await agent.stop();
  await agent.remove();
}

const { values } = parseArgs({ options: { seconds: { type: 'string' }, rates: { type: 'string' }, backlog: { type: 'string' }, drains: { type: 'string' }, idle: { type: 'string' } } });
const [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6', jvm: FULLY_COMPILED }), startKafka()]);
const world = { node, kafka };
try {
  await (await node.client()).execute("CREATE KEYSPACE perf WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  for (const rate of (values.rates ?? '200,2000').split(',').map(Number).filter((each) => each > 0)) await latency(world, rate, Number(values.seconds ?? 60));
  if (Number(values.idle ?? 30) > 0) await idle(world, Number(values.idle ?? 30));
  const backlog = Number(values.backlog ?? 1_000_000);
  for (let i = 0; backlog > 0 && i < Number(values.drains ?? 1); i++) await drain(world, backlog);
} finally {
  await node.remove();
  await kafka.remove();
}
