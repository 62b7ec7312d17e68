import { expect } from 'chai';
import { spread, spreadText } from './statistics.js';
import { requireEqual, type Totals } from './totals.js';

describe('bench: statistics', () => {
  it('takes the middle of an odd count, the mean of the two middle ones of an even count, whatever their order', () => {
    expect(spread([9, 1, 100])).to.deep.equal({ median: 9, min: 1, max: 100 });
    expect(spread([4, 1, 2, 100])).to.deep.equal({ median: 3, min: 1, max: 100 });
    expect(spread([10, 9])).to.deep.equal({ median: 9.5, min: 9, max: 10 });
  });

  it('shows the median with its range', () => {
    expect(spreadText({ median: 127.04, min: 120, max: 130.96 })).to.equal('127.0 (120.0..131.0)');
  });
});

describe('bench: equal work', () => {
  const totals: Totals = { bytes: 1, mutations: 2, rows: 3, cells: 4, valueBytes: 5, checksum: 6 };

  it('refuses readers that did not find the same', () => {
    expect(() => requireEqual('plain', totals, { ...totals })).to.not.throw();
    for (const name of Object.keys(totals) as (keyof Totals)[]) {
      expect(() => requireEqual('plain', totals, { ...totals, [name]: 0 }), name).to.throw(`plain: ${name} differ`);
    }
  });
});
