/**
 * A segment that is being written: its bytes become visible piece by piece, a marker before its data, a file longer than
 * what is in it. Whatever is read on the way is the beginning of what was written, and in the end it is all there.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { CommitLogSegmentReader, CorruptError, MutationFrames, readDescriptor } from '../../parsers/index.js';
import type { SegmentSource } from '../../parsers/index.js';
import { randomSegment, SEGMENT_MODES } from '../helpers/model-segment.js';
import type { ModelSegment, SegmentMode } from '../helpers/model-segment.js';
import { Rng, runSeed } from '../helpers/random.js';

const seed = runSeed(20_261_122);

interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** How the length of the file follows what is written to it. */
type Growth = 'preallocated' | 'appended' | 'blocks of 512';

/** What a reader sees so far. */
class GrowingFile implements SegmentSource {
  readonly #bytes: Buffer;
  readonly #growth: Growth;
  #size: number;

  constructor(length: number, growth: Growth) {
    this.#bytes = Buffer.alloc(Math.ceil(length / 512) * 512);
    this.#growth = growth;
    this.#size = growth === 'preallocated' ? length : 0;
  }

  write({ offset, bytes }: Piece): void {
    bytes.copy(this.#bytes, offset);
    if (this.#growth === 'preallocated') return;
    const end = offset + bytes.length;
    this.#size = Math.max(this.#size, this.#growth === 'appended' ? end : Math.ceil(end / 512) * 512);
  }

  size(): number {
    return this.#size;
  }

  read(position: number, length: number): Buffer {
    expect(position >= 0 && length >= 0 && position + length <= this.#size, `a read of ${length} bytes at ${position} of ${this.#size}`).to.equal(true);
    return Buffer.from(this.#bytes.subarray(position, position + length));
  }
}

/** A section's bytes as pieces in a random order: entries are torn, and the marker comes at any time. */
function piecesOf(rng: Rng, file: Buffer, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  const cut = (from: number, to: number): void => {
    for (let at = from; at < to;) {
      const next = Math.min(to, at + rng.pick([1, 3, 4, 16, 100, 4096]));
      pieces.push({ offset: at, bytes: file.subarray(at, next) });
      at = next;
    }
  };
  cut(start + 8, end);
  const marker = rng.chance(0.5)
    ? [{ offset: start, bytes: file.subarray(start, start + 8) }]
    : [{ offset: start, bytes: file.subarray(start, start + 4) }, { offset: start + 4, bytes: file.subarray(start + 4, start + 8) }];
  const at = rng.chance(0.5) ? pieces.length : rng.below(pieces.length + 1);
  pieces.splice(at, 0, ...marker);
  for (let i = pieces.length - 1; i > 0; i--) {
    if (rng.chance(0.1)) [pieces[i - 1], pieces[i]] = [pieces[i], pieces[i - 1]];
  }
  return pieces;
}

/**
 * Follows the file as a tailer must: a section counts when all of it holds, otherwise the reader goes back and asks again.
 */
class Follower {
  /** Never goes back: for the control. */
  isCareless = false;
  readonly entries: Buffer[] = [];
  readonly positions: number[] = [];
  readonly outcomes = new Set<string>();
  readonly #reader: CommitLogSegmentReader;
  readonly #frames = new MutationFrames();

  constructor(source: SegmentSource, segment: ModelSegment) {
    this.#reader = new CommitLogSegmentReader(source, readDescriptor(segment.file), { key: segment.mode.encryption?.key });
  }

  /** Reads what is there; `corrupt` here means: not all there yet, if the file is still written to. */
  follow(): 'waiting' | 'end' | 'corrupt' {
    const reader = this.#reader;
    for (;;) {
      const { fileOffset, position } = reader;
      try {
        const section = reader.next();
        if (typeof section === 'string') return this.#said(section);
        const found: [Buffer, number][] = [];
        this.#frames.open(section);
        while (this.#frames.next()) {
          const { bytes, start, end } = this.#frames;
          found.push([Buffer.from(bytes.subarray(start, end)), this.#frames.position]);
        }
        for (const [mutation, place] of found) {
          this.entries.push(mutation);
          this.positions.push(place);
        }
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error;
        if (!this.isCareless) {
          reader.fileOffset = fileOffset;
          reader.position = position;
        }
        return this.#said('corrupt');
      }
    }
  }

  #said<T extends string>(outcome: T): T {
    this.outcomes.add(outcome);
    return outcome;
  }
}

interface Input {
  readonly seed: number;
  readonly mutations: number;
  readonly order: number;
}

function isPlain(mode: SegmentMode): boolean {
  return mode.compression === undefined && mode.encryption === undefined;
}

function grow(mode: SegmentMode, growth: Growth, input: Input, isCareless = false): Set<string> {
  const segment = randomSegment({ seed: input.seed, mode, tables: 3, mutations: input.mutations, mutation: { items: 3 }, padding: growth === 'preallocated' ? 700 : 0 });
  const rng = new Rng(input.order);
  const { file, entries, writer } = segment;
  const growing = new GrowingFile(file.length, growth);
  growing.write({ offset: 0, bytes: writer.header });
  const follower = new Follower(growing, segment);
  follower.isCareless = isCareless;
  const check = (isLast: boolean): void => {
    const outcome = follower.follow();
    expect(follower.entries.length).to.be.at.most(entries.length);
    const last = follower.entries.length - 1;
    for (let i = Math.max(0, last - 3); i <= last; i++) {
      expect(follower.entries[i].equals(entries[i].mutation), `entry ${i}`).to.equal(true);
      expect(follower.positions[i], `position of entry ${i}`).to.equal(entries[i].end);
    }
    // A plain file that grows has room for the next marker only when it is written: its end says nothing.
    if (outcome === 'end' && !isLast && !(isPlain(mode) && growth !== 'preallocated')) expect(follower.entries.length, 'entries at the end').to.equal(entries.length);
    if (isLast) expect(outcome).to.be.oneOf(['waiting', 'end']);
  };
  for (const section of writer.sections) {
    for (const piece of piecesOf(rng, file, section.start, section.end)) {
      growing.write(piece);
      if (rng.chance(0.5)) check(false);
    }
  }
  check(true);
  expect(follower.entries.length, 'entries in the end').to.equal(entries.length);
  follower.entries.forEach((mutation, i) => expect(mutation.equals(entries[i].mutation), `entry ${i}`).to.equal(true));
  expect(follower.positions).to.deep.equal(entries.map((entry) => entry.end));
  return follower.outcomes;
}

describe(`a growing segment is read without inventing and to its end (seed ${seed})`, function () {
  this.timeout(120_000);

  for (const mode of SEGMENT_MODES) {
    const growths: readonly Growth[] = isPlain(mode) ? ['preallocated', 'blocks of 512', 'appended'] : ['appended'];
    for (const growth of growths) {
      it(`${mode.name}, ${growth}`, () => {
        const outcomes = new Set<string>();
        const inputs = fc.record({ seed: fc.noShrink(fc.integer()), order: fc.noShrink(fc.integer()), mutations: fc.integer({ min: 1, max: 25 }) });
        fc.assert(fc.property(inputs, (input) => grow(mode, growth, input).forEach((outcome) => outcomes.add(outcome))), { seed, numRuns: 40 });
        expect([...outcomes]).to.include.members(['waiting', 'corrupt']);
      });
    }
  }

  it('notices a follower that does not go back (control)', () => {
    let failures = 0;
    for (let order = 0; order < 20; order++) {
      try {
        grow(SEGMENT_MODES[1], 'preallocated', { seed: 1, order, mutations: 20 }, true);
      } catch {
        failures++;
      }
    }
    expect(failures).to.be.at.least(5);
  });
});
