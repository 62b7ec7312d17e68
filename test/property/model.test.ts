/** What the property tests rest on: the generators make every shape, and the comparison can fail. */
import { expect } from 'chai';
import { Schema } from '../../parsers/index.js';
import type { MutationModel, RowModel, UpdateModel } from '../helpers/model.js';
import { isEmptyUpdate } from '../helpers/model.js';
import { expectedUpdates, randomSegment, SEGMENT_MODES, viewOf } from '../helpers/model-segment.js';
import { canonicalUpdate } from '../helpers/raw-contract.js';
import { tablesOf } from '../helpers/schema-of-model.js';
import { walkSegment } from '../helpers/segment-walk.js';
import { encodeEntry, SegmentWriter } from '../helpers/segment-writer.js';

const V8 = SEGMENT_MODES[2];

/** What a mutation has of the things that the format treats differently. */
function features(mutation: MutationModel): string[] {
  return [mutation.updates.length > 1 ? 'several updates' : 'one update', ...mutation.updates.flatMap(updateFeatures)];
}

function updateFeatures(update: UpdateModel): string[] {
  const found: string[] = [];
  const note = (condition: boolean, name: string): void => {
    if (condition) found.push(name);
  };
  note(isEmptyUpdate(update), 'empty update');
  note(update.deletion !== null, 'partition deletion');
  note(update.staticRow !== null, 'static row');
  note(update.staticColumns.length >= 64 && update.staticRow !== null, '64 static columns');
  note(update.table.clustering.length > 32, 'clustering over 32');
  note(update.table.clustering.some((column) => column.reversed), 'reversed clustering');
  note(update.table.isCounter, 'counter');
  note(update.stats !== undefined, 'foreign stats');
  for (const item of update.items) {
    if (item.item === 'marker') {
      found.push(item.kind);
      note(item.values.length === 0, 'range to the end');
      note(item.values.length > 0 && item.values.length < update.table.clustering.length, 'range by prefix');
    } else found.push(...rowFeatures(item, update));
  }
  return found;
}

function rowFeatures(row: RowModel, update: UpdateModel): string[] {
  const found: string[] = [];
  const note = (condition: boolean, name: string): void => {
    if (condition) found.push(name);
  };
  const header = update.regularColumns.length;
  const share = row.columns.length / header;
  note(row.clustering.includes(null), 'null clustering');
  note(row.clustering.some((value) => value?.length === 0), 'empty clustering');
  note(row.liveness !== null && row.liveness.ttl !== 0, 'expiring row');
  note(row.liveness !== null && row.columns.length === 0, 'key-only row');
  note(row.deletion !== null, 'row deletion');
  note(row.isShadowable, 'shadowable deletion');
  note(header > 0 && header < 64 && share > 0 && share < 1, 'bitmap subset');
  note(header >= 64 && share > 0 && share < 0.5, 'few of 64 columns');
  note(header >= 64 && share >= 0.5 && share < 1, 'most of 64 columns');
  note(header >= 64 && share === 1, 'all of 64 columns');
  const deleted = row.columns.filter((data) => data.deletion !== null).length;
  note(deleted > 0 && deleted < row.columns.filter((data) => data.column.type.multiCell !== undefined).length, 'complex column without deletion beside one with');
  for (const data of row.columns) {
    const type = data.column.type;
    note(data.deletion !== null && data.cells.length === 0, 'complex deletion alone');
    if (type.multiCell !== undefined) found.push(`multi-cell ${type.multiCell.kind}`);
    for (const cell of data.cells) {
      found.push(`${cell.kind} cell`);
      note(cell.value.length === 0 && cell.kind === 'live', 'empty value');
      note(cell.value.length > 0 && type.fixedLength >= 0, 'fixed-length value');
      note(cell.timestamp < 0n, 'negative timestamp');
      note(cell.value.length > 4096, 'long value');
      note(cell.localDeletionTime > 2_147_483_647, 'deletion past 2038');
      note(data.column.droppedTime !== null && cell.timestamp <= data.column.droppedTime, 'cell of a dropped column');
      note(data.column.droppedTime !== null && cell.timestamp > data.column.droppedTime, 'cell after the drop');
    }
  }
  return found;
}

