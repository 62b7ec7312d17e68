/** Where lines go. */
import type { Writable } from 'node:stream';

export interface LineSink {
  /**
   * Takes whole lines. Once it has, which a promise tells, they may be overwritten and there may be more. Throws, or
   * rejects, when nobody takes them any more.
   */
  write(lines: Buffer): Promise<void> | undefined;
}

/** No faster than the stream takes them. */
export class StreamSink implements LineSink {
  readonly #stream: Writable;
  /** Of the write in hand. */
  #fail: (error: Error) => void = () => undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A stream that breaks does not always tell the write in hand.
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(new Error('the stream was closed')));
  }

  write(lines: Buffer): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      // Why it broke is what the first write is told, not the later ones.
      if (stream.errored !== null) reject(stream.errored);
      else stream.write(lines, (error) => (error == null ? resolve() : reject(stream.errored ?? error)));
    });
  }
}
