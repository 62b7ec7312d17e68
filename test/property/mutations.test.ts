/**
 * 100,000 random mutations over random schemas, written by the independent encoder in every version and mode, come back
 * equal through the parser. A failure names its seed: CDC_SEED=<seed> repeats it.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { Mutation, Schema } from '../../parsers/index.js';
import { collectStats } from '../helpers/encoding-stats.js';
import { expectedUpdates, randomSegment, SEGMENT_MODES, viewOf } from '../helpers/model-segment.js';
import type { ModelSegment, SegmentMode } from '../helpers/model-segment.js';
import { isEmptyUpdate } from '../helpers/model.js';
import { runSeed } from '../helpers/random.js';
import { canonicalUpdate } from '../helpers/raw-contract.js';
import { tablesOf } from '../helpers/schema-of-model.js';
import { walkSegment } from '../helpers/segment-walk.js';

const MUTATIONS = 100_000;
const PER_SEGMENT = 50;
const seed = runSeed(20_261_122);

/** Reads the segment and compares each entry, in order: place, size, bytes, content. */
function check(segment: ModelSegment): number {
  const { entries, mode } = segment;
  const view = viewOf(mode);
  const schema = new Schema(tablesOf(segment.schema));
  const mutation = new Mutation(schema);
  let frames = 0;
  let decoded = 0;
  const outcome = walkSegment(segment.file, { schema, key: mode.encryption?.key }, {
    frame({ bytes, start, end, position }) {
      const entry = entries[frames++];
      expect(position, 'end of the entry').to.equal(entry.end);
      expect(bytes.subarray(start, end).equals(entry.mutation), 'bytes of the entry').to.equal(true);
      mutation.open(bytes, start, end, { base: 0, version: mode.version });
      const [first] = entry.model.updates;
      expect(mutation.minTimestamp(), 'earliest write time').to.equal(isEmptyUpdate(first) ? Infinity : Number(collectStats(first).minTimestamp));
    },
    mutation(updates) {
      const expected = expectedUpdates(entries[decoded++], view);
      expect(updates.map(canonicalUpdate)).to.deep.equal(expected.map(canonicalUpdate));
    },
    unknown: (id) => expect.fail(`table ${id} is unknown`),
    damaged: (code, position) => expect.fail(`${code} at ${position}`),
  });
  expect(outcome).to.equal(expectedOutcome(segment));
  expect(frames, 'entries').to.equal(entries.length);
  expect(decoded, 'mutations').to.equal(entries.length);
  return decoded;
}

/** The end shows by an empty last section (compressed, encrypted) or by no room for another marker (plain). */
function expectedOutcome({ mode, writer, file }: ModelSegment): 'waiting' | 'end' {
  if (mode.compression === undefined && mode.encryption === undefined) return file.length < writer.syncedLength + 8 ? 'end' : 'waiting';
  return writer.sections[writer.sections.length - 1].entries.length === 0 ? 'end' : 'waiting';
}

const inputs = fc.record({
  seed: fc.noShrink(fc.integer()),
  tables: fc.integer({ min: 1, max: 8 }),
  mutations: fc.integer({ min: 1, max: 2 * PER_SEGMENT - 1 }),
  padding: fc.constantFrom(0, 7, 8, 4096),
  wild: fc.boolean(),
});

describe(`random mutations come back equal (seed ${seed})`, function () {
  this.timeout(300_000);
  let total = 0;
  let modes = 0;
  const share = Math.ceil(MUTATIONS / SEGMENT_MODES.length);

  SEGMENT_MODES.forEach((mode, i) => {
    it(`${mode.name}: ${share} mutations`, () => {
      total += runMode(mode, share, seed + 1000 * i);
      modes++;
    });
  });

  after(() => {
    console.log(`      ${total} mutations compared, seed ${seed}`);
    expect(total).to.be.at.least(modes === SEGMENT_MODES.length ? MUTATIONS : modes * share);
  });
});

function runMode(mode: SegmentMode, share: number, firstSeed: number): number {
  let compared = 0;
  let round = 0;
  while (compared < share) {
    fc.assert(
      fc.property(inputs, (input) => {
        compared += check(randomSegment({ ...input, mode, mutation: { wild: input.wild } }));
      }),
      { seed: firstSeed + round++, numRuns: Math.max(1, Math.ceil((share - compared) / PER_SEGMENT)), endOnFailure: false },
    );
  }
  return compared;
}
