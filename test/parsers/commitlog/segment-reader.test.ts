/** Promise: a section that is passed over changes nothing of what is read behind it. */
import { expect } from 'chai';
import { CommitLogSegmentReader, CorruptError, END_OF_SEGMENT, memorySource, readDescriptor, type SyncSegment } from '../../../parsers/index.js';
import { randomSegment, SEGMENT_MODES, type ModelSegment } from '../../helpers/model-segment.js';
import { Rng, runSeed } from '../../helpers/random.js';

const seed = runSeed(20_261_128);

function readerOf({ file, mode }: ModelSegment, bytes = file): CommitLogSegmentReader {
  return new CommitLogSegmentReader(memorySource(bytes), readDescriptor(file), { key: mode.encryption?.key });
}

function shown({ data, start, end, base, fileStart, fileEnd }: SyncSegment): object {
  return { entries: data.toString('hex', start, end), position: base + start, fileStart, fileEnd };
}

describe('segment reader: skip', () => {
  for (const mode of SEGMENT_MODES) {
    it(`reads the same sections of ${mode.name} whichever are passed over`, () => {
      for (let round = 0; round < 20; round++) {
        const segment = randomSegment({ seed: seed + round, mode, tables: 2, mutations: 12, padding: round % 2 === 0 ? 0 : 100 });
        const all: object[] = [];
        const first = readerOf(segment);
        let end: string | SyncSegment;
        while (typeof (end = first.next()) !== 'string') all.push(shown(end));
        const rng = new Rng(seed + round);
        const reader = readerOf(segment);
        for (const section of all) {
          if (rng.chance(0.5)) expect(reader.skip()).to.equal(true);
          else expect(shown(reader.next() as SyncSegment)).to.deep.equal(section);
        }
        expect([reader.skip(), reader.next()]).to.deep.equal([end, end]);
      }
    });
  }

  it('finds the end, a damaged marker and a cut file as reading does', () => {
    const segment = randomSegment({ seed, mode: SEGMENT_MODES[1], tables: 1, mutations: 9 });
    const { start } = segment.writer.sections.at(-1)!;
    const damaged = Buffer.from(segment.file);
    damaged[start + 5] ^= 1;
    for (const bytes of [damaged, segment.file.subarray(0, -1)]) {
      const outcomes = (['next', 'skip'] as const).map((way) => {
        const reader = readerOf(segment, bytes);
        let read = 0;
        try {
          while (typeof reader[way]() !== 'string') read++;
          return [read, 'end'];
        } catch (error) {
          return [read, (error as CorruptError).code, (error as CorruptError).position];
        }
      });
      expect(outcomes[1]).to.deep.equal(outcomes[0]).and.have.length(3);
    }
    const reader = readerOf(segment);
    for (let i = 0; i < segment.writer.sections.length; i++) reader.skip();
    expect(reader.skip()).to.equal(END_OF_SEGMENT);
  });
});
