import { expect } from 'chai';
import * as zlib from 'node:zlib';
import { uncompressSnappy } from '../../../parsers/compress/snappy-compressor.js';
import { decodeZstdFrame } from '../../../parsers/compress/zstd-frame.js';
import { snappy } from '../../helpers/block-writers.js';
import { Rng } from '../../helpers/random.js';
import { zstdFrame } from '../../helpers/zstd-writer.js';

/** Text of few words, and letters of very uneven frequency: what the frames below were made of. */
function words(count: number): Buffer {
  let x = 42;
  const next = (): number => (x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff);
  return Buffer.from(Array.from({ length: count }, () => ['commit', 'log', 'segment', 'sync', 'marker', 'mutation'][(next() >>> 16) % 6]).join(' '));
}

function letters(count: number): Buffer {
  let x = 7;
  const next = (): number => (x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff);
  return Buffer.from(Array.from({ length: count }, () => 97 + Math.clz32((next() >>> 8) | 1) - 9));
}

/** Made by `zstd` 1.5: raw literals; one Huffman stream; four of them; tables predefined, described and single. */
const FRAMES: readonly (readonly [name: string, content: Buffer, frame: string])[] = [
  ['words -3', words(60),
      'KLUv/WSOAAUEAHQCbG9nIG11dGF0aW9uc3luYyBzZWdtZW50IGxvZ21hcmtlcmNvbW1pJSAQPKbWA1UOiAoHgwKKGX4Q4E6C2AGGGLBQ4IoMDwRa5kBYINkM8gLQBGgBcA' +
      'GGOWgsQKACjcAkQJ+ANwFuoAmgBb4FkS8g5YCKdJhxb2ASBT0WN54EOSFQkg=='],
  ['words -19', words(400),
      'KLUv/WR6CZ0KAALDCQ/Q51BIqpBkEklkBwANGA58+Qr7gS+pQYD50lmZVSjYKXZx4IyJb4CTqMEnhezMARAcw1iZeREkFKGCiMBIJJCEKESpsDSFHB4tYdk16TcEG2cwLS' +
      'lfoa3IdJGu2oZI4FjNeQ2vOpoC81V5JiRQLDiCqEc5JaSUrmyb0hxtmuwuQWLpNr6WfVBrVPWaTHPmRSw02dXDtc/7nAlRDacWtlWKYIIPqthNqfTlc/VfRxfYPrqRHWj9' +
      'lDQQ7R48vgdP+Maz3Lk3ATuhq2b0hjJu9BJA4SXRqJmuMKb4Cr2Rd0JJkO+OXlpRpPiCjnwCZAYJIAZAwc7scn36WQgD1bZ5bFKxJ7lQqC3l6rHKZAmiUvjtod8OmQn0iP' +
      '2fRREMgRstw1bnGsxEX1B6tBLWvIq/RIzlTW4qpjV+QXPlc351wULpwAIJ/cRQA9t0HH5UUTEDakYaF60='],
  ['letters -3', letters(1200),
      'KLUv/WSwA9UNAOJNFgzAJR2N7L2lZAAAOC861VJPKnv36VfIsHv7+IhTEWFhLKNp8Zp8xRKaXwS8fvccnUrSxOPDLcVBD4+JtjKT8oJIbZVG7eLfK7TTGuzsJFmfv7rKIH' +
      '1E6fQNgMyoMTazSQptByACYpByZx4QmDjNAaBQI75IJrPAurfFi0A3FNVi58LFd5p143hsNtoeYQhwd5fE6WlK083P4jyObwN0KLpPyF8phyGetbi3kDI2oPNBzSN2GN2n' +
      'klnQbkJDjbZNa7oeutbOdHYGXJBh0YDI2FDOo4O2aR+HT4qlZEgCWoN22kixzVLtme4v/Ck+9o+v5t1FLVNEtJ5Qk/eC8Sw7JTBAwiD3HLfcTWTRZWYGqCLHYKItvcBh2n' +
      'z2A8CkmqQNzMNZygSj3UR7xQIBbVGwRo1txs82i9iJFv+UIGpKF/PQsDDLeW7DuID+zZXGkG09dlqyRURLuzqq6GqDJ40HM0CYPZT49LkFi2+OFHMEnFmYI4W0AxLyMGUU' +
      'UwLEpqbEXobifMVJ0Hv2ZOwFq+/8Loi71pPTp55t+HxMJ4H8c15T2mcdAcizZajGPSIUgKJuc55Pda0Wyh9hro+t'],
  ['letters -1', letters(3000),
      'KLUv/WS4CrUfAGbqPQ6gJUkH3zayZeL///9XNTUAOQA6AFF+aBkoI01cOGaFKpmCHOxOKeAZbi99kPkWmmkXy3psqhxQJrPA8nrBMtWplXWByyBUeqW0xZ7nKuICxoRpQI' +
      'NoDyXDTNiHLBAtSlZYG3zG6ISe0/ZiI0RgIfIIQC/RYhlTUMp/j+enK+TF0CgB54RSVHHEiqhCQT2aTc8G9+Dw9QUI1sDSo4j4BAXQYpDrEqoLWe4TFJQSkZ+BN3q6gu25' +
      'cEeC1F29BEmmoYN+84EF9sV3KJPEO/aFIDwUSiCgKu734ozOYmFkzlCMWITcsnwFKQUvFGHo5LQCUXUNtQUUQgOBoajhqUNDI0mSLNsBIQQMQ1HSessHESCk7uaNGSiyUW' +
      'P38sUxZFjC0HC36Uptb6HdFva5nFEgswM61oExsRg3M0JsoHYNQ/ECzqpOSZQ7rfE50NM3xqJwG43ZDMFdBCzg67QbWPM6p3U7mIDesQ5Z32iJetusI9sr3JSbr3LQGpAb' +
      '/40ZScpyIt4TUVXCASn6XyRErOI88DACji4B8t6WqExeZaAaRW44bt1gx/BhG6nugySNJmCHtGP0yBvMavhE2Z2H44RAho/8IPfWBgMESKcx2vfmcvkYgt21HxPENeW97M' +
      'T+081p/VrezbXPLcnsJbQf+Wo+ojFAj0eRVMRevbay5PUk/xZ8WP+Bv158Mh+jEMHg/nJjEeeQl6pv+tKPlD41tQ3yE5W9Mdk6wzQG5qgNmcPVY6UEUMyWWKhG7/ABJqYX' +
      'U3320oj9f4/qr3I301UeV/+uqC7XbPWtSWJrEbAZQVyQc6HZmK6cmXc46NnmKPpF7lM5gniURMFToUjPWEpsKsDdK/XIi6wQ2nuARCLCpOqKRbad0ajtznOfjbht7cjUcm' +
      'j+yx9Z7rQG0uVb0lFhzqTQU1QmUwnIMCsGkWHjLENW3kpZ3Eiw9WhW0NkmmZFoGTswozhbYisBkEWUQyqAptGy38EdhvgoKG2KYtVbiVNZzgyM0ePFd4RePfkCjuKHLKDh' +
      'Uwc+/hWk/KD1fa2yHT5wwwIi+ojx8hT5KXRyHtuDpVVbMBQtYmpmleUtBCMubr0sUHwUWToCaCmoTQaNd/fb9mCoLQUF5Hwxwv0r50MqnTZ5o0KDXgoCxVbqn765wBoXme' +
      '7J89jfI2RWUeK3WXa2icX4cgRfeUB6TXDWv6Co+pHJBMmsLbebtZgWbCMR9vYR9MWhbwRPohWia/LELDLzmvZ+1sOd9cXl7Zf8LdDQ0i6dRfo4FUIULZktF5SWlpAso7br' +
      'QS5VBHogwJEt76jSiaIi1NiLZxQftsmCBBic/fk3JKeAGtXgXMN7OvntaCLuxXShCsNECr4='],
];

