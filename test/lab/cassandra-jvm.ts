/** Command lines of Cassandra's daemon and tools from the jars of `cassandra-all`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { moduleOptions } from './java.js';
import { jarsOf } from './jars.js';
import type { CassandraVersion } from './versions.js';

/** Directory of the jars of one release. */
export function cassandraJars(version: CassandraVersion): Promise<string> {
  return jarsOf({ groupId: 'org.apache.cassandra', artifactId: 'cassandra-all', version });
}

export interface DaemonOptions {
  readonly version: CassandraVersion;
  readonly directory: string;
  readonly jmxPort: number;
  /** As -Xmx takes it. */
  readonly heap: string;
  /** More JVM options; of two that differ the last counts. */
  readonly jvm: readonly string[];
}

/** For nodes that live long, or whose speed is measured. */
export const FULLY_COMPILED: readonly string[] = ['-XX:TieredStopAtLevel=4'];
/** A test's node lives for a minute or two: what the second compiler costs, a quarter of all processor time, never comes back. */
const QUICKLY_COMPILED = '-XX:TieredStopAtLevel=1';

export async function daemonArguments({ version, directory, jmxPort, heap, jvm }: DaemonOptions): Promise<string[]> {
  const jars = await cassandraJars(version);
  const jamm = (await readdir(jars)).find((name) => /^jamm-.*\.jar$/.test(name));
  return [
    `-Xms${heap}`, `-Xmx${heap}`, '-Xss512k', '-XX:+UseSerialGC', '-XX:+PerfDisableSharedMem', '-XX:+ExitOnOutOfMemoryError', QUICKLY_COMPILED,
    ...(jamm === undefined ? [] : [`-javaagent:${join(jars, jamm)}`]),
    ...(await moduleOptions(version)),
    '-Djdk.attach.allowAttachSelf=true', '-Dio.netty.tryReflectionSetAccessible=true', '-Djava.net.preferIPv4Stack=true',
    '-Dchronicle.analytics.disable=true', '-Djava.security.manager=allow',
    `-Dcassandra.config=file://${directory}/conf/cassandra.yaml`, `-Dlogback.configurationFile=${directory}/conf/logback.xml`,
    `-Dcassandra.storagedir=${directory}`, '-Dcassandra-foreground=yes', `-Dcassandra.jmx.local.port=${jmxPort}`,
    '-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.ring_delay_ms=1000', '-Dcassandra.superuser_setup_delay_ms=100',
    ...jvm,
    '-cp', `${directory}/conf:${jars}/*`, 'org.apache.cassandra.service.CassandraDaemon',
  ];
}

/** nodetool's command line; `directory` is the node's. */
export async function nodetoolArguments({ version, directory, jmxPort }: Pick<DaemonOptions, 'version' | 'directory' | 'jmxPort'>, args: readonly string[]): Promise<string[]> {
  const jars = await cassandraJars(version);
  return ['-Xmx128m', '-XX:+UseSerialGC', QUICKLY_COMPILED, ...(await moduleOptions(version)),
    `-Dlogback.configurationFile=${directory}/conf/logback-tools.xml`, '-Djava.net.preferIPv4Stack=true',
    '-cp', `${jars}/*`, 'org.apache.cassandra.tools.NodeTool', '-h', '127.0.0.1', '-p', String(jmxPort), ...args];
}
