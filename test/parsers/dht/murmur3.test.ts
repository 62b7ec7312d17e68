import { expect } from 'chai';
import fc from 'fast-check';
import { tokenOf } from '../../../parsers/dht/murmur3.js';
import { referenceToken } from '../../helpers/murmur3-reference.js';

function token(key: Buffer): string {
  const padded = Buffer.concat([Buffer.from([1, 2, 3]), key, Buffer.from([4])]);
  const { hi, lo } = tokenOf(padded, 3, 3 + key.length, { hi: 0, lo: 0 });
  return ((BigInt(hi) << 32n) | BigInt(lo >>> 0)).toString();
}

describe('tokenOf', () => {
  it('equals the reference in 64-bit arithmetic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
        const key = Buffer.from(array);
        expect(token(key)).to.equal(referenceToken(key).toString());
      }),
      { numRuns: 20000 },
    );
  });

  it('gives the tokens that a Cassandra prints', () => {
    // SELECT token(k) on a node: text keys 'a' and '', int key 1.
    expect(token(Buffer.from('a'))).to.equal('-8839064797231613815');
    expect(token(Buffer.from([0, 0, 0, 1]))).to.equal('-4069959284402364209');
    expect(token(Buffer.alloc(0))).to.equal('-9223372036854775808');
  });
});
