import { expect } from 'chai';
import { DumpReport } from '../../../agent/inspect/dump-report.js';
import { Schema } from '../../../parsers/index.js';
import { expectedUpdates, randomSegment, SEGMENT_MODES, viewOf, type ModelSegment } from '../../helpers/model-segment.js';
import { runSeed } from '../../helpers/random.js';
import { canonicalUpdate } from '../../helpers/raw-contract.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { runInspect, type InspectRun } from './harness.js';

interface Line {
  readonly k: string;
  readonly seg: string;
  readonly segId: string;
  readonly end: number;
  readonly size: number;
  readonly h: string;
  readonly id?: string;
  readonly u?: readonly { readonly id: string }[];
  readonly code?: string;
  readonly position?: number;
}

const seed = runSeed(20_261_123);

function dump(segment: ModelSegment, schema = new Schema(tablesOf(segment.schema)), file = segment.file): Promise<InspectRun> {
  const { encryption } = segment.mode;
  return runInspect({ files: { [segment.writer.fileName]: file }, report: (out) => new DumpReport(out), schema, ...(encryption === undefined ? {} : { key: encryption.key }) });
}

function linesOf(run: InspectRun): { readonly lines: readonly Line[]; readonly sum: Record<string, unknown> } {
  const parsed = run.lines.map((line) => JSON.parse(line) as Line);
  return { lines: parsed.slice(0, -1), sum: parsed.at(-1) as unknown as Record<string, unknown> };
}

describe('inspect --dump', function () {
  this.timeout(60_000);

  for (const mode of SEGMENT_MODES) {
    it(`says of a ${mode.name} segment what its writer put there (seed ${seed})`, async () => {
      const segment = randomSegment({ seed, mode, tables: 4, mutations: 60 });
      const { lines, sum } = linesOf(await dump(segment));
      expect(lines).to.have.lengthOf(segment.entries.length);
      segment.entries.forEach((entry, i) => {
        const { k, seg, segId, end, size, h, u = [] } = lines[i];
        expect({ k, seg, segId, end, size, h }).to.deep.equal({ k: 'm', seg: segment.writer.fileName, segId: String(segment.writer.options.id), end: entry.end, size: entry.size, h: entry.hash });
        expect(u.map(canonicalUpdate)).to.deep.equal(expectedUpdates(entry, viewOf(mode)).map(canonicalUpdate));
      });
      expect(sum).to.include({ k: 'sum', segments: 1, sections: segment.writer.sections.length, entries: segment.entries.length, damaged: 0 });
    });
  }

  const mode = SEGMENT_MODES[1];
  const segment = randomSegment({ seed, mode, tables: 3, mutations: 40 });

  it('prints what was decoded before the first unknown table', async () => {
    const tables = tablesOf(segment.schema);
    const missing = tables[0].id;
    const { lines, sum } = linesOf(await dump(segment, new Schema(tables.slice(1))));
    const expected = segment.entries.map(({ model }) => model.updates.findIndex(({ table }) => table.id === missing));
    expect(lines.map(({ k, id, u = [] }) => ({ k, id, before: u.length }))).to.deep.equal(
      expected.map((at, i) => (at < 0 ? { k: 'm', id: undefined, before: segment.entries[i].model.updates.length } : { k: 'u', id: missing, before: at })));
    expect(sum['unknown']).to.deep.equal({ [missing]: expected.filter((at) => at >= 0).length });
  });

  it('prints an entry whose checksum fails with its place, and the entries behind it', async () => {
    const bytes = Buffer.from(segment.file);
    const { end, size } = segment.entries[7];
    bytes[end - 5] ^= 1;
    const { lines, sum } = linesOf(await dump(segment, undefined, bytes));
    expect(lines[7]).to.include({ k: 'e', code: 'entry_crc', position: end - size - 12, end, size });
    expect(lines.filter(({ k }) => k === 'm')).to.have.lengthOf(segment.entries.length - 1);
    expect(sum).to.include({ entries: segment.entries.length - 1, damaged: 1 });
  });

  it('names an unreadable file by its own name, and goes on with the next', async () => {
    const run = await runInspect({ files: { 'CommitLog-7-3.log': Buffer.alloc(64, 7), [segment.writer.fileName]: segment.file }, report: (out) => new DumpReport(out), schema: new Schema(tablesOf(segment.schema)) });
    const { lines, sum } = linesOf(run);
    expect(lines[0]).to.include({ k: 'e', seg: 'CommitLog-7-3.log', segId: '3', code: 'descriptor_not_a_segment', position: 0, end: -1, size: -1 });
    expect(lines).to.have.lengthOf(1 + segment.entries.length);
    expect(sum).to.include({ segments: 2, damaged: 1 });
  });

  it('reports a file whose name and header disagree, and reads it all the same', async () => {
    const run = await runInspect({ files: { 'CommitLog-7-17.log': segment.file }, report: (out) => new DumpReport(out), schema: new Schema(tablesOf(segment.schema)) });
    const { lines } = linesOf(run);
    expect(lines[0]).to.include({ k: 'e', code: 'descriptor_id_mismatch', segId: '17' });
    expect(lines).to.have.lengthOf(1 + segment.entries.length);
  });
});
