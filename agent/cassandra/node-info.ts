/** Who the node is: system.local, which every role that can log in may read. */
import { ConfigError, RetryableError } from '../errors.js';
import { textOf, type CqlRow } from './node-connection.js';
import type { CassandraSession } from './session.js';

export interface NodeInfo {
  readonly hostId: string;
  readonly clusterName: string;
  readonly datacenter: string;
  readonly rack: string;
  /** As the node says it, such as 5.0.6. */
  readonly releaseVersion: string;
  readonly partitioner: string;
  /** Signed 64-bit numbers, decimal. */
  readonly tokens: readonly string[];
  readonly schemaVersion: string;
  /** Where it listens for clients and for other nodes. */
  readonly rpcAddress: string;
  readonly listenAddress: string;
}

const PARTITIONER = 'org.apache.cassandra.dht.Murmur3Partitioner';

/**
 * Rejects with RetryableError while the node is still joining, with ConfigError when the agent can't work with it
 * (a partitioner other than Murmur3, a release before 4.0).
 */
export async function readNodeInfo(session: CassandraSession, signal?: AbortSignal): Promise<NodeInfo> {
  const [row] = await session.rows('SELECT * FROM system.local WHERE key = \'local\'', { signal });
  if (row === undefined) throw new RetryableError('cassandra_starting', 'the node has no row in system.local yet', { fix: 'wait until the node is up' });
  return nodeInfoOf(row);
}

export function nodeInfoOf(row: CqlRow): NodeInfo {
  const text = (name: string): string => textOf(row[name]);
  const release = text('release_version');
  if (Number(/^\d+/.exec(release)?.[0] ?? 0) < 4) {
    throw new ConfigError('cassandra_version', `the node is Cassandra ${release}; the agent works with 4.0 and later`, { fix: 'upgrade Cassandra; segments of 3.x can be read offline with `cassandra-cdc-agent inspect`' });
  }
  const partitioner = text('partitioner');
  if (partitioner !== PARTITIONER) {
    throw new ConfigError('cassandra_partitioner', `the cluster uses the partitioner ${partitioner}; the agent knows Murmur3Partitioner only`, { fix: 'none for this cluster: a partitioner can\'t be changed once there is data' });
  }
  const tokens = Array.isArray(row.tokens) ? (row.tokens as unknown[]).map(String) : [];
  const bootstrapped = text('bootstrapped');
  if (bootstrapped !== 'COMPLETED' || tokens.length === 0) {
    const gone = bootstrapped === 'DECOMMISSIONED';
    throw new RetryableError('cassandra_joining', `the node is ${gone ? 'decommissioned' : 'still joining the ring'} (${bootstrapped === '' ? 'no state' : bootstrapped}, ${tokens.length} tokens)`, { fix: gone ? 'stop the agent when all of cdc_raw is published' : 'wait until `nodetool status` shows it as UN' });
  }
  return {
    hostId: text('host_id'), clusterName: text('cluster_name'), datacenter: text('data_center'), rack: text('rack'), releaseVersion: release, partitioner, tokens,
    schemaVersion: text('schema_version'), rpcAddress: text('rpc_address'), listenAddress: text('listen_address'),
  };
}
