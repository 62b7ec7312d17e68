/** The ring as this node sees it: system.local and system.peers_v2, which every role that can log in may read. */
import { nodeInfoOf } from '../cassandra/node-info.js';
import { textOf, type CqlRow } from '../cassandra/node-connection.js';
import type { CassandraSession } from '../cassandra/session.js';
import { RetryableError } from '../errors.js';
import type { RingNode } from './ring.js';

export type RowSource = Pick<CassandraSession, 'rows'>;

export interface RingSnapshot {
  readonly localHostId: string;
  /** Nodes that own tokens, this one first. */
  readonly nodes: readonly RingNode[];
  /** Rows of peers that lack something: Cassandra writes them column by column, and they may also be left over. */
  readonly incomplete: readonly { readonly hostId: string; readonly address: string }[];
  /** When this node became a member, ms since 1970: the write time of its bootstrap state, which is written when it changes. */
  readonly joinedAtMs: number | null;
}

const LOCAL = 'SELECT host_id, cluster_name, data_center, rack, release_version, partitioner, tokens, bootstrapped, schema_version, rpc_address, listen_address, broadcast_address, WRITETIME(bootstrapped) AS joined_us FROM system.local WHERE key = \'local\'';
const PEER_COLUMNS = 'peer, host_id, data_center, rack, tokens';

/** One look. Rejects with RetryableError while the node is joining, with ConfigError for a partitioner other than Murmur3. */
export async function readRing(session: RowSource, signal?: AbortSignal): Promise<RingSnapshot> {
  // Together: a wake-up less, every two seconds on an idle host.
  const [[local], rows] = await Promise.all([session.rows(LOCAL, { signal }), peerRows(session, signal)]);
  if (local === undefined) throw new RetryableError('cassandra_starting', 'the node has no row in system.local yet', { fix: 'wait until the node is up' });
  const { hostId, datacenter, rack, tokens } = nodeInfoOf(local);
  const peers = rows.map(peerOf);
  const joinedUs = Number(textOf(local['joined_us']));
  return {
    localHostId: hostId,
    nodes: [{ hostId, address: textOf(local['broadcast_address']), datacenter, rack, tokens }, ...peers.filter(isWhole)],
    incomplete: peers.filter((peer) => !isWhole(peer)).map(({ hostId: id, address }) => ({ hostId: id, address })),
    joinedAtMs: Number.isFinite(joinedUs) && joinedUs > 0 ? Math.floor(joinedUs / 1000) : null,
  };
}

async function peerRows(session: RowSource, signal: AbortSignal | undefined): Promise<CqlRow[]> {
  try {
    return await session.rows(`SELECT ${PEER_COLUMNS} FROM system.peers_v2`, { signal });
  } catch (error) {
    if (!(error instanceof RetryableError) || !/unconfigured table|does not exist|peers_v2/.test(error.message)) throw error;
    return session.rows(`SELECT ${PEER_COLUMNS} FROM system.peers`, { signal });
  }
}

function peerOf(row: CqlRow): RingNode {
  const tokens = row['tokens'];
  return {
    hostId: textOf(row['host_id']),
    address: textOf(row['peer']),
    datacenter: textOf(row['data_center']),
    rack: textOf(row['rack']),
    tokens: Array.isArray(tokens) ? (tokens as unknown[]).map(String) : [],
  };
}

function isWhole({ hostId, datacenter, rack, tokens }: RingNode): boolean {
  return hostId !== '' && datacenter !== '' && rack !== '' && tokens.length > 0;
}
