import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { compressorNamed } from '../../../parsers/compress/compressor.js';
import { uncompressLZ4 } from '../../../parsers/compress/lz4-compressor.js';
import { CorruptError } from '../../../parsers/errors.js';

function lz4(length: number, block: string): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32LE(length);
  return Buffer.concat([prefix, Buffer.from(block.replaceAll(' ', ''), 'hex')]);
}

describe('compressors', () => {
  it('are found by class name, others are refused by name', () => {
    expect(['LZ4Compressor', 'SnappyCompressor', 'DeflateCompressor', 'ZstdCompressor', 'NoopCompressor'].map((name) => compressorNamed(name).name)).to.have.lengthOf(5);
    expect(() => compressorNamed('BrotliCompressor')).to.throw(CorruptError, 'BrotliCompressor');
  });

  it('decode LZ4 literals and overlapping matches', () => {
    const decode = (length: number, block: string): string => uncompressLZ4(lz4(length, block), Buffer.alloc(length), length).toString('latin1');
    expect(decode(3, '30 616263')).to.equal('abc');
    // "ab", then 4 + 3 bytes from 2 back, then the literal "!".
    expect(decode(10, '23 6162 0200 10 21')).to.equal('abababab' + 'a!');
    // 15 + 255 + 10 literals.
    expect(decode(280, `f0 ff 0a ${'78'.repeat(280)}`)).to.equal('x'.repeat(280));
  });

  it('refuse LZ4 that leaves its block', () => {
    const attempt = (length: number, block: string) => (): Buffer => uncompressLZ4(lz4(length, block), Buffer.alloc(length), length);
    expect(attempt(3, '30 6162')).to.throw(RangeError, 'reach past the end');
    expect(attempt(9, '14 61 0200')).to.throw(RangeError, 'leaves the block');
    expect(attempt(9, '14 61 0000')).to.throw(RangeError, 'leaves the block');
    expect(attempt(4, '14 61 0100')).to.throw(RangeError, 'leaves the block');
    expect(attempt(4, '30 616263')).to.throw(RangeError, '3 bytes instead of 4');
    expect(attempt(4, 'f0 ff')).to.throw(RangeError, 'inside a length');
    expect(attempt(9, '14 61 01')).to.throw(RangeError, 'inside an offset');
    expect(() => uncompressLZ4(lz4(5, '30 616263'), Buffer.alloc(3), 3)).to.throw(RangeError, 'not the length of the section');
  });

  it('never write more than the section claims', () => {
    const bomb = deflateSync(Buffer.alloc(1 << 20));
    expect(() => compressorNamed('DeflateCompressor').uncompress(bomb, Buffer.alloc(0), 1000)).to.throw(Error);
  });

  it('answer damaged input with an error or with bytes of the length asked for, never else', () => {
    for (const name of ['LZ4Compressor', 'SnappyCompressor', 'DeflateCompressor', 'ZstdCompressor']) {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 4, maxLength: 200 }), fc.nat(300), (array, length) => {
          const output = Buffer.alloc(length + 16, 0xee);
          try {
            compressorNamed(name).uncompress(Buffer.from(array), output.subarray(0, length), length);
          } catch (error) {
            expect(error).to.be.instanceOf(Error);
          }
          expect(output.subarray(length).equals(Buffer.alloc(16, 0xee)), name).to.equal(true);
        }),
        { numRuns: 500 },
      );
    }
  });
});
