import { expect } from 'chai';
import { JsonBytes } from '../../../agent/serializer/json-bytes.js';

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
});
