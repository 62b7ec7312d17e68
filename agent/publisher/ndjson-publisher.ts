/**
 * Records as lines, for `jq` and for eyes, no faster than they are taken.
 *
 * Their serializer has written the lines (`lines: true`), most of them side by side: they go from where they stand, many
 * at a time.
 */
import type { EventRecord } from '../serializer/serializer.js';
import { lineRanges, type LineRange } from './line-ranges.js';
import type { LineSink } from './line-sink.js';
import type { Publisher } from './publisher.js';

export class NdjsonPublisher implements Publisher {
  readonly #sink: LineSink;
  readonly #batch: LineRange[] = [];

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  begin(): void {
    this.discard();
  }

  /** The records must last until they are committed. Throws TypeError for one without a line. */
  append(records: readonly EventRecord[]): undefined {
    for (const range of lineRanges(records)) this.#batch.push(range);
  }

  /** Resolves when the lines have been taken and more are wanted; rejects when nobody takes them any more. */
  async commit(): Promise<void> {
    for (const { bytes, start, end } of this.#batch) await this.#sink.write(bytes.subarray(start, end));
    this.discard();
  }

  discard(): void {
    this.#batch.length = 0;
  }
}
