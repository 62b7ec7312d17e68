/** A node, its directories and Kafka as they should be; a test breaks one thing. */
import { parseReplication, replicationProblem } from '../../../agent/ring/replication.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Facts } from '../../../agent/check/facts.js';
import type { Finding } from '../../../agent/check/finding.js';
import type { Certificate, CheckPorts, FileStatus, KafkaAnswers, KafkaTopic } from '../../../agent/check/ports.js';
import { runChecks } from '../../../agent/check/run-checks.js';
import { nodeInfoOf, type NodeInfo } from '../../../agent/cassandra/node-info.js';
import { settingsFrom, type NodeSettings } from '../../../agent/cassandra/settings.js';
import { loadConfig } from '../../../agent/config/load.js';
import { projectRoot } from '../../helpers/project-root.js';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const DAY = 86_400_000;
const SCHEMA = join(projectRoot, 'agent/embedded/schema.json');

export type Row = Record<string, unknown>;

type FakeFile = Partial<FileStatus> & { denied?: readonly string[]; text?: string; error?: string };

export interface World {
  yaml: string;
  cassandraYaml: string | Error;
  node: NodeInfo | Error;
  settings: Record<string, string> | null | Error;
  schema: Record<string, Row[]>;
  nodeClock: number;
  files: Map<string, FakeFile>;
  free: number;
  kafka: Omit<KafkaAnswers, 'topics'> | Error;
  /** What differs from a topic that is right. */
  topics: Map<string, Partial<KafkaTopic>>;
  certificates: Map<string, Certificate>;
  uid: number;
  addresses: string[];
  /** What Kafka was asked. */
  asked: { transactionalId: string | null; topics: readonly string[] }[];
}

export function healthy(): World {
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, Row[]>;
  const directory = { isDirectory: true };
  return {
    yaml: 'cassandra: { contact_points: [127.0.0.1:9042] }\nkafka: { brokers: ["k1:9092"] }\n',
    cassandraYaml: 'cdc_enabled: true\ncommitlog_sync: periodic\ncdc_raw_directory: /data/cdc_raw\n',
    node: nodeInfoOf({ host_id: 'h-1', cluster_name: 'c', data_center: 'dc1', rack: 'r1', release_version: '5.0.6', partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner', tokens: ['1', '2'], bootstrapped: 'COMPLETED', schema_version: 'v', rpc_address: '127.0.0.1', listen_address: '127.0.0.1' }),
    settings: { cdc_enabled: 'true', cdc_block_writes: 'true', cdc_on_repair_enabled: 'true', cdc_total_space: '4096MiB', commitlog_sync: 'periodic', commitlog_sync_period: '10000ms', commitlog_segment_size: '32MiB', cdc_raw_directory: '/data/cdc_raw', commitlog_directory: '/data/commitlog', commitlog_disk_access_mode: 'legacy' },
    schema,
    nodeClock: NOW,
    files: new Map<string, FakeFile>([
      ['/data/cdc_raw', { ...directory, mode: 0o2770, uid: 100 }],
      ['/data/cdc_raw/CommitLog-7-10.log', { size: 32 * 2 ** 20 }],
      ['/data/cdc_raw/CommitLog-7-9.log', { size: 32 * 2 ** 20 }],
      ['/data/cdc_raw/CommitLog-7-9_cdc.idx', {}],
      ['/var/lib/cassandra-cdc-agent', { ...directory, mode: 0o750 }],
      ['/', directory],
    ]),
    free: 100 * 2 ** 30,
    kafka: { brokers: [{ host: 'k1', port: 9092 }], mayCreateTopics: null, mayReadGroup: true, transactionalId: 'allowed' },
    topics: new Map(),
    certificates: new Map(),
    uid: 997,
    addresses: ['127.0.0.1'],
    asked: [],
  };
}

const given = <T>(value: T | Error): Promise<T> => (value instanceof Error ? Promise.reject(value) : Promise.resolve(value));
const systemError = (code: string): Error => Object.assign(new Error(code), { code });

function portsOf(world: World): CheckPorts {
  const file = (path: string) => world.files.get(path);
  return {
    files: {
      status: (path) => {
        const found = file(path);
        if (found?.error !== undefined) return Promise.reject(systemError(found.error));
        return Promise.resolve(found === undefined ? null : { isDirectory: false, mode: 0o640, uid: 100, size: 0, filesystem: '1 /', ...found });
      },
      may: (path, right) => Promise.resolve(file(path)?.denied?.includes(right) !== true),
      list: (directory) => Promise.resolve([...world.files.keys()].filter((path) => path.startsWith(`${directory}/`)).map((path) => path.slice(directory.length + 1))),
      read: (path) => (path === '/etc/cassandra/cassandra.yaml' ? given(world.cassandraYaml) : file(path) === undefined ? Promise.reject(systemError('ENOENT')) : Promise.resolve(file(path)?.text ?? '')),
      space: () => Promise.resolve({ free: world.free, total: 400 * 2 ** 30 }),
    },
    node: {
      info: () => given(world.node),
      settings: () => (world.node instanceof Error ? given<NodeSettings>(world.node) : world.settings instanceof Error || world.settings === null ? given<NodeSettings | null>(world.settings) : Promise.resolve(settingsFrom('system_views.settings', (name) => (world.settings as Record<string, string>)[name]))),
      schema: () => (world.node instanceof Error ? Promise.reject(world.node) : Promise.resolve(world.schema as never)),
      now: () => Promise.resolve(world.nodeClock),
    },
    kafka: {
      transactionalIdOf: ({ clusterName, hostId }) => `cdc-${clusterName}-${hostId}`,
      positionTopic: () => 'cdc.position',
      controlTopic: () => 'cdc.control',
      deadLetterTopic: () => 'cdc.dead_letter',
      ask: async (question) => {
        world.asked.push(question);
        const answers = await given(world.kafka);
        const topic = (name: string): KafkaTopic => ({ name, exists: true, isDenied: false, partitions: name === 'cdc.position' ? 1 : 6, mayWrite: true, mayRead: true, maxMessageBytes: 1_048_588, ...world.topics.get(name) });
        return { ...answers, topics: question.topics.map(topic) };
      },
    },
    certificates: { ofServer: (host, port) => Promise.resolve(world.certificates.get(`${host}:${port}`) ?? null), inPem: (text) => (world.certificates.has(text) ? [world.certificates.get(text)!] : []) },
    replicationProblem: (keyspace, options) => replicationProblem(keyspace, parseReplication(options)),
    user: { name: world.uid === 0 ? 'root' : 'cdc', uid: world.uid },
    addresses: world.addresses,
    now: () => NOW,
  };
}

export async function checked(world: World): Promise<Finding[]> {
  const { config, warnings } = loadConfig({ text: world.yaml, file: 'agent.yaml', directory: '/etc', sources: { env: { SECRET: 'planted-secret' }, readSecretFile: () => ({ text: 'planted-secret', worldReadable: false }) } });
  return runChecks(new Facts({ config, warnings, file: 'agent.yaml' }, portsOf(world)), () => undefined);
}
