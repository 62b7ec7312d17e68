import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { crc32Int, crc32Range } from '../../../parsers/io/crc32.js';

describe('crc32', () => {
  it('equals zlib over any range, continued from any value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1500 }), fc.nat(40), fc.integer(), (array, skip, seed) => {
        const bytes = Buffer.from(array);
        const start = Math.min(skip, bytes.length - 1);
        expect(crc32Range(bytes, start, bytes.length, seed) >>> 0).to.equal(crc32(bytes.subarray(start), seed >>> 0));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves the value as it is over no bytes', () => {
    expect(crc32Range(Buffer.alloc(4), 2, 2, 1234)).to.equal(1234);
  });

  it('equals zlib over the four bytes of an integer', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (value, seed) => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32BE(value);
        expect(crc32Int(value, seed) >>> 0).to.equal(crc32(bytes, seed >>> 0));
      }),
    );
  });
});