function decode(frame: Buffer, length: number): Buffer {
  const output = Buffer.alloc(length + 8, 0xee);
  decodeZstdFrame(frame, output.subarray(0, length), length);
  expect(output.subarray(length).equals(Buffer.alloc(8, 0xee))).to.equal(true);
  return output.subarray(0, length);
}

/** Repeats of a few bytes and of some hundred, which end with the content or shortly before it. */
function* repeats(rng: Rng): Generator<Buffer> {
  for (let distance = 1; distance <= 20; distance++) {
    for (const count of [4, 7, 8, 9, 15, 16, 17, 31, 64, 191, 192, 200, 500]) {
      for (const behind of [0, 1, 15, 16, 17, 40]) {
        const once = rng.bytes(distance);
        yield Buffer.concat([once, Buffer.alloc(count, once), rng.bytes(behind)]);
      }
    }
  }
}

/** The segmenter's buffer is larger than the section: what follows in it is not the decoder's. */
function expectExactly(content: Buffer, decodeInto: (output: Buffer) => void): void {
  const output = Buffer.alloc(content.length + 64, 0xee);
  decodeInto(output);
  expect(output.equals(Buffer.concat([content, Buffer.alloc(64, 0xee)])), `${content.length} bytes`).to.equal(true);
}

/** Noise, runs and repeats. */
function mixture(rng: Rng, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0; length < size; length += parts[parts.length - 1].length) {
    parts.push(rng.pick([() => rng.bytes(rng.between(1, 80)), () => Buffer.alloc(rng.between(1, 500), rng.below(256)), () => parts[rng.below(parts.length)] ?? words(9)])());
  }
  return Buffer.concat(parts).subarray(0, size);
}

