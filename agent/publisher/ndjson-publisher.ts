/**
 * Records as lines, for `jq` and for eyes, written in big pieces and no faster than they are taken.
 *
 * Their serializer has written the lines (`lines: true`), most of them side by side: they are copied many at a time.
 */
import type { EventRecord } from '../serializer/serializer.js';
import type { LineSink } from './line-sink.js';
import type { Publisher } from './publisher.js';

const SIZE = 128 * 1024;
const WRITE_FROM = 64 * 1024;

export class NdjsonPublisher implements Publisher {
  readonly #sink: LineSink;
  #lines: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(SIZE);
  #length = 0;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  begin(): void {
    this.#length = 0;
  }

  /** Throws TypeError for a record without a line. */
  append(records: readonly EventRecord[]): Promise<void> | undefined {
    let next = 0;
    while (next < records.length) {
      const { topic, bytes, lineStart, lineEnd } = records[next];
      if (lineStart === undefined || lineEnd === undefined) throw new TypeError(`a record of ${topic} is no line`);
      let end = lineEnd;
      for (next++; next < records.length && records[next].bytes === bytes && records[next].lineStart === end; next++) end = records[next].lineEnd ?? end;
      this.#copy(bytes, lineStart, end);
    }
    return this.#length < WRITE_FROM ? undefined : this.#flush();
  }

  async commit(): Promise<void> {
    await this.#flush();
  }

  discard(): void {
    this.#length = 0;
  }

  #copy(source: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#lines.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#lines.length * 2, length));
      this.#lines.copy(larger, 0, 0, this.#length);
      this.#lines = larger;
    }
    source.copy(this.#lines, this.#length, start, end);
    this.#length = length;
  }

  /** Resolves when the lines have been taken and more are wanted; rejects when nobody takes them any more. */
  async #flush(): Promise<void> {
    if (this.#length === 0) return;
    const lines = this.#lines.subarray(0, this.#length);
    this.#length = 0;
    this.#lines = await this.#sink.write(lines);
  }
}
