import { expect } from 'chai';
import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { uncompress } from 'snappyjs';
import { codecOf } from '../../../../../agent/publisher/kafka/compress/codec.js';
import { compressLz4Frame } from '../../../../../agent/publisher/kafka/compress/lz4-frame.js';
import { compressSnappyStream } from '../../../../../agent/publisher/kafka/compress/snappy-stream.js';
import { xxhash32 } from '../../../../../agent/publisher/kafka/compress/xxhash32.js';
import { uncompressLZ4 } from '../../../../../parsers/compress/lz4-compressor.js';

/** A reader by the LZ4 frame specification, over the block decoder that reads Cassandra's own files. */
function readFrame(frame: Buffer): Buffer {
  expect([frame.readUInt32LE(0), frame[4], frame[5]]).to.deep.equal([0x184d2204, 0x60, 0x40]);
  expect(frame[6]).to.equal((xxhash32(frame.subarray(4, 6)) >>> 8) & 255);
  const parts: Buffer[] = [];
  for (let at = 7; ; ) {
    const word = frame.readUInt32LE(at);
    at += 4;
    if (word === 0) {
      expect(at).to.equal(frame.length);
      return Buffer.concat(parts);
    }
    const size = word & 0x7fffffff;
    const block = frame.subarray(at, at + size);
    at += size;
    parts.push(word > 0x7fffffff ? block : uncompressBlock(block));
  }
}

function uncompressBlock(block: Buffer): Buffer {
  const length = blockLength(block);
  expect(length).to.be.at.most(65536);
  const head = Buffer.alloc(4);
  head.writeInt32LE(length);
  return Buffer.from(uncompressLZ4(Buffer.concat([head, block]), Buffer.alloc(length), length));
}

/** Walks the sequences; checks the rules of a block's end. */
function blockLength(block: Buffer): number {
  let length = 0;
  let lastMatchAt = -1;
  for (let at = 0; ; ) {
    const token = block[at++];
    const more = (nibble: number): number => {
      let value = nibble;
      if (nibble === 15) for (let byte = 255; byte === 255; ) value += byte = block[at++];
      return value;
    };
    const literals = more(token >>> 4);
    at += literals;
    length += literals;
    if (at >= block.length) {
      if (lastMatchAt >= 0) {
        expect(literals, 'the last five bytes are literals').to.be.at.least(5);
        expect(length - lastMatchAt, 'the last match starts twelve bytes before the end').to.be.at.least(12);
      }
      return length;
    }
    at += 2;
    lastMatchAt = length;
    length += more(token & 15) + 4;
  }
}

const compressible = fc.array(fc.constantFrom('{"id":', '"status":"paid",', 'x', 'äöü', '0123456789', '\0\0\0\0\0\0\0\0\0\0\0'), { maxLength: 3000 }).map((words) => Buffer.from(words.join('')));
const any = fc.oneof(compressible, fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)), fc.integer({ min: 0, max: 200_000 }).map((length) => Buffer.alloc(length, 7)));

describe('compression of record batches', () => {
  it('LZ4 frames are read back, and follow the rules of a block', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        expect(readFrame(compressLz4Frame(bytes)).equals(bytes)).to.equal(true);
      }),
    );
  });

  it('LZ4 makes repeated text smaller, and stores what does not shrink', () => {
    const text = Buffer.from('{"customer":42,"status":"paid"}'.repeat(5000));
    expect(compressLz4Frame(text).length).to.be.lessThan(text.length / 20);
    const noise = Buffer.from(Array.from({ length: 70_000 }, (_, n) => (Math.imul(n + 1, 2654435761) >>> 13) & 255));
    expect(compressLz4Frame(noise).length).to.be.at.most(noise.length + 7 + 8 + 4);
  });

  it('snappy streams are what SnappyInputStream reads', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const stream = compressSnappyStream(bytes);
        expect(stream.subarray(0, 16).toString('hex')).to.equal('82534e41505059000000000100000001');
        const parts: Uint8Array[] = [];
        for (let at = 16; at < stream.length; ) {
          const length = stream.readInt32BE(at);
          parts.push(uncompress(stream.subarray(at + 4, at + 4 + length)));
          at += 4 + length;
        }
        expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
      }),
      { numRuns: 30 },
    );
  });

  it('xxHash32 gives the values of its specification', () => {
    expect([xxhash32(Buffer.from('')), xxhash32(Buffer.from('abc')), xxhash32(Buffer.from('Nobody inspects the spammish repetition'))])
      .to.deep.equal([0x02cc5d05, 0x32d153ff, 0xe2293b2f]);
  });

  it('codecs have Kafka\'s numbers; zstd says what it needs where Node lacks it', async () => {
    expect((['none', 'gzip', 'snappy', 'lz4'] as const).map((name) => codecOf(name).id)).to.deep.equal([0, 1, 2, 3]);
    expect(gunzipSync(await codecOf('gzip').compress!(Buffer.from('text'))).toString()).to.equal('text');
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major > 22 || (major === 22 && minor >= 15)) expect(codecOf('zstd').id).to.equal(4);
    else expect(() => codecOf('zstd')).to.throw('needs Node 22.15');
  });
});