describe('our own Zstandard decoder', () => {
  for (const [name, content, frame] of FRAMES) {
    it(`decodes ${name}`, () => {
      expect(decode(Buffer.from(frame, 'base64'), content.length).equals(content)).to.equal(true);
    });
  }

  it('decodes what Node compresses, at every level (Node 22.15 and later)', () => {
    const compress = (zlib as { zstdCompressSync?: (input: Buffer, options?: object) => Buffer }).zstdCompressSync;
    const content = Buffer.concat([words(40_000), letters(200_000), mixture(new Rng(1), 200_000)]);
    const frames = compress === undefined ? [zstdFrame(content)] : [1, 3, 9, 19].map((level) => compress(content, { params: { 100: level } }));
    for (const frame of frames) expect(decode(frame, content.length).equals(content)).to.equal(true);
  });

  it('decodes raw, RLE and one-sequence blocks of the independent writer', () => {
    const rng = new Rng(5);
    for (const size of [0, 1, 5, 255, 256, 1000, 65_536, 200_000]) {
      const content = size % 2 === 0 ? mixture(rng, size) : Buffer.alloc(size, 9);
      expect(decode(zstdFrame(content), size).equals(content), `${size} bytes`).to.equal(true);
    }
  });

  it('repeats from every distance up to the last byte, and writes nothing behind it', () => {
    for (const content of repeats(new Rng(8))) expectExactly(content, (output) => decodeZstdFrame(zstdFrame(content), output, content.length));
    for (const [, content, frame] of FRAMES) expectExactly(content, (output) => decodeZstdFrame(Buffer.from(frame, 'base64'), output, content.length));
  });

  it('takes nothing over from the frame before', () => {
    const [, content, base64] = FRAMES[2];
    const frame = Buffer.from(base64, 'base64');
    // Behind the magic, the descriptor, two bytes of size and the block's header.
    const at = 10;
    expect(frame[at] & 3, 'literals with a table of their own').to.equal(2);
    expect(decode(frame, content.length).equals(content)).to.equal(true);
    const withoutTable = Buffer.from(frame);
    withoutTable[at] |= 1;
    expect(() => decode(withoutTable, content.length)).to.throw(RangeError, 'literals without a Huffman table');
  });

  it('refuses a frame of another length, cut, or with something behind it', () => {
    for (const [name, content, base64] of FRAMES) {
      const frame = Buffer.from(base64, 'base64');
      expect(() => decode(frame, content.length - 1), name).to.throw(RangeError);
      expect(() => decode(frame, content.length + 1), name).to.throw(RangeError);
      expect(() => decode(Buffer.concat([frame, Buffer.of(0)]), content.length), name).to.throw(RangeError);
      for (let cut = 0; cut < frame.length; cut += 7) expect(() => decode(frame.subarray(0, cut), content.length), `${name} cut at ${cut}`).to.throw(RangeError);
    }
  });

  it('answers every flipped bit with an error or with bytes, never beyond the output', () => {
    for (const [, content, base64] of FRAMES.slice(0, 3)) {
      const frame = Buffer.from(base64, 'base64');
      for (let bit = 0; bit < 8 * frame.length; bit++) {
        const damaged = Buffer.from(frame);
        damaged[bit >> 3] ^= 1 << (bit & 7);
        try {
          decode(damaged, content.length);
        } catch (error) {
          expect(error, `bit ${bit}`).to.be.instanceOf(RangeError);
        }
      }
    }
  });

  it('does no work that fills nothing: a match of 64 KiB in every four bytes', () => {
    // One literal, then 40,000 sequences of the longest match, all codes in RLE mode: 2.6 GB in 80 KB, into 1,000 bytes.
    const sequences = 40_000;
    const body = Buffer.concat([
      Buffer.of(1 << 3, 0x61),
      Buffer.of(255, (sequences - 0x7f00) & 0xff, (sequences - 0x7f00) >> 8),
      Buffer.of(0b0101_0100, 0, 0, 52),
      Buffer.alloc(2 * sequences, 0xff), Buffer.of(1),
    ]);
    const header = Buffer.alloc(3);
    header.writeUIntLE((body.length << 3) | (2 << 1) | 1, 0, 3);
    const frame = Buffer.concat([Buffer.from('28b52ffd60e802', 'hex'), header, body]);
    const before = process.cpuUsage();
    expect(() => decode(frame, 1000)).to.throw(RangeError);
    expect(process.cpuUsage(before).user).to.be.lessThan(200_000);
  });
});

