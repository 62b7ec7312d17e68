import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Pipeline, type PipelineStages } from '../../../agent/pipeline/recorded-pipeline.js';
import { everyCopy } from '../../../agent/pipeline/entry-records.js';
import type { Publisher, StreamPosition } from '../../../agent/publisher/publisher.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE, type EventRecord } from '../../../agent/serializer/serializer.js';
import { recordedSegments, type LogSegment } from '../../../agent/source/recorded-directory.js';
import { CASSANDRA_JSON, CommitLogSegmentReader, CorruptError, Schema, memorySource, readDescriptor } from '../../../parsers/index.js';
import { schemaFromRows, type SystemSchemaRows } from '../../../parsers/schema/from-system-schema.js';
import { projectRoot } from '../../helpers/project-root.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { SegmentWriter } from '../../helpers/segment-writer.js';
import { column, data, inserted, int, live, mutation, row, scalar, table, update } from '../events/log.js';

const notes = table({ name: 'notes', key: [column('k', scalar('int'))], clustering: [column('c', scalar('int'))], regulars: [column('v', scalar('int'))] });
const other = { ...notes, name: 'other', id: '5be4c000-0000-1000-8000-000000000001' };
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] }));
const rows = (key: number, ...clustering: readonly number[]): Buffer =>
  mutation(update(notes, [int(key)], { items: clustering.map((c) => row([int(c)], [data(notes, 'v', [live(int(c))])], inserted)) }));

class Recorder implements Publisher {
  readonly steps: string[] = [];
  readonly keys: string[] = [];
  begin(): void { this.steps.push('begin'); }
  append(records: readonly EventRecord[]): undefined {
    this.steps.push(`append ${records.length}`);
    // Copied now: the memory is used again behind the commit.
    this.keys.push(...records.map(({ bytes, keyStart, keyEnd }) => bytes.toString('utf8', keyStart, keyEnd)));
  }
  commit({ segment, position, index }: StreamPosition): Promise<void> {
    this.steps.push(`commit ${segment}:${position}:${index}`);
    return Promise.resolve();
  }
  discard(): void { this.steps.push('discard'); }
}

function memorySegment(id: bigint, mutations: readonly Buffer[], damage?: (file: Buffer, writer: SegmentWriter) => void): LogSegment {
  const writer = new SegmentWriter({ version: 7, id });
  for (const bytes of mutations) writer.append(bytes);
  writer.close();
  const file = writer.image();
  damage?.(file, writer);
  const descriptor = readDescriptor(file);
  const sections = function* (): ReturnType<LogSegment['sections']> {
    const reader = new CommitLogSegmentReader(memorySource(file), descriptor);
    for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) yield section;
  };
  return { name: writer.fileName, descriptor, sections };
}

function pipelineOf(segments: Iterable<LogSegment>, rest: Partial<PipelineStages> = {}): { pipeline: Pipeline; recorder: Recorder } {
  const recorder = new Recorder();
  const serializer = new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE });
  return { recorder, pipeline: new Pipeline({ segments, schema: SCHEMA, ownership: everyCopy, serializer, publisher: recorder, now: () => 0, ...rest }) };
}

