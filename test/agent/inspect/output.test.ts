import { expect } from 'chai';
import { Writable } from 'node:stream';
import { Output } from '../../../agent/inspect/output.js';

/** Takes one piece and then nothing until it is told. */
class SlowSink extends Writable {
  readonly taken: string[] = [];
  #done: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.taken.push(chunk.toString());
    this.#done = done;
  }

  release(): void {
    this.#done?.();
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inspect: output', () => {
  it('waits until the reader has taken a piece', async () => {
    const sink = new SlowSink();
    const out = new Output(sink);
    out.line('one');
    let isDrained = false;
    const draining = out.drain().then(() => (isDrained = true));
    await soon();
    expect([isDrained, sink.taken]).to.deep.equal([false, ['one\n']]);
    sink.release();
    await draining;
    expect(isDrained).to.equal(true);
  });

  it('is full after some tens of kilobytes, so that memory stays small', () => {
    const out = new Output(new SlowSink());
    out.write('x'.repeat(60_000));
    expect(out.isFull).to.equal(false);
    out.write('x'.repeat(10_000));
    expect(out.isFull).to.equal(true);
  });

  it('does not wait for a reader that went away', async () => {
    const sink = new SlowSink();
    const out = new Output(sink);
    out.line('one');
    const draining = out.drain();
    sink.destroy();
    await draining;
    out.line('two');
    await out.drain();
    expect(sink.taken).to.deep.equal(['one\n']);
  });
});
