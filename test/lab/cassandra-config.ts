/** cassandra.yaml and the files beside it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CassandraVersion } from './versions.js';

export interface NodePlace {
  readonly directory: string;
  readonly address: string;
  readonly seeds: readonly string[];
}

export interface CassandraSettings {
  readonly version: CassandraVersion;
  /** Added to, or put in place of, the keys written here; named as this version names them. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** MiB, 32 by default. The largest mutation is half of it. */
  readonly segmentSizeMiB?: number;
  /** Periodic sync, milliseconds, 10000 by default. */
  readonly syncPeriodMs?: number;
  readonly tokens?: number;
  readonly datacenter?: string;
  readonly rack?: string;
}

export const NATIVE_PORT = 9042;
export const STORAGE_PORT = 7000;

/** The whole configuration as an object; `config` comes last and wins. */
export function cassandraYaml(settings: CassandraSettings, { directory, address, seeds }: NodePlace): Record<string, unknown> {
  const { segmentSizeMiB = 32, syncPeriodMs = 10_000 } = settings;
  const before41 = settings.version.startsWith('4.0');
  return {
    cluster_name: 'lab',
    num_tokens: settings.tokens ?? 16,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    data_file_directories: [join(directory, 'data')],
    commitlog_directory: join(directory, 'commitlog'),
    cdc_raw_directory: join(directory, 'cdc_raw'),
    hints_directory: join(directory, 'hints'),
    saved_caches_directory: join(directory, 'saved_caches'),
    cdc_enabled: true,
    commitlog_sync: 'periodic',
    ...(before41
      ? { commitlog_sync_period_in_ms: syncPeriodMs, commitlog_segment_size_in_mb: segmentSizeMiB }
      : { commitlog_sync_period: `${syncPeriodMs}ms`, commitlog_segment_size: `${segmentSizeMiB}MiB` }),
    seed_provider: [{ class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [{ seeds: seeds.join(',') }] }],
    listen_address: address,
    rpc_address: address,
    native_transport_port: NATIVE_PORT,
    storage_port: STORAGE_PORT,
    endpoint_snitch: settings.datacenter === undefined ? 'SimpleSnitch' : 'GossipingPropertyFileSnitch',
    ...settings.config,
  };
}

/** Writes conf/ and makes the node's directories. */
export async function writeConfiguration(settings: CassandraSettings, place: NodePlace): Promise<void> {
  const { directory } = place;
  for (const name of ['conf', 'data', 'commitlog', 'cdc_raw', 'hints', 'saved_caches', 'logs']) await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, 'conf/cassandra.yaml'), stringify(cassandraYaml(settings, place)));
  await writeFile(join(directory, 'conf/cassandra-rackdc.properties'), `dc=${settings.datacenter ?? 'datacenter1'}\nrack=${settings.rack ?? 'rack1'}\n`);
  await writeFile(join(directory, 'conf/logback.xml'), logback(join(directory, 'logs/system.log')));
  await writeFile(join(directory, 'conf/logback-tools.xml'), '<configuration><root level="OFF"/></configuration>\n');
}

function logback(file: string): string {
  return `<configuration><appender name="F" class="ch.qos.logback.core.FileAppender"><file>${file}</file>` +
    '<encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder></appender>' +
    '<root level="INFO"><appender-ref ref="F"/></root></configuration>\n';
}
