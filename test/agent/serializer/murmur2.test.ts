import { expect } from 'chai';
import fc from 'fast-check';
import { murmur2, toPositive } from '../../../agent/serializer/murmur2.js';

/** From Kafka's own UtilsTest. */
const KAFKA: readonly (readonly [string, number])[] = [
  ['21', -973932308], ['foobar', -790332482], ['a-little-bit-long-string', -985981536], ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971], ['abc', 479470107],
];

describe('murmur2', () => {
  for (const [text, hash] of KAFKA) {
    it(`of ${text} is Kafka's`, () => expect(murmur2(Buffer.from(text), 0, text.length)).to.equal(hash));
  }

  it('is that of the range, wherever it stands', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 5 }), (bytes, around) => {
      const padded = Buffer.concat([around, bytes, around]);
      expect(murmur2(padded, around.length, around.length + bytes.length)).to.equal(murmur2(bytes, 0, bytes.length));
    }));
  });

  it('is made positive by its sign bit', () => {
    expect([toPositive(-1), toPositive(0), toPositive(-2147483648), toPositive(5)]).to.deep.equal([2147483647, 0, 0, 5]);
  });
});
