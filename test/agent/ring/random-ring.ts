/** Random rings and replication options, and the ring that a test writes by hand. */
import type { RingNode } from '../../../agent/ring/ring.js';
import type { ReplicationOptions } from '../../../agent/ring/replication.js';
import type { Rng } from '../../helpers/random.js';

export interface RingLimits {
  readonly datacenters?: number;
  readonly racks?: number;
  readonly nodesPerDatacenter?: number;
  readonly tokens?: number;
}

export function nodeOf(number: number, { datacenter = 'dc1', rack = 'r1', tokens }: { readonly datacenter?: string; readonly rack?: string; readonly tokens: readonly (string | number)[] }): RingNode {
  return { hostId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`, address: `127.0.0.${number + 1}`, datacenter, rack, tokens: tokens.map(String) };
}

/** 1 to 5 datacenters of 1 to 6 racks (some names shared between datacenters), 1 to 64 tokens for each node. */
export function randomNodes(rng: Rng, { datacenters = 5, racks = 6, nodesPerDatacenter = 8, tokens = 64 }: RingLimits = {}): RingNode[] {
  const used = new Set<bigint>();
  const token = (): string => {
    for (;;) {
      // Close together now and then: the halves of a token are compared one after the other.
      const value = rng.chance(0.2) ? BigInt(rng.between(-20, 20)) * 0x8000_0000n + BigInt(rng.between(-2, 2)) : rng.int64();
      if (used.has(value)) continue;
      used.add(value);
      return value.toString();
    }
  };
  const perNode = rng.pick([1, 1, rng.between(1, tokens), rng.between(1, tokens)]);
  const nodes: RingNode[] = [];
  for (let dc = 1, count = rng.between(1, datacenters); dc <= count; dc++) {
    const rackCount = rng.between(1, racks);
    for (let node = 0, size = rng.between(1, nodesPerDatacenter); node < size; node++) {
      nodes.push(nodeOf(nodes.length, { datacenter: `dc${dc}`, rack: `r${rng.between(1, rackCount)}`, tokens: Array.from({ length: rng.chance(0.1) ? rng.between(1, tokens) : perNode }, token) }));
    }
  }
  return nodes;
}

/** RF 1 to 5, some of it transient now and then. */
export function randomFactor(rng: Rng): string {
  const all = rng.between(1, 5);
  return all > 1 && rng.chance(0.25) ? `${all}/${rng.between(1, all - 1)}` : String(all);
}

/** Options of NetworkTopologyStrategy over some of the datacenters, and now and then one that has no node. */
export function randomNetworkOptions(rng: Rng, nodes: readonly RingNode[]): ReplicationOptions {
  const names = [...new Set(nodes.map(({ datacenter }) => datacenter))];
  const chosen = rng.subset(names, 0.8);
  if (chosen.length === 0) chosen.push(names[0]);
  if (rng.chance(0.1)) chosen.push('nowhere');
  return { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', ...Object.fromEntries(chosen.map((name) => [name, randomFactor(rng)])) };
}
