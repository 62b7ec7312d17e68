import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { StreamSink } from '../../../agent/publisher/line-sink.js';
import { NdjsonPublisher } from '../../../agent/publisher/ndjson-publisher.js';
import type { EventRecord } from '../../../agent/serializer/serializer.js';

function record(key: string, value: string): EventRecord {
  const bytes = Buffer.from(`..${key}${value}`);
  const [keyStart, keyEnd] = [2, 2 + Buffer.byteLength(key)];
  return {
    topic: 'cdc.shop.orders', bytes, keyStart, keyEnd, valueStart: keyEnd, valueEnd: bytes.length, partitionHint: 0, timestamp: 1795360528612,
    key: bytes.subarray(keyStart, keyEnd), value: bytes.subarray(keyEnd), headers: [['cdc.id', 'ab'], ['origin', 'żółw "x"']],
  };
}

class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  readonly waiting: (() => void)[] = [];
  readonly #isSlow: boolean;

  constructor(isSlow: boolean) {
    super({ highWaterMark: 1 });
    this.#isSlow = isSlow;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    if (this.#isSlow) this.waiting.push(done);
    else done();
  }
}

describe('NDJSON publisher', () => {
  it('writes a line per event', async () => {
    const sink = new Sink(false);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    await publisher.append([record('{"k":1}', '{"op":"c"}'), record('{"k":"ü"}', '{"op":"u"}')]);
    expect(sink.chunks).to.have.length(0);
    await publisher.commit();
    const head = '{"topic":"cdc.shop.orders","key":';
    const middle = ',"headers":{"cdc.id":"ab","origin":"żółw \\"x\\""},"timestamp":1795360528612,"value":';
    expect(Buffer.concat(sink.chunks).toString()).to.equal(`${head}{"k":1}${middle}{"op":"c"}}\n${head}{"k":"ü"}${middle}{"op":"u"}}\n`);
  });

  it('waits while the stream does not take more', async () => {
    const sink = new Sink(true);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    let isDone = false;
    const appended = Promise.resolve(publisher.append([record('{}', JSON.stringify('x'.repeat(100_000)))])).then(() => (isDone = true));
    await new Promise(setImmediate);
    expect([sink.chunks.length, isDone]).to.deep.equal([1, false]);
    sink.waiting[0]();
    await appended;
  });

  it('forgets what is discarded', async () => {
    const sink = new Sink(false);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    await publisher.append([record('{"k":1}', '{}')]);
    publisher.discard();
    await publisher.commit();
    expect(sink.chunks).to.deep.equal([]);
  });

  it('rejects when the stream breaks, now and later', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const publisher = new NdjsonPublisher(new StreamSink(stream));
    publisher.begin();
    const written = Promise.resolve(publisher.append([record('{}', JSON.stringify('x'.repeat(100_000)))])).then(() => 'written', (error: unknown) => (error as Error).message);
    await new Promise(setImmediate);
    stream.destroy(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    expect(await written).to.equal('broken');
    publisher.begin();
    await publisher.append([record('{}', '{}')]);
    expect(await publisher.commit().then(() => 'written', (error: unknown) => (error as Error).message)).to.equal('broken');
  });
});
