/** `npm run lab -- --cassandra 5.0 --nodes 3 --kafka`: starts servers, prints where they are, ends them with itself. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import { FULLY_COMPILED } from './cassandra-jvm.js';
import { LabError } from './errors.js';
import { startKafka } from './kafka.js';
import { startRing } from './ring.js';
import { cassandraVersion, CASSANDRA_VERSIONS, KAFKA_VERSION } from './versions.js';

interface CliOptions {
  readonly cassandra?: string | true;
  readonly nodes: number;
  readonly kafka?: true;
  readonly set: Readonly<Record<string, unknown>>;
  readonly segmentSize: number;
  readonly heap?: string;
  readonly dir?: string;
}

const command = new Command('npm run lab --')
  .description('Starts a real Cassandra and Kafka on loopback addresses from Maven Central jars (Java 17 and Maven needed).')
  .option('--cassandra [version]', `start Cassandra: ${CASSANDRA_VERSIONS.join(', ')} or a series like 5.0`)
  .option('--nodes <count>', 'nodes in the ring', count, 1)
  .option('--kafka', `start Kafka ${KAFKA_VERSION}`)
  .option('--set <key=value>', 'one more cassandra.yaml setting (YAML value; may be repeated)', setting, {})
  .option('--segment-size <MiB>', 'commit-log segment size', count, 32)
  .option('--heap <size>', 'heap of each Cassandra node, such as 768M')
  .option('--dir <directory>', 'keep everything here (by default it is removed at the end)');

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.');
  return value;
}

function setting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it must look like key=value.');
  return { ...before, [text.slice(0, at)]: parse(text.slice(at + 1)) as unknown };
}

async function main(): Promise<void> {
  const options = command.parse().opts<CliOptions>();
  if (options.cassandra === undefined && options.kafka === undefined) return command.help();
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const started = start(options);
  const signalled = await Promise.race([stopped.then(() => true), started.then(() => false)]);
  if (signalled) process.exit(130);
  console.log('Ctrl-C ends everything');
  const keepAlive = setInterval(() => undefined, 60_000);
  await stopped;
  clearInterval(keepAlive);
  for (const server of await started) await (options.dir === undefined ? server.remove() : server.stop());
  process.exit(0);
}

async function start(options: CliOptions): Promise<{ stop(): Promise<void>; remove(): Promise<void> }[]> {
  const directory = (name: string): { directory?: string } => (options.dir === undefined ? {} : { directory: resolve(options.dir, name) });
  const servers = [];
  if (options.kafka !== undefined) {
    const kafka = await startKafka(directory('kafka'));
    console.log(`kafka      ${kafka.version}  ${kafka.brokers.join(',')}`);
    servers.push(kafka);
  }
  if (options.cassandra !== undefined) {
    const version = cassandraVersion(options.cassandra === true ? '5.0' : options.cassandra);
    const heap = options.heap === undefined ? {} : { heap: options.heap };
    const ring = await startRing({ version, nodes: options.nodes, config: options.set, segmentSizeMiB: options.segmentSize, jvm: FULLY_COMPILED, ...heap, ...directory('cassandra') });
    for (const node of ring.nodes) console.log(`cassandra  ${version}  ${node.contactPoint}  cdc_raw ${node.cdcRawDir}  log ${node.directory}/logs/system.log`);
    servers.push(ring);
  }
  return servers;
}

main().catch((error: unknown) => {
  console.error(error instanceof LabError ? error.message : error);
  process.exit(69);
});
