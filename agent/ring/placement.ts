/**
 * The replicas of a token range, in Cassandra's order. Mirrors calculateNaturalReplicas of
 * org.apache.cassandra.locator.{SimpleStrategy, NetworkTopologyStrategy, LocalStrategy}, which is the same code in 4.0,
 * 4.1 and 5.0. (The driver's own replica map is wrong where a datacenter has fewer racks than replicas.)
 */
import type { ReplicationFactor, Replication } from './replication.js';
import type { Ring } from './ring.js';

export interface Replica {
  /** Index in the ring's nodes. */
  readonly node: number;
  /** False for a transient replica, which keeps data only until the full ones have it. */
  readonly isFull: boolean;
}

export interface PlacementOptions {
  readonly replication: Replication;
  /** Index of the node that asks, -1 when it is not in the ring: LocalStrategy means every node for itself. */
  readonly localNode: number;
}

/**
 * Replicas of the range that ends at the token with this index (`ring.tokens.firstNotBelow` of a partition's token).
 * Empty where nobody has one, and for a strategy that is unknown.
 */
export function replicasOf(ring: Ring, tokenIndex: number, { replication, localNode }: PlacementOptions): Replica[] {
  if (ring.tokens.length === 0) return [];
  switch (replication.strategy) {
    case 'SimpleStrategy':
      return nextNodes(ring, tokenIndex, replication.factor);
    case 'NetworkTopologyStrategy':
      return new NetworkTopology(ring, replication.factors).replicas(tokenIndex);
    case 'EverywhereStrategy':
      return nextNodes(ring, tokenIndex, { all: ring.nodes.length, full: ring.nodes.length });
    case 'LocalStrategy':
      return localNode < 0 ? [] : [{ node: localNode, isFull: true }];
    case 'unknown':
      return [];
  }
}

/** The next nodes around the ring, each once. */
function nextNodes(ring: Ring, start: number, { all, full }: ReplicationFactor): Replica[] {
  const { nodeOfToken } = ring;
  const replicas: Replica[] = [];
  const taken = new Uint8Array(ring.nodes.length);
  for (let step = 0; step < nodeOfToken.length && replicas.length < all; step++) {
    const node = nodeOfToken[(start + step) % nodeOfToken.length];
    if (taken[node] === 1) continue;
    taken[node] = 1;
    replicas.push({ node, isFull: replicas.length < full });
  }
  return replicas;
}

/** NetworkTopologyStrategy.DatacenterEndpoints, for all datacenters at once: arrays by index of the datacenter. */
class NetworkTopology {
  readonly #ring: Ring;
  /** Replicas left to find. */
  readonly #left: Int32Array;
  /** How many may share a rack with another one: with enough racks none does. */
  readonly #repeats: Int32Array;
  /** Of those left, the last so many are transient. */
  readonly #transient: Int32Array;
  readonly #seenRacks: Uint8Array;
  readonly #taken: Uint8Array;
  #unfilled = 0;

  constructor(ring: Ring, factors: ReadonlyMap<string, ReplicationFactor>) {
    this.#ring = ring;
    const { datacenters } = ring;
    this.#left = new Int32Array(datacenters.length);
    this.#repeats = new Int32Array(datacenters.length);
    this.#transient = new Int32Array(datacenters.length);
    this.#seenRacks = new Uint8Array(ring.rackCount);
    this.#taken = new Uint8Array(ring.nodes.length);
    datacenters.forEach(({ name, nodeCount, rackCount }, index) => {
      const factor = factors.get(name);
      if (factor === undefined) return;
      const left = Math.min(factor.all, nodeCount);
      this.#left[index] = left;
      this.#repeats[index] = factor.all - rackCount;
      // With fewer nodes than replicas the transient ones are the first to go.
      this.#transient[index] = Math.max(factor.all - factor.full - (factor.all - left), 0);
      this.#unfilled++;
    });
  }

  replicas(start: number): Replica[] {
    const { nodeOfToken, datacenterOfNode } = this.#ring;
    const replicas: Replica[] = [];
    for (let step = 0; step < nodeOfToken.length && this.#unfilled > 0; step++) {
      const node = nodeOfToken[(start + step) % nodeOfToken.length];
      const datacenter = datacenterOfNode[node];
      if (this.#left[datacenter] === 0 || this.#taken[node] === 1 || !this.#hasRoom(node, datacenter)) continue;
      this.#taken[node] = 1;
      replicas.push({ node, isFull: this.#left[datacenter] > this.#transient[datacenter] });
      if (--this.#left[datacenter] === 0) this.#unfilled--;
    }
    return replicas;
  }

  #hasRoom(node: number, datacenter: number): boolean {
    const rack = this.#ring.rackOfNode[node];
    if (this.#seenRacks[rack] === 0) {
      this.#seenRacks[rack] = 1;
      return true;
    }
    if (this.#repeats[datacenter] <= 0) return false;
    this.#repeats[datacenter]--;
    return true;
  }
}
