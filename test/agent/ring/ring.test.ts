import { expect } from 'chai';
import { replicasOf } from '../../../agent/ring/placement.js';
import { publisherOf, publishingDatacenter } from '../../../agent/ring/publishing.js';
import { parseReplication } from '../../../agent/ring/replication.js';
import { Ring, RingError } from '../../../agent/ring/ring.js';
import { formatToken, parseToken, TokenArray } from '../../../agent/ring/token-array.js';
import type { Token } from '../../../parsers/index.js';
import { Rng } from '../../helpers/random.js';
import { nodeOf } from './random-ring.js';

const EXTREMES = ['-9223372036854775808', '-9223372036854775807', '-4294967297', '-4294967296', '-4294967295', '-2147483649', '-2147483648', '-1', '0', '1', '2147483647', '2147483648', '4294967295', '4294967296', '9223372036854775807'];

describe('tokens', () => {
  it('come back as they were written', () => {
    for (const text of EXTREMES) {
      const { hi, lo } = parseToken(text) as Token;
      expect(formatToken(hi, lo)).to.equal(text);
    }
    for (const text of ['', '1.5', '0x10', '9223372036854775808', '-9223372036854775809', '12 ', 'abc']) expect(parseToken(text), text).to.equal(null);
  });

  it('are found in order, and around the ring', () => {
    const rng = new Rng(7);
    for (let round = 0; round < 300; round++) {
      const sorted = [...new Set([...rng.subset(EXTREMES, 0.3), ...Array.from({ length: rng.below(20) }, () => rng.int64().toString())])].map(BigInt).sort((a, b) => (a < b ? -1 : 1));
      if (sorted.length === 0) continue;
      const array = new TokenArray(sorted.map((token) => parseToken(token.toString()) as Token));
      for (const asked of [...EXTREMES.map(BigInt), ...sorted, rng.int64()]) {
        const { hi, lo } = parseToken(asked.toString()) as Token;
        const first = sorted.findIndex((token) => token >= asked);
        expect(array.firstNotBelow(hi, lo)).to.equal(first < 0 ? 0 : first);
      }
    }
  });
});

describe('Ring', () => {
  it('refuses a token that two nodes claim, and one that is no number, by the node\'s address', () => {
    expect(() => new Ring([nodeOf(0, { tokens: [5] }), nodeOf(1, { tokens: [5] })])).to.throw(RingError, '127.0.0.1 and 127.0.0.2 both claim a token');
    expect(() => new Ring([nodeOf(0, { tokens: ['x'] })])).to.throw(RingError, '127.0.0.1 has a token that is no 64-bit number: x');
  });

  it('is the same whatever the order of nodes and tokens, and with another address', () => {
    const [a, b] = [nodeOf(0, { tokens: [1, 2] }), nodeOf(1, { tokens: [3] })];
    const { key } = new Ring([a, b]);
    expect(new Ring([b, { ...a, tokens: ['2', '1'], address: '10.0.0.9' }]).key).to.equal(key);
    expect(new Ring([a, { ...b, rack: 'r2' }]).key).not.to.equal(key);
    expect(new Ring([a, { ...b, datacenter: 'dc2' }]).key).not.to.equal(key);
    expect(new Ring([a, { ...b, tokens: ['4'] }]).key).not.to.equal(key);
    expect(new Ring([a]).key).not.to.equal(key);
  });
});

describe('parseReplication', () => {
  it('reads options with and without the package', () => {
    const simple = { strategy: 'SimpleStrategy', factor: { all: 3, full: 2 } };
    expect(parseReplication({ class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '3/1' })).to.deep.equal(simple);
    expect(parseReplication({ class: 'SimpleStrategy', replication_factor: '3/1' })).to.deep.equal(simple);
    expect(parseReplication({ class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc1: '3', dc2: '0' })).to.deep.equal({ strategy: 'NetworkTopologyStrategy', factors: new Map([['dc1', { all: 3, full: 3 }]]) });
    expect(parseReplication({ class: 'org.apache.cassandra.locator.LocalStrategy' })).to.deep.equal({ strategy: 'LocalStrategy' });
  });

  it('says what it can\'t read', () => {
    const problem = (options: Record<string, string>): string => {
      const replication = parseReplication(options);
      return replication.strategy === 'unknown' ? replication.problem : replication.strategy;
    };
    expect(problem({ class: 'com.example.OurStrategy', x: '1' })).to.equal('has the replication strategy com.example.OurStrategy, which the agent does not know');
    expect(problem({ class: 'SimpleStrategy' })).to.equal('has the replication option replication_factor: (none), which is no replication factor');
    expect(problem({ class: 'NetworkTopologyStrategy', dc1: '3/3' })).to.equal('has the replication option dc1: 3/3, which is no replication factor');
    expect(problem({})).to.include('(none)');
  });
});

describe('the publishing datacenter', () => {
  const ring = new Ring([nodeOf(0, { tokens: [0] }), nodeOf(1, { tokens: [10], datacenter: 'dc2' })]);
  const choose = (options: Record<string, string>, datacenter?: string): unknown => publishingDatacenter(ring, { keyspace: 'shop', replication: parseReplication(options), datacenter });

  it('is the only one that has replicas, or the one that was chosen', () => {
    expect(choose({ class: 'NetworkTopologyStrategy', dc1: '3' })).to.deep.equal({ datacenter: 'dc1' });
    expect(choose({ class: 'NetworkTopologyStrategy', dc1: '3', dc2: '3' }, 'dc2')).to.deep.equal({ datacenter: 'dc2' });
    expect(choose({ class: 'SimpleStrategy', replication_factor: '1' })).to.deep.equal({ datacenter: null });
  });

  it('is refused by the keyspace\'s name, with the fix, where nobody can tell', () => {
    expect(choose({ class: 'NetworkTopologyStrategy', dc1: '3', dc2: '3' })).to.deep.equal({
      keyspace: 'shop', reason: 'datacenter_not_chosen', message: 'keyspace shop is replicated to dc1 and dc2: which of them publishes?',
      fix: 'set ownership.datacenter on every agent of the cluster, for example to dc1', datacenters: ['dc1', 'dc2'],
    });
    expect(choose({ class: 'NetworkTopologyStrategy', dc1: '3' }, 'dc9')).to.include({ reason: 'datacenter_without_replicas' });
    expect(choose({ class: 'NetworkTopologyStrategy', dc3: '3' })).to.include({ reason: 'datacenter_without_nodes' });
    expect(choose({ class: 'com.example.OurStrategy' })).to.include({ reason: 'strategy_unknown', fix: 'leave its tables out (tables.exclude: ["shop.*"]), or set ownership.mode to all on every agent' });
  });

  it('falls back to the first full replica of all where SimpleStrategy placed none in it', () => {
    const replication = parseReplication({ class: 'SimpleStrategy', replication_factor: '1' });
    const publisher = (index: number): string => ring.nodes[publisherOf(ring, replicasOf(ring, index, { replication, localNode: 0 }), 'dc2')].address;
    expect([publisher(0), publisher(1)]).to.deep.equal(['127.0.0.1', '127.0.0.2']);
  });
});
