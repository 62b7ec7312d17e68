import { expect } from 'chai';
import fc from 'fast-check';
import { judge, NO_FAULT, tally, type JudgedEvent, type SeenEvent } from './judge.js';

const written: JudgedEvent[] = Array.from({ length: 60 }, (_, n) => ({ key: `k${n % 7}`, id: String(n) }));

function seen(): SeenEvent[] {
  const offsets = [0, 0, 0];
  return written.map(({ key, id }) => {
    const partition = Number(key.slice(1)) % 3;
    return { key, id, partition, offset: offsets[partition]++ };
  });
}

describe('judge', () => {
  it('finds nothing in what was delivered right, whatever order partitions are read in', () => {
    expect(tally(judge(written, seen()))).to.deep.equal(NO_FAULT);
    expect(tally(judge(written, seen().reverse()))).to.deep.equal(NO_FAULT);
  });

  it('finds every loss, repeat, stranger and exchange (the assertion itself can fail)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: written.length - 1 }), (at) => {
        const without = seen().filter((_, index) => index !== at);
        expect(tally(judge(written, without))).to.deep.equal({ ...NO_FAULT, lost: 1 });
        const twice = [...seen(), { ...seen()[at], offset: seen()[at].offset + 0.5 }];
        expect(tally(judge(written, twice))).to.deep.equal({ ...NO_FAULT, duplicated: 1 });
        const strange = [...seen(), { ...seen()[at], id: 'x' }];
        expect(tally(judge(written, strange))).to.deep.equal({ ...NO_FAULT, unknown: 1 });
        const late = seen().map((each, index) => (index === at ? { ...each, offset: each.offset + 1000 } : each));
        const isLast = at >= written.length - 7;
        expect(tally(judge(written, late))).to.deep.equal({ ...NO_FAULT, disordered: isLast ? 0 : 1 });
      }),
    );
  });

  it('finds a key in two partitions', () => {
    const moved = seen().map((each, index) => (index === 30 ? { ...each, partition: 5, offset: 0 } : each));
    expect(tally(judge(written, moved)).disordered).to.equal(1);
  });
});