describe('our own Snappy decoder', () => {
  it('decodes what the independent writer makes', () => {
    const rng = new Rng(6);
    for (const size of [0, 1, 59, 60, 61, 1000, 65_536, 300_000]) {
      const content = mixture(rng, size);
      const output = Buffer.alloc(size);
      expect(uncompressSnappy(snappy(content), output, size).equals(content), `${size} bytes`).to.equal(true);
    }
  });

  it('repeats from every distance up to the last byte, and writes nothing behind it', () => {
    for (const content of repeats(new Rng(9))) expectExactly(content, (output) => uncompressSnappy(snappy(content), output, content.length));
  });

  it('refuses elements that leave the block, and a literal of a negative length at once', () => {
    const attempt = (hex: string, length: number) => (): Buffer => uncompressSnappy(Buffer.from(hex, 'hex'), Buffer.alloc(length), length);
    expect(attempt('03 08 616263'.replaceAll(' ', ''), 3)().toString()).to.equal('abc');
    expect(attempt('0308616263', 4)).to.throw(RangeError, '3 bytes instead of 4');
    expect(attempt('03086162', 3)).to.throw(RangeError, 'reach past the end');
    expect(attempt('0400610103', 4)).to.throw(RangeError, 'leaves the block');
    expect(attempt('0400610100', 4)).to.throw(RangeError, 'leaves the block');
    expect(attempt('04fcffffffff', 4)).to.throw(RangeError);
    expect(attempt('04f8ff', 4)).to.throw(RangeError, 'inside a length');
    expect(attempt('040061', 4)).to.throw(RangeError, '1 bytes instead of 4');
    expect(attempt('ffffffffff7f', 4)).to.throw(RangeError, 'inside its length');
  });
});
