import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { MutationFrames } from '../../../parsers/commitlog/mutation-frame.js';
import { CorruptError, type CorruptCode } from '../../../parsers/errors.js';

const BASE = 1000;

/** CommitLogSegment.Allocation: size, CRC of the size, mutation, the CRC continued over it. */
function entry(mutation: Buffer): Buffer {
  const bytes = Buffer.alloc(mutation.length + 12);
  bytes.writeInt32BE(mutation.length, 0);
  const sizeCrc = crc32(bytes.subarray(0, 4));
  bytes.writeUInt32BE(sizeCrc, 4);
  mutation.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(mutation, sizeCrc), 8 + mutation.length);
  return bytes;
}

const mutations = [10, 11, 40, 360, 12].map((length, i) => Buffer.alloc(length, `mutation ${i} `));
const entries = mutations.map(entry);

interface Outcome {
  readonly read: { readonly text: string; readonly position: number }[];
  readonly damage: { readonly code: CorruptCode; readonly at: number; readonly end: number }[];
}

function readAll(data: Buffer): Outcome {
  const frames = new MutationFrames();
  const outcome: Outcome = { read: [], damage: [] };
  frames.open({ data, start: 3, end: data.length, base: BASE, fileStart: 0, fileEnd: 0 });
  for (;;) {
    try {
      if (!frames.next()) return outcome;
      outcome.read.push({ text: frames.bytes.toString('latin1', frames.start, frames.end), position: frames.position });
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      outcome.damage.push({ code: error.code, at: error.position, end: frames.position });
    }
  }
}

const section = (...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('xyz'), ...parts]);
const texts = mutations.map((mutation) => mutation.toString('latin1'));

describe('MutationFrames', () => {
  it('gives every entry with the position just behind it', () => {
    let end = BASE + 3;
    const expected = entries.map((bytes, i) => ({ text: texts[i], position: (end += bytes.length) }));
    expect(readAll(section(...entries))).to.deep.equal({ read: expected, damage: [] });
    expect(readAll(section())).to.deep.equal({ read: [], damage: [] });
  });

  it('finds any flipped bit, invents nothing, and goes on at the next place that can be trusted', () => {
    const whole = section(...entries);
    const ends = entries.map(((end) => (bytes: Buffer) => (end += bytes.length))(3));
    for (let bit = 3 * 8; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const hit = ends.findIndex((end) => bit >> 3 < end);
      const isSizeOrItsCrc = (bit >> 3) - (ends[hit] - entries[hit].length) < 8;
      const { read, damage } = readAll(damaged);
      expect(damage, `bit ${bit}`).to.have.lengthOf(1);
      expect(damage[0].at).to.equal(BASE + ends[hit] - entries[hit].length);
      expect(read.map(({ text }) => text)).to.deep.equal(texts.filter((_, i) => (isSizeOrItsCrc ? i < hit : i !== hit)));
    }
  });

  it('names what is wrong', () => {
    const only = (data: Buffer): Outcome['damage'] => readAll(data).damage;
    const unknownEnd = { at: BASE + 3, end: -1 };
    expect(only(section(entries[0].subarray(0, 11)))).to.deep.equal([{ code: 'entry_truncated', ...unknownEnd }]);
    expect(only(section(entries[2].subarray(0, 51)))).to.deep.equal([{ code: 'entry_truncated', ...unknownEnd }]);
    expect(only(section(Buffer.alloc(12)))).to.deep.equal([{ code: 'entry_size', ...unknownEnd }]);
    const lie = Buffer.from(entries[1]);
    lie.writeInt32BE(-1, 0);
    expect(only(section(lie))).to.deep.equal([{ code: 'entry_size', ...unknownEnd }]);
    lie.writeInt32BE(12, 0);
    expect(only(section(lie))).to.deep.equal([{ code: 'entry_size_crc', ...unknownEnd }]);
    const body = Buffer.from(entries[1]);
    body[9] ^= 1;
    expect(only(section(body))).to.deep.equal([{ code: 'entry_crc', at: BASE + 3, end: BASE + 3 + body.length }]);
  });

  it('does not mistake two damages that undo each other in size for a good section', () => {
    // Entries 0 and 1 swapped whole: each is good where it stands.
    expect(readAll(section(entries[1], entries[0])).read.map(({ text }) => text)).to.deep.equal([texts[1], texts[0]]);
    // The mutations of two entries of one length exchanged, their checksums left behind.
    const [a, b] = [entry(Buffer.alloc(20, 'a')), entry(Buffer.alloc(20, 'b'))];
    const mixed = section(Buffer.concat([a.subarray(0, 8), b.subarray(8, 28), a.subarray(28)]), Buffer.concat([b.subarray(0, 8), a.subarray(8, 28), b.subarray(28)]));
    expect(readAll(mixed).damage.map(({ code }) => code)).to.deep.equal(['entry_crc', 'entry_crc']);
  });
});
