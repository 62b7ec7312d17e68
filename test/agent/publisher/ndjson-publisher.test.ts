import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { gapRecord } from '../../../agent/pipeline/control-events.js';
import { StreamSink } from '../../../agent/publisher/line-sink.js';
import { NdjsonPublisher } from '../../../agent/publisher/ndjson-publisher.js';
import { UNKNOWN_SOURCE, type EventRecord } from '../../../agent/serializer/serializer.js';

/** Lines in one memory, `gap` bytes before each. */
function linesOf(texts: readonly string[], gap = 0): EventRecord[] {
  const bytes = Buffer.from(texts.map((text) => '.'.repeat(gap) + text).join(''));
  let at = 0;
  return texts.map((text) => {
    const lineStart = at + gap;
    at = lineStart + Buffer.byteLength(text);
    return {
      topic: 'cdc.shop.orders', bytes, keyStart: lineStart, keyEnd: lineStart, valueStart: lineStart, valueEnd: at, lineStart, lineEnd: at,
      key: bytes.subarray(0, 0), value: bytes.subarray(lineStart, at), headers: [], partitionHint: 0, timestamp: 0,
    };
  });
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
  it('writes lines in their order, side by side in memory or not, and none that it was not given', async () => {
    const sink = new Sink(false);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    const [first, , third] = linesOf(['1\n', 'taken back\n', '2\n']);
    publisher.append([first, third, ...linesOf(['ü\n', '4\n']), ...linesOf(['5\n', '6\n'], 3)]);
    expect(sink.chunks).to.have.length(0);
    publisher.append(linesOf(['7\n']));
    await publisher.commit();
    expect(Buffer.concat(sink.chunks).toString()).to.equal('1\n2\nü\n4\n5\n6\n7\n');
  });

  it('writes lines of any length', async () => {
    const sink = new Sink(false);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    const lines = ['a\n', `${'b'.repeat(600_000)}\n`, 'c\n'];
    publisher.append(linesOf(lines));
    publisher.append(linesOf(lines));
    await publisher.commit();
    expect(Buffer.concat(sink.chunks).toString()).to.equal([...lines, ...lines].join(''));
  });

  it('refuses a record that its serializer made no line of', () => {
    const position = { segment: 1, position: 2 };
    const record = gapRecord({ reason: 'given_up', isCertain: true, from: position, to: position }, { topic: 'cdc.control', source: UNKNOWN_SOURCE, now: 0 });
    expect(() => new NdjsonPublisher(new StreamSink(new Sink(false))).append([...linesOf(['1\n']), record])).to.throw(TypeError, 'cdc.control');
  });

  it('waits while the stream does not take more', async () => {
    const sink = new Sink(true);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    let isDone = false;
    publisher.append([...linesOf(['1\n']), ...linesOf(['2\n'])]);
    const committed = publisher.commit().then(() => (isDone = true));
    await new Promise(setImmediate);
    expect([sink.chunks.length, isDone]).to.deep.equal([1, false]);
    sink.waiting[0]();
    await new Promise(setImmediate);
    expect([sink.chunks.length, isDone]).to.deep.equal([2, false]);
    sink.waiting[1]();
    await committed;
  });

  it('forgets what is discarded', async () => {
    const sink = new Sink(false);
    const publisher = new NdjsonPublisher(new StreamSink(sink));
    publisher.begin();
    publisher.append(linesOf(['1\n']));
    publisher.discard();
    await publisher.commit();
    expect(sink.chunks).to.deep.equal([]);
  });

  it('rejects when the stream breaks, now and later', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const publisher = new NdjsonPublisher(new StreamSink(stream));
    publisher.begin();
    publisher.append(linesOf(['x'.repeat(100_000)]));
    const written = publisher.commit().then(() => 'written', (error: unknown) => (error as Error).message);
    await new Promise(setImmediate);
    stream.destroy(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    expect(await written).to.equal('broken');
    publisher.begin();
    publisher.append(linesOf(['1\n']));
    expect(await publisher.commit().then(() => 'written', (error: unknown) => (error as Error).message)).to.equal('broken');
  });
});
