import { expect } from 'chai';
import { Epochs } from '../../../agent/ring/epochs.js';
import { Ownership } from '../../../agent/ring/ownership.js';
import { Ring } from '../../../agent/ring/ring.js';
import { Rng } from '../../helpers/random.js';
import { nodeOf } from './random-ring.js';

describe('the owner of a token', () => {
  it('is found in less than a microsecond in a ring of 1,000 nodes with 16 tokens each', () => {
    const rng = new Rng(1);
    const nodes = Array.from({ length: 1000 }, (_, i) => nodeOf(i, { datacenter: `dc${i % 2}`, rack: `r${i % 3}`, tokens: Array.from({ length: 16 }, () => rng.int64().toString()) }));
    const epochs = new Epochs(nodes[0].hostId);
    epochs.observeRing(new Ring(nodes), 1);
    epochs.observeReplication(new Map([['shop', { class: 'NetworkTopologyStrategy', dc0: '3', dc1: '3' }]]), 1);
    const section = new Ownership({ mode: 'owner', datacenter: 'dc0', epochs, now: () => 2 }).at({ appendedAfterMs: 1, appendedBeforeMs: 2 });
    const count = 100_000;
    const [hi, lo] = [0, 1].map(() => Int32Array.from({ length: count }, () => rng.u32() | 0));
    let published = 0;
    // The best of some rounds: other work on the machine is not what is measured.
    let best = Infinity;
    for (let round = 0; round < 15; round++) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < count; i++) if (section.decide('shop', hi[i], lo[i]) === 'publish') published++;
      best = Math.min(best, Number(process.hrtime.bigint() - started) / count);
    }
    expect(published).to.be.greaterThan(0).and.lessThan(15 * count / 50);
    expect(best, 'nanoseconds').to.be.lessThan(1000);
  });
});
