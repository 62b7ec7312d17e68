/** Promise: several threads write what one writes, byte for byte but for the time of reading, and end as it ends. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { IoError } from '../../../agent/errors.js';
import { readSchemaFile } from '../../../agent/inspect/schema-file.js';
import { linePipeline } from '../../../agent/pipeline/line-pipeline.js';
import { ParallelPipeline, type ParallelStages } from '../../../agent/pipeline/parallel-pipeline.js';
import { RecordedLines } from '../../../agent/pipeline/recorded-lines.js';
import type { LineSink } from '../../../agent/publisher/line-sink.js';
import { NdjsonPublisher } from '../../../agent/publisher/ndjson-publisher.js';
import { recordedSegments } from '../../../agent/source/recorded-directory.js';
import type { CorruptError } from '../../../parsers/index.js';
import { randomSegment, SEGMENT_MODES } from '../../helpers/model-segment.js';
import { runSeed } from '../../helpers/random.js';
import { schemaRows } from '../../helpers/schema-rows.js';

const seed = runSeed(20_261_130);
const MODES = SEGMENT_MODES.filter(({ encryption, version }) => encryption === undefined && version === 7);

class Lines implements LineSink {
  text = '';
  write(lines: Buffer): undefined {
    this.text += lines.toString().replaceAll(/"ts_ms":\d+/g, '"ts_ms":0');
  }
}

interface Outcome {
  readonly text: string;
  readonly segments: readonly string[];
  readonly position: unknown;
  readonly counts: unknown;
  readonly error: unknown;
}

/** One thread: the pipeline that several are compared with. */
async function outcomeOf(options: Omit<ParallelStages, 'schema' | 'sink' | 'onSegment'>): Promise<Outcome> {
  const sink = new Lines();
  const segments: string[] = [];
  const onSegment = ({ name }: { readonly name: string }): number => segments.push(name);
  const schema = readSchemaFile(options.schemaPath);
  const pipeline = options.threads > 1
    ? new ParallelPipeline({ ...options, schema, sink, onSegment })
    : new RecordedLines(schema, new NdjsonPublisher(sink)).of({ ...options, segments: recordedSegments(options.cdcRaw), onSegment });
  const error = await pipeline.run().then(() => undefined, (caught: unknown) => {
    const { name, message, code, fix, position } = caught as CorruptError & IoError;
    return { name, message, code, fix, position };
  });
  const { mutations, events, skipped } = pipeline.tally.counts();
  return { text: sink.text, segments, position: pipeline.position, error, counts: { mutations, events: new Map(events), skipped } };
}

describe('parallel pipeline', function () {
  this.timeout(60_000);
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-parallel-')); });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Paths of the segments, of one schema. */
  function put(mutations: number, mode = MODES[0]): string[] {
    const segments = [1, 2, 3].map((number) => randomSegment({ seed, mode, tables: 4, mutations, mutationSeed: seed + number, id: BigInt(number) }));
    writeFileSync(join(directory, 'schema.json'), JSON.stringify(schemaRows(segments[0].schema)));
    return segments.map(({ writer, file }) => {
      writeFileSync(join(directory, writer.fileName), file);
      return join(directory, writer.fileName);
    });
  }
  const outcome = (threads: number, rest: Partial<ParallelStages> = {}): Promise<Outcome> => outcomeOf({ cdcRaw: directory, schemaPath: join(directory, 'schema.json'), threads, partBytes: 20_000, ...rest });

  for (const mode of MODES) {
    it(`writes the same lines: ${mode.name}`, async () => {
      put(150, mode);
      const one = await outcome(1);
      expect(one.text.length).to.be.greaterThan(200_000);
      expect(one.segments).to.have.length(3);
      for (const [threads, partBytes] of mode === MODES[0] ? [[2, 20_000], [4, 1], [2, 1 << 20]] : [[2, 20_000]]) expect(await outcome(threads, { partBytes }), `${threads} threads, parts of ${partBytes}`).to.deep.equal(one);
    });
  }

  it('ends at the first damaged place, with everything in front of it written and counted', async () => {
    const [first, second] = put(60);
    for (const at of [0.2, 0.5, 0.9]) {
      const good = readFileSync(second);
      const bad = Buffer.from(good);
      bad[Math.floor(bad.length * at)] ^= 1;
      writeFileSync(second, bad);
      const one = await outcome(1);
      expect(one.error).to.include({ name: 'CorruptError' });
      expect(one.segments).to.deep.equal([first].map((path) => path.slice(directory.length + 1)));
      expect(await outcome(3)).to.deep.equal(one);
      writeFileSync(second, good);
    }
  });

  it('says of a file that is no segment, and of none at all, what one thread says', async () => {
    const [first, second, third] = put(20);
    writeFileSync(second, 'a zip file of somebody, which is long enough');
    expect(await outcome(2)).to.deep.equal(await outcome(1)).and.have.nested.property('error.code', 'descriptor_not_a_segment');
    rmSync(second);
    mkdirSync(second);
    expect(await outcome(2)).to.deep.equal(await outcome(1)).and.have.nested.property('error.code', 'not_a_file');
    rmSync(second, { recursive: true });
    for (const path of [first, third]) rmSync(path);
    expect(await outcome(2)).to.deep.equal(await outcome(1)).and.have.nested.property('error.code', 'no_segments');
  });

  it('stops at the signal', async () => {
    put(150);
    const all = await outcome(1);
    const stop = new AbortController();
    stop.abort();
    const stopped = await outcome(2, { signal: stop.signal });
    expect(stopped.error).to.equal(undefined);
    expect(all.text.startsWith(stopped.text)).to.equal(true);
    expect(stopped.text.length).to.be.lessThan(all.text.length / 2);
  });

  it('gives up when the lines are not taken any more', async () => {
    put(100);
    const sink: LineSink = { write: () => { throw Object.assign(new Error('gone'), { code: 'EPIPE' }); } };
    const caught = await linePipeline({ cdcRaw: directory, schema: join(directory, 'schema.json'), isPacked: false, threads: 2, sink }).run().then(() => undefined, (error: unknown) => error);
    expect(caught).to.have.property('code', 'EPIPE');
  });

  it('is not for so little that one thread has read it before others have begun', () => {
    put(5);
    const options = { cdcRaw: directory, schema: join(directory, 'schema.json'), isPacked: false, sink: new Lines() };
    expect(linePipeline({ ...options, threads: undefined })).to.not.be.instanceOf(ParallelPipeline);
    expect(linePipeline({ ...options, threads: 2 })).to.be.instanceOf(ParallelPipeline);
  });
});
