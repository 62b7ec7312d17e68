import { expect } from 'chai';
import { RepeatWindow } from '../../../agent/events/repeat-window.js';
import { Rng, runSeed } from '../../helpers/random.js';

const digestOf = (n: number): string => String.fromCharCode(...Array.from({ length: 32 }, (_, i) => (Math.imul(n + 1, 0x9e3779b1 ^ Math.imul(i, 0x85ebca6b)) >>> 11) & 0xff));

describe('RepeatWindow', () => {
  const seed = runSeed();

  it(`knows what a list of the last changes knows, whatever comes (CDC_SEED=${seed})`, () => {
    const rng = new Rng(seed);
    for (let run = 0; run < 20; run++) {
      let now = 0;
      const size = 2 ** (3 + rng.below(9));
      const window = new RepeatWindow({ size, maxAgeMs: 1000, now: () => now });
      let model: { digest: string; position: number }[] = [];
      for (let step = 0; step < 3000; step++) {
        const digest = digestOf(rng.below(size * 3));
        if (window.count === model.length) expect(window.has(digest)).to.equal(model.some((one) => one.digest === digest));
        if (rng.chance(0.002)) {
          window.clear();
          model = [];
        }
        if (!model.some((one) => one.digest === digest)) model.push({ digest, position: step + 1 });
        window.add(digest, { segment: 7, position: step + 1 });
        if (model.length > size) model.shift();
        expect(window.count).to.equal(model.length);
        const low = window.low;
        expect(low?.segment).to.equal(7);
        expect(low?.position, 'what is remembered ends behind low').to.be.lessThan(model[0].position);
        now += rng.below(2) / 1000;
      }
    }
  });

  it('forgets what is too old, and then needs nothing of the log', () => {
    let now = 0;
    const window = new RepeatWindow({ size: 4096, maxAgeMs: 1000, now: () => now });
    for (let n = 0; n < 3000; n++) {
      now = n;
      window.add(digestOf(n), { segment: 1, position: 100 * n });
    }
    expect(window.has(digestOf(2999))).to.equal(true);
    expect(window.low).to.deep.equal({ segment: 1, position: 102_399 });
    expect(window.has(digestOf(1023))).to.equal(false);
    now += 5000;
    expect([window.low, window.count, window.has(digestOf(2999))]).to.deep.equal([null, 0, false]);
  });
});
