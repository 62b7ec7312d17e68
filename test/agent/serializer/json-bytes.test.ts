import { expect } from 'chai';
import { JsonBytes } from '../../../agent/serializer/json-bytes.js';
import { rendered } from '../../../agent/serializer/rendered.js';

/** Writes a record of `length` bytes and returns where it stands. */
function write(out: JsonBytes, length: number, character: string): { readonly bytes: Buffer; readonly start: number; readonly end: number; readonly text: string } {
  out.begin();
  for (let i = 0; i < length; i += 100) out.text(character.repeat(Math.min(100, length - i)));
  return { bytes: out.bytes, start: out.start, end: out.at, text: character.repeat(length) };
}

describe('JsonBytes', () => {
  it('keeps every record in one piece over the ends of chunks, until it is released', () => {
    const out = new JsonBytes();
    const records = [100_000, 200_000, 3, 700_000, 100_000, 0, 262_144, 5].map((length, i) => write(out, length, String.fromCharCode(97 + i)));
    for (const { bytes, start, end, text } of records) expect(bytes.toString('latin1', start, end) === text).to.equal(true);
  });

  it('uses its memory again after a release', () => {
    const out = new JsonBytes();
    const chunks = new Set<Buffer>();
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 4; i++) chunks.add(write(out, 100_000, 'x').bytes);
      out.release();
    }
    expect(chunks.size).to.be.lessThan(6);
  });

  it('writes integers of any size', () => {
    const out = new JsonBytes();
    for (const value of [0, 9, 10, 99, 100, 9999, 10000, 123456, 1234567, 99999999, 999999999, 1000000000, 4294967295, -1, -2147483648]) {
      const before = out.at;
      out.int(value);
      expect(out.bytes.toString('latin1', before, out.at)).to.equal(String(value));
    }
  });

  it('writes integers of more than 32 bits', () => {
    const out = new JsonBytes();
    for (const value of [0, 7, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 999_999_999_999, 10 ** 12, 1_795_360_528_612, 2 ** 53 - 1, 2 ** 53, 9_223_372_036_854_774]) {
      const before = out.at;
      out.integer(value);
      expect(out.bytes.toString('latin1', before, out.at)).to.equal(String(value));
    }
  });

  it('writes write times of any second behind those of any other', () => {
    const out = new JsonBytes();
    const around = (value: bigint): bigint[] => [value - 1n, value, value + 1n];
    const second = 1_700_000_000_000_000n;
    for (const value of [...around(second), second + 999_999n, ...around(second + 1_000_000n), second + 7n, ...around(0n), ...around(10n ** 15n), ...around(9n * 10n ** 15n), ...around(10n ** 16n), second, -second, ...around(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), second + 999_999n]) {
      const before = out.at;
      out.micros(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
      expect(out.bytes.toString('latin1', before, out.at)).to.equal(String(value));
    }
  });

  it('writes rendered JSON of any length and any bytes', () => {
    const out = new JsonBytes();
    // Read as a double, a DEL in front of a character of four bytes is a NaN.
    for (const text of ['', ...Array.from({ length: 90 }, (_, i) => 'abcdefghij'.repeat(9).slice(i)), '\u007f\u{10ffff}\u{10ffff}', '1234567\u007f\u{1f600}', '\u00ff\u00ff\u00ff\u00ff']) {
      const before = out.at;
      out.raw(rendered(text));
      expect(out.bytes.toString('utf8', before, out.at)).to.equal(text);
    }
  });

  it('takes ASCII strings as they are, wherever one byte is not to be', () => {
    const out = new JsonBytes();
    for (let length = 0; length <= 9; length++) {
      for (let place = 0; place < length; place++) {
        for (let byte = 0; byte < 256; byte++) {
          const source = Buffer.alloc(length + 1, 'a');
          source[place] = byte;
          const before = out.at;
          const isPlain = byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c;
          expect(out.asciiString(new DataView(source.buffer, source.byteOffset, length), 0, length), `byte ${byte} at ${place} of ${length}`).to.equal(isPlain);
          expect(out.bytes.toString('latin1', before, out.at)).to.equal(isPlain ? `"${source.toString('latin1', 0, length)}"` : '');
        }
        out.release();
      }
    }
  });
});