describe('pipeline', () => {
  it('publishes the events of all segments in order, with the position behind each batch', async () => {
    const { pipeline, recorder } = pipelineOf([memorySegment(5n, [rows(1, 1, 2), rows(2, 1)]), memorySegment(6n, [rows(3, 1)])]);
    await pipeline.run();
    expect(recorder.keys).to.deep.equal(['{"k":1,"c":1}', '{"k":1,"c":2}', '{"k":2,"c":1}', '{"k":3,"c":1}']);
    expect(recorder.steps.filter((step) => step.startsWith('append'))).to.deep.equal(['append 3', 'append 1']);
    expect(pipeline.position).to.deep.include({ segment: 6, index: 0 });
    expect(recorder.steps.at(-1)).to.equal(`commit 6:${pipeline.position?.position}:0`);
    expect([...pipeline.tally.events.values()]).to.deep.equal([{ c: 4, u: 0, d: 0, updates: 3 }]);
  });

  it('cuts batches where a mutation ends', async () => {
    const wide = Array.from({ length: 60 }, (_, c) => c);
    const { pipeline, recorder } = pipelineOf([memorySegment(5n, [rows(1, ...wide), rows(2, ...wide), rows(3, ...wide)])]);
    await pipeline.run();
    expect(recorder.steps.filter((step) => step.startsWith('append'))).to.deep.equal(['append 120', 'append 60']);
    expect(recorder.keys).to.deep.equal([1, 2, 3].flatMap((k) => wide.map((c) => `{"k":${k},"c":${c}}`)));
  });

  it('counts what is skipped, by reason', async () => {
    const unknown = mutation(update(other, [int(1)], { items: [row([int(1)], [], inserted)] }));
    const both = mutation(update(notes, [int(9)], { items: [row([int(1)], [], inserted)] }), update(other, [int(9)], { items: [row([int(1)], [], inserted)] }));
    const { pipeline, recorder } = pipelineOf([memorySegment(5n, [unknown, both, rows(1, 1)])], { ownership: (one) => (one.bytes[one.keyEnd - 1] === 1 ? 'drop' : 'publish') });
    await pipeline.run();
    // What was decoded before the unknown table is published; an entry without a known table has no owner either.
    expect(recorder.keys).to.deep.equal(['{"k":9,"c":1}']);
    expect(pipeline.tally.skipped).to.deep.equal(new Map([['unknown_table', new Map([[other.id, 2]])], ['not_owned', new Map([['', 1]])]]));
  });

  it('stops at a damaged entry, with what stands before it published and the file named', async () => {
    const damage = (file: Buffer, writer: SegmentWriter): void => void (file[writer.sections[0].entries[1].end - 6] ^= 1);
    const { pipeline, recorder } = pipelineOf([memorySegment(5n, [rows(1, 1), rows(2, 1), rows(3, 1)], damage), memorySegment(6n, [rows(4, 1)])]);
    const error = await pipeline.run().then(() => undefined, (caught: unknown) => caught);
    expect(error).to.be.instanceOf(CorruptError).with.property('code', 'entry_crc');
    expect((error as Error).message).to.match(/^CommitLog-7-5\.log: /);
    expect(recorder.keys).to.deep.equal(['{"k":1,"c":1}']);
  });

  it('publishes nothing of a mutation that does not decode, and counts nothing of it', async () => {
    const good = rows(2, 1, 2);
    // A row begins where the update ends.
    const cut = Buffer.concat([good.subarray(0, -1), Buffer.of(0)]);
    const { pipeline, recorder } = pipelineOf([memorySegment(5n, [rows(1, 1), cut])]);
    const error = await pipeline.run().then(() => undefined, (caught: unknown) => caught);
    expect(error).to.be.instanceOf(CorruptError);
    expect(recorder.keys).to.deep.equal(['{"k":1,"c":1}']);
    expect(pipeline.tally.eventCount).to.equal(1);
  });

  it('reads no further than it publishes, and stops at the signal', async () => {
    const stop = new AbortController();
    const read: number[] = [];
    const segments = function* (): Generator<LogSegment> {
      for (const id of [5, 6, 7]) {
        read.push(id);
        yield memorySegment(BigInt(id), [rows(id, 1)]);
      }
    };
    const { pipeline, recorder } = pipelineOf(segments(), { signal: stop.signal, onSegment: ({ descriptor }) => { if (descriptor.id === 6) stop.abort(); } });
    await pipeline.run();
    expect(read).to.deep.equal([5, 6, 7]);
    expect(recorder.keys.length).to.be.within(2, 3);
  });

  it('turns the recording of a real node into events', async () => {
    const directory = join(projectRoot, 'agent/embedded');
    const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as SystemSchemaRows));
    const { pipeline, recorder } = pipelineOf(recordedSegments(join(directory, 'cdc_raw'), { packed: true }), { schema });
    await pipeline.run();
    expect(recorder.keys).to.include('{"sku":"tea-001"}');
    const byTable = new Map([...pipeline.tally.events].map(([{ name }, counts]) => [name, counts]));
    // The statements of the shop: three INSERTs, three UPDATEs.
    expect(byTable.get('products')).to.deep.equal({ c: 3, u: 3, d: 0, updates: 6 });
    expect(byTable.get('readings')).to.include({ c: 10, u: 0, d: 2 });
    expect(pipeline.tally.skipped.get('not_cdc')).to.deep.equal(new Map([['shop.audit', 1]]));
  });
});
