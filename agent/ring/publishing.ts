/** Which replica of a range publishes: the first full one in the publishing datacenter. Every agent decides alike and alone. */
import { replicasOf, type PlacementOptions, type Replica } from './placement.js';
import { replicationProblem, type Replication } from './replication.js';
import type { Ring } from './ring.js';

export type RefusalReason = 'strategy_unknown' | 'datacenter_not_chosen' | 'datacenter_without_replicas' | 'datacenter_without_nodes';

/** Nobody can say who publishes this keyspace: its changes are held until somebody chooses. */
export interface Refusal {
  readonly keyspace: string;
  readonly reason: RefusalReason;
  readonly message: string;
  readonly fix: string;
  /** Datacenters that hold replicas. */
  readonly datacenters: readonly string[];
}

export interface PublishingChoice {
  readonly keyspace: string;
  readonly replication: Replication;
  /** `ownership.datacenter`; undefined = automatic. */
  readonly datacenter: string | undefined;
}

/** Null: the strategy knows no datacenters and none was chosen, so the first full replica of all publishes. */
export function publishingDatacenter(ring: Ring, { keyspace, replication, datacenter }: PublishingChoice): { readonly datacenter: string | null } | Refusal {
  const problem = replicationProblem(keyspace, replication);
  if (problem !== null) return { keyspace, reason: 'strategy_unknown', ...problem, datacenters: [] };
  if (replication.strategy !== 'NetworkTopologyStrategy') return { datacenter: datacenter ?? null };
  const datacenters = [...replication.factors.keys()].sort();
  const chosen = datacenter ?? (datacenters.length === 1 ? datacenters[0] : undefined);
  if (chosen === undefined) {
    return { keyspace, reason: 'datacenter_not_chosen', message: `keyspace ${keyspace} is replicated to ${listed(datacenters)}: which of them publishes?`, fix: `set ownership.datacenter on every agent of the cluster, for example to ${datacenters[0] ?? 'dc1'}`, datacenters };
  }
  if (!replication.factors.has(chosen)) {
    return { keyspace, reason: 'datacenter_without_replicas', message: `keyspace ${keyspace} has no replica in ${chosen}, the datacenter that publishes: nobody would publish it`, fix: `correct ownership.datacenter (its replicas are in ${listed(datacenters)}), or leave its tables out (tables.exclude: ["${keyspace}.*"])`, datacenters };
  }
  if (ring.datacenterIndex(chosen) < 0) {
    return { keyspace, reason: 'datacenter_without_nodes', message: `keyspace ${keyspace} is published from ${chosen}, where the ring has no node`, fix: 'correct ownership.datacenter, or wait until the datacenter\'s nodes have joined', datacenters };
  }
  return { datacenter: chosen };
}

export function isRefusal(answer: { readonly datacenter: string | null } | Refusal): answer is Refusal {
  return 'reason' in answer;
}

/**
 * Index of the publishing node, -1 when no replica is full. SimpleStrategy and EverywhereStrategy know no datacenters: a range
 * may have no replica in the chosen one, and then the first of all publishes rather than nobody.
 */
export function publisherOf(ring: Ring, replicas: readonly Replica[], datacenter: string | null): number {
  const wanted = datacenter === null ? -1 : ring.datacenterIndex(datacenter);
  let first = -1;
  for (const { node, isFull } of replicas) {
    if (!isFull) continue;
    if (wanted < 0 || ring.datacenterOfNode[node] === wanted) return node;
    if (first < 0) first = node;
  }
  return first;
}

/** By index of the token: index of the node that publishes the range which ends there. */
export function publishersOf(ring: Ring, placement: PlacementOptions, datacenter: string | null): Int32Array {
  return Int32Array.from({ length: ring.tokens.length }, (_, index) => publisherOf(ring, replicasOf(ring, index, placement), datacenter));
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no datacenter';
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
