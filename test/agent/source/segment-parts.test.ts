/** Promise: the parts of a directory, read one after the other, are the directory: its entries, their positions, and what is wrong with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { recordedSegments, type LogSegment } from '../../../agent/source/recorded-directory.js';
import { segmentOf, segmentParts, type SegmentPart } from '../../../agent/source/segment-parts.js';
import { MutationFrames } from '../../../parsers/index.js';
import { SEGMENT_MODES } from '../../helpers/model-segment.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { SegmentWriter } from '../../helpers/segment-writer.js';

const seed = runSeed(20_261_129);

function entriesOf({ name, sections }: LogSegment, found: string[]): void {
  const frames = new MutationFrames();
  for (const section of sections()) {
    frames.open(section);
    while (frames.next()) found.push(`${name} ${frames.position} ${frames.bytes.toString('hex', frames.start, frames.end)}`);
  }
}

/** What is found, with the error that ends it. */
function readAll(segments: () => Generator<LogSegment>): string[] {
  const found: string[] = [];
  try {
    for (const segment of segments()) entriesOf(segment, found);
  } catch (error) {
    found.push((error as Error).message);
  }
  return found;
}

describe('segment parts', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-parts-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function write(rng: Rng, mode: (typeof SEGMENT_MODES)[number], id: bigint): SegmentWriter {
    const writer = new SegmentWriter({ version: mode.version, id, ...(mode.compression === undefined ? {} : { compression: mode.compression }) });
    for (let i = rng.below(12); i >= 0; i--) {
      for (let k = rng.below(5); k >= 0; k--) writer.append(rng.bytes(rng.between(10, 300)));
      writer.sync();
    }
    if (rng.chance(0.7)) writer.close();
    writeFileSync(join(directory, writer.fileName), writer.image(rng.chance(0.5) ? { padTo: 8192 } : {}));
    return writer;
  }

  const partsOf = (bytes: number, seen: SegmentPart[] = []) => function* (): Generator<LogSegment> {
    for (const part of segmentParts(directory, bytes)) {
      seen.push(part);
      yield* segmentOf(part);
    }
  };

  for (const mode of SEGMENT_MODES.filter(({ encryption, version }) => encryption === undefined && version > 6)) {
    it(`give what the directory gives: ${mode.name}`, () => {
      const rng = new Rng(seed);
      for (let round = 0; round < 15; round++) {
        for (let id = 0n; id < 3n; id++) write(rng, mode, 100n * BigInt(round) + id);
        writeFileSync(join(directory, `CommitLog-7-${100 * round + 50}.log`), Buffer.alloc(4096));
        const bytes = rng.pick([1, 300, 1000, 1 << 20]);
        const seen: SegmentPart[] = [];
        expect(readAll(partsOf(bytes, seen)), `parts of ${bytes}`).to.deep.equal(readAll(() => recordedSegments(directory)));
        // Each segment ends once, in order; unwritten ones have no part.
        expect(seen.filter(({ isLast }) => isLast).map(({ file }) => file.name)).to.deep.equal([...recordedSegments(directory)].map(({ name }) => name));
        if (bytes === 1) expect(Math.max(...seen.map(({ sections }) => sections))).to.equal(1);
      }
    });
  }

  it('are as large as was asked, as far as sections go', () => {
    const writer = write(new Rng(seed), SEGMENT_MODES[1], 5n);
    for (const bytes of [1, 500, 2000]) {
      const parts = [...segmentParts(directory, bytes)];
      const ends = parts.slice(1).map(({ start }) => start!.fileOffset);
      for (const [i, end] of ends.entries()) {
        const begin = parts[i].start!.fileOffset;
        expect(end - begin).to.be.at.least(bytes);
        const last = writer.sections.find((section) => section.end === end)!;
        expect(last.start - begin, 'no section too many').to.be.below(bytes);
      }
    }
  });

  it('end where the directory is damaged, with the same words', () => {
    const rng = new Rng(seed);
    for (let round = 0; round < 60; round++) {
      const id = 1000n + BigInt(round);
      const writer = write(rng, rng.pick(SEGMENT_MODES.filter(({ encryption, version }) => encryption === undefined && version > 6)), id);
      write(rng, SEGMENT_MODES[1], 5000n);
      const file = writer.image();
      // Marker, header or body.
      const at = rng.pick([rng.pick(writer.sections).start + rng.below(8), rng.below(writer.header.length), rng.between(writer.header.length, file.length - 1)]);
      file[at] ^= 1 << rng.below(8);
      writeFileSync(join(directory, writer.fileName), file);
      expect(readAll(partsOf(rng.pick([1, 400, 1 << 20]))), `byte ${at} of ${writer.fileName}`).to.deep.equal(readAll(() => recordedSegments(directory)));
      rmSync(join(directory, writer.fileName));
    }
  });
});
