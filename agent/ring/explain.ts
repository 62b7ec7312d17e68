/** Why a copy is published where it is, for people: token, replicas in order, and the reason. */
import { replicasOf } from './placement.js';
import { isRefusal, publisherOf, publishingDatacenter } from './publishing.js';
import { parseReplication, type Replication, type ReplicationFactor, type ReplicationOptions } from './replication.js';
import type { Ring, RingNode } from './ring.js';
import { formatToken } from './token-array.js';
import type { Token } from '../../parsers/index.js';

export interface ExplainedReplica {
  readonly node: RingNode;
  /** False: transient. */
  readonly isFull: boolean;
  readonly isLocal: boolean;
  readonly publishes: boolean;
}

export interface Explanation {
  readonly token: string;
  readonly keyspace: string;
  /** Such as `NetworkTopologyStrategy dc1: 3, dc2: 3/1`. */
  readonly replication: string;
  /** The one that publishes; null where the strategy knows none and none was chosen, in mode `all`, and when it is refused. */
  readonly datacenter: string | null;
  /** In Cassandra's order. */
  readonly replicas: readonly ExplainedReplica[];
  /** A sentence. */
  readonly reason: string;
  /** What to do when nobody publishes. */
  readonly fix: string | undefined;
}

export interface ExplainOptions {
  readonly keyspace: string;
  readonly replicationOptions: ReplicationOptions;
  readonly token: Token;
  readonly localHostId: string;
  readonly mode: 'owner' | 'all';
  readonly datacenter: string | undefined;
}

export function explainOwner(ring: Ring, { keyspace, replicationOptions, token, localHostId, mode, datacenter }: ExplainOptions): Explanation {
  const replication = parseReplication(replicationOptions);
  const localNode = ring.indexOf(localHostId);
  const replicas = replicasOf(ring, ring.tokens.firstNotBelow(token.hi, token.lo), { replication, localNode });
  const chosen = publishingDatacenter(ring, { keyspace, replication, datacenter });
  const publisher = isRefusal(chosen) ? -1 : publisherOf(ring, replicas, chosen.datacenter);
  const answer = (reason: string, publishes: (node: number) => boolean, fix?: string): Explanation => ({
    token: formatToken(token.hi, token.lo),
    keyspace,
    replication: replicationText(replication, replicationOptions),
    datacenter: mode === 'all' || isRefusal(chosen) ? null : chosen.datacenter,
    replicas: replicas.map(({ node, isFull }) => ({ node: ring.nodes[node], isFull, isLocal: node === localNode, publishes: publishes(node) })),
    reason,
    fix,
  });
  if (mode === 'all') return answer('ownership.mode is all: every replica publishes its copy, each with the same cdc.id', () => true);
  if (isRefusal(chosen)) return answer(chosen.message, () => false, chosen.fix);
  if (publisher < 0) return answer('no node holds a full replica', () => false, 'check the keyspace\'s replication against the nodes of the ring');
  return answer(reasonOf(ring, { replication, publisher, chosen: chosen.datacenter, isConfigured: datacenter !== undefined }), (node) => node === publisher);
}

function reasonOf(ring: Ring, { replication, publisher, chosen, isConfigured }: { readonly replication: Replication; readonly publisher: number; readonly chosen: string | null; readonly isConfigured: boolean }): string {
  if (replication.strategy === 'LocalStrategy') return 'each node keeps its own, and publishes it';
  if (chosen === null) return `${replication.strategy} knows no datacenters: the first full replica publishes`;
  if (ring.nodes[publisher].datacenter !== chosen) return `no full replica is in ${chosen}, which ownership.datacenter names: then the first full replica of all publishes`;
  return `it is the first full replica in ${chosen}, ${isConfigured ? 'which ownership.datacenter names' : 'the only datacenter that has replicas'}`;
}

function replicationText(replication: Replication, options: ReplicationOptions): string {
  switch (replication.strategy) {
    case 'SimpleStrategy': return `SimpleStrategy ${factorText(replication.factor)}`;
    case 'NetworkTopologyStrategy': return `NetworkTopologyStrategy ${[...replication.factors].map(([name, factor]) => `${name}: ${factorText(factor)}`).join(', ')}`;
    case 'LocalStrategy':
    case 'EverywhereStrategy': return replication.strategy;
    case 'unknown': return JSON.stringify(options);
  }
}

function factorText({ all, full }: ReplicationFactor): string {
  return all === full ? String(all) : `${all}/${all - full}`;
}
