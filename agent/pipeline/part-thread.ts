/** The near end of a reading thread. */
import { Worker } from 'node:worker_threads';
import type { SegmentPart } from '../source/segment-parts.js';
import type { LongMessage, PartMessage, PartThreadData, PieceMessage } from './part-messages.js';
import { SharedChunks } from './shared-chunks.js';

export class PartThread {
  /** Parts that were given to it and are not read. */
  unread = 0;
  readonly #worker: Worker;
  readonly #chunks: SharedChunks;
  readonly #messages: PartMessage[] = [];
  /** Whoever waits for a message. */
  #wakeUp: (() => void) | undefined;
  #error: Error | undefined;

  /** `onPart`: called when it has read one. */
  constructor(workerData: PartThreadData, onPart: () => void) {
    this.#chunks = new SharedChunks(workerData.memory);
    this.#worker = new Worker(new URL('part-worker.js', import.meta.url), { workerData });
    this.#worker.on('message', (message: PartMessage) => {
      this.#messages.push(message);
      if (message.kind === 'end') {
        this.unread--;
        onPart();
      }
      this.#wake();
    });
    this.#worker.on('error', (error: Error) => this.#failed(error));
    this.#worker.on('exit', (code) => this.#failed(new Error(`a reading thread ended with ${code}`)));
  }

  give(part: SegmentPart): void {
    this.unread++;
    this.#worker.postMessage(part);
  }

  /** The next message. Rejects when the thread has ended. */
  async next(): Promise<PartMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => (this.#wakeUp = resolve));
    }
  }

  /** Of such a message; they stay until it is `taken`. */
  linesOf(message: PieceMessage | LongMessage): Buffer {
    if (message.kind === 'piece') return this.#chunks.at(message.chunk).subarray(message.start, message.end);
    const { buffer, byteOffset, length } = message.lines;
    return Buffer.from(buffer, byteOffset, length);
  }

  /** The lines have been written. */
  taken(message: PieceMessage | LongMessage): void {
    if (message.kind === 'long') this.#chunks.takeLong();
    else if (message.isLast) this.#chunks.free(message.chunk);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #failed(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  #wake(): void {
    this.#wakeUp?.();
  }
}