const EXPECTED = [
  'one update', 'several updates', 'empty update', 'partition deletion', 'static row', '64 static columns', 'clustering over 32',
  'reversed clustering', 'counter', 'foreign stats', 'EXCL_END_BOUND', 'INCL_START_BOUND', 'EXCL_END_INCL_START_BOUNDARY',
  'INCL_END_EXCL_START_BOUNDARY', 'INCL_END_BOUND', 'EXCL_START_BOUND', 'range to the end', 'range by prefix', 'null clustering',
  'empty clustering', 'expiring row', 'key-only row', 'row deletion', 'shadowable deletion', 'bitmap subset', 'few of 64 columns',
  'most of 64 columns', 'all of 64 columns', 'complex column without deletion beside one with', 'complex deletion alone',
  'multi-cell list', 'multi-cell set', 'multi-cell map', 'multi-cell udt', 'live cell', 'expiring cell', 'tombstone cell',
  'empty value', 'fixed-length value', 'negative timestamp', 'long value', 'deletion past 2038', 'cell of a dropped column',
  'cell after the drop',
];

describe('the random model', function () {
  this.timeout(60_000);

  it('makes every shape of the format', () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 60; seed++) {
      const segment = randomSegment({ seed, mode: V8, tables: 8, mutations: 50 });
      for (const { model } of segment.entries) for (const feature of features(model)) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    }
    expect(EXPECTED.filter((feature) => (seen.get(feature) ?? 0) < 5), 'shapes made less than five times in 3,000 mutations').to.deep.equal([]);
  });

  it('is the same for the same seed and another for another', () => {
    const make = (seed: number): Buffer => randomSegment({ seed, mode: V8, tables: 4, mutations: 30 }).file;
    expect(make(7).equals(make(7))).to.equal(true);
    expect(make(7).equals(make(8))).to.equal(false);
  });

  it('differs from what is read when one byte of a mutation differs (control)', () => {
    const segment = randomSegment({ seed: 3, mode: V8, tables: 4, mutations: 200 });
    const schema = new Schema(tablesOf(segment.schema));
    let differences = 0;
    for (const [i, entry] of segment.entries.entries()) {
      const bytes = Buffer.from(entry.mutation);
      bytes[(i * 7919) % bytes.length] ^= 1 << (i % 8);
      const writer = new SegmentWriter(segment.writer.options);
      writer.append(bytes);
      writer.close();
      const expected = expectedUpdates(entry, viewOf(V8)).map(canonicalUpdate);
      let got: string[] = [];
      walkSegment(writer.image(), { schema }, { mutation: (updates) => (got = updates.map(canonicalUpdate)) });
      if (JSON.stringify(got) !== JSON.stringify(expected)) differences++;
    }
    // The number of rows stands in the bytes but in no row: a changed estimate changes nothing.
    expect(differences).to.be.within(190, 200);
  });

  it('holds entries whose checksum covers every bit', () => {
    const entry = encodeEntry(Buffer.from('0123456789abcdef'));
    const sound = new SegmentWriter({ version: 7, id: 1n });
    sound.append(Buffer.from('0123456789abcdef'));
    sound.close();
    const file = sound.image();
    for (let bit = 0; bit < 8 * entry.length; bit++) {
      const damaged = Buffer.from(file);
      damaged[file.length - entry.length + (bit >> 3)] ^= 1 << (bit & 7);
      let frames = 0;
      let reports = 0;
      walkSegment(damaged, { schema: new Schema(), depth: 'frames' }, { frame: () => frames++, damaged: () => reports++ });
      expect([frames, reports], `bit ${bit}`).to.deep.equal([0, 1]);
    }
  });
});
