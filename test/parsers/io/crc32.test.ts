import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { crc32Advance } from '../../../parsers/io/crc32-combine.js';
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

describe('crc32Advance', () => {
  it('combines the checksums of two parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.uint8Array({ minLength: 1, maxLength: 300 }), (a, b) => {
        expect((crc32Advance(crc32(a) | 0, b.length) ^ crc32(b)) >>> 0).to.equal(crc32(Buffer.concat([a, b])));
      }),
      { numRuns: 1000 },
    );
  });

  it('does so for long parts', () => {
    const head = Buffer.from('head');
    for (const length of [65_535, 65_536, 65_537, 131_072, 5_000_001]) {
      const tail = Buffer.alloc(length, 'tail');
      expect((crc32Advance(crc32(head) | 0, length) ^ crc32(tail)) >>> 0, String(length)).to.equal(crc32(Buffer.concat([head, tail])));
    }
  });
});
