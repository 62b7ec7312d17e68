/** Over all nodes of a ring, the owners divide the token space: nothing twice, nothing missing. */
import { expect } from 'chai';
import { OwnerLookup } from '../../../agent/ring/owner-lookup.js';
import { replicasOf } from '../../../agent/ring/placement.js';
import { isRefusal, publishersOf, publishingDatacenter } from '../../../agent/ring/publishing.js';
import { parseReplication, type Replication } from '../../../agent/ring/replication.js';
import { Ring } from '../../../agent/ring/ring.js';
import { parseToken } from '../../../agent/ring/token-array.js';
import type { Token } from '../../../parsers/index.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { randomFactor, randomNetworkOptions, randomNodes } from './random-ring.js';

const seed = runSeed();
const SPACE = 2n ** 64n;

/** The end of each range with its width, in whole numbers; from the nodes' own lists, without Ring. */
function rangesOf(ring: Ring): { readonly end: bigint; readonly width: bigint }[] {
  const ends = ring.nodes.flatMap(({ tokens }) => tokens.map(BigInt)).sort((a, b) => (a < b ? -1 : 1));
  return ends.map((end, i) => ({ end, width: i > 0 ? end - ends[i - 1] : ends.length === 1 ? SPACE : end - (ends.at(-1) as bigint) + SPACE }));
}

function halves(token: bigint): Token {
  return parseToken(BigInt.asIntN(64, token).toString()) as Token;
}

/** A chosen datacenter that has replicas, and what every node of the ring answers by it. */
function lookupsOf(rng: Rng, ring: Ring, replication: Replication): { readonly datacenter: string | null; readonly lookups: OwnerLookup[] } {
  const names = replication.strategy === 'NetworkTopologyStrategy' ? [...replication.factors.keys()].filter((name) => name !== 'nowhere') : ring.datacenters.map(({ name }) => name);
  const choice = publishingDatacenter(ring, { keyspace: 'ks', replication, datacenter: rng.pick(names) });
  if (isRefusal(choice)) throw new Error(choice.message);
  const { datacenter } = choice;
  return { datacenter, lookups: ring.nodes.map((_, node) => new OwnerLookup(ring, publishersOf(ring, { replication, localNode: node }, datacenter), node)) };
}

describe(`owners of a ring (CDC_SEED=${seed})`, () => {
  const rng = new Rng(seed);
  const cases = Array.from({ length: 400 }, () => {
    const nodes = randomNodes(rng.fork(), { tokens: 20 });
    const options = rng.chance(0.7) ? randomNetworkOptions(rng, nodes) : { class: 'SimpleStrategy', replication_factor: randomFactor(rng) };
    return { ring: new Ring(nodes), replication: parseReplication(options) };
  });

  it('each token has exactly one, a full replica, in the publishing datacenter', () => {
    for (const { ring, replication } of cases) {
      const { datacenter, lookups } = lookupsOf(rng, ring, replication);
      for (const { end, width } of rangesOf(ring)) {
        // The first token of the range, its end, and one between.
        for (const token of [end, end - width + 1n, end - width / 2n]) {
          const { hi, lo } = halves(token);
          const owners = ring.nodes.filter((_, node) => lookups[node].owns(hi, lo));
          expect(owners.length, `owners of ${token}`).to.equal(1);
          const replicas = replicasOf(ring, ring.tokens.firstNotBelow(hi, lo), { replication, localNode: -1 });
          const full = replicas.filter(({ isFull }) => isFull).map(({ node }) => ring.nodes[node]);
          expect(full, 'full replicas').to.include(owners[0]);
          if (full.some((node) => node.datacenter === datacenter)) expect(owners[0].datacenter).to.equal(datacenter);
          if (replication.strategy === 'NetworkTopologyStrategy') expect(owners[0].datacenter).to.equal(datacenter);
        }
      }
    }
  });

  it('their shares add up to the whole ring, each as wide as its ranges', () => {
    for (const { ring, replication } of cases) {
      const { lookups } = lookupsOf(rng, ring, replication);
      const widths = lookups.map((lookup) => rangesOf(ring).reduce((sum, { end, width }) => {
        const { hi, lo } = halves(end);
        return lookup.owns(hi, lo) ? sum + width : sum;
      }, 0n));
      expect(widths.reduce((sum, width) => sum + width, 0n)).to.equal(SPACE);
      widths.forEach((width, node) => expect(lookups[node].share).to.be.closeTo(Number(width) / 2 ** 64, 1e-12));
    }
  });

  it('without transient replicas and datacenters, the owner is the node whose token follows', () => {
    const ring = new Ring(randomNodes(rng.fork(), { datacenters: 1 }));
    const { lookups } = lookupsOf(rng, ring, parseReplication({ class: 'NetworkTopologyStrategy', dc1: '3' }));
    for (const { hostId, tokens } of ring.nodes) {
      for (const token of tokens) {
        const { hi, lo } = halves(BigInt(token));
        expect(ring.nodes.filter((_, node) => lookups[node].owns(hi, lo)).map((node) => node.hostId)).to.deep.equal([hostId]);
      }
    }
  });
});
