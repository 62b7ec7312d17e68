import { expect } from 'chai';
import fc from 'fast-check';
import { compareInt64, int64ToNumber, int64ToString, isSafe, uint64ToString } from '../../../parsers/io/int64.js';

const EDGES = [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, -(2n ** 32n), 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 10n ** 18n, -(10n ** 18n), 9_007_199_254_000_000n];
const any = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.tuple(fc.constantFrom(...EDGES), fc.integer({ min: -3, max: 3 })).map(([edge, by]) => BigInt.asIntN(64, edge + BigInt(by))));

function halves(value: bigint): [number, number] {
  return [Number(value >> 32n), Number(BigInt.asIntN(32, value))];
}

describe('int64', () => {
  it('prints every digit', () => {
    fc.assert(fc.property(any, (value) => { expect(int64ToString(...halves(value))).to.equal(value.toString()); }), { numRuns: 20_000 });
  });

  it('prints unsigned integers', () => {
    fc.assert(fc.property(any, (value) => { expect(uint64ToString(...halves(value))).to.equal(BigInt.asUintN(64, value).toString()); }), { numRuns: 5000 });
  });

  it('knows which values a double holds', () => {
    fc.assert(fc.property(any, (value) => {
      expect(isSafe(...halves(value))).to.equal(value > -(2n ** 53n) && value < 2n ** 53n);
      if (isSafe(...halves(value))) expect(BigInt(int64ToNumber(...halves(value)))).to.equal(value);
    }), { numRuns: 5000 });
  });

  it('compares as signed integers', () => {
    fc.assert(fc.property(any, any, (a, b) => {
      expect(Math.sign(compareInt64(...halves(a), ...halves(b)))).to.equal(a < b ? -1 : a > b ? 1 : 0);
    }), { numRuns: 5000 });
  });
});
