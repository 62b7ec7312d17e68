/** The near end of a reading thread. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { SegmentPart } from '../source/segment-parts.js';
import type { PartMessage, PartThreadData } from './part-messages.js';

export class PartThread {
  /** Parts that were given to it and are not read. */
  unread = 0;
  readonly #worker: Worker;
  readonly #pieces = new Int32Array(new SharedArrayBuffer(4));
  readonly #taken: MessagePort;
  readonly #messages: PartMessage[] = [];
  /** Whoever waits for a message. */
  #wakeUp: (() => void) | undefined;
  #error: Error | undefined;

  /** `onPart`: called when it has read one. */
  constructor(data: Pick<PartThreadData, 'schema' | 'mostPieces'>, onPart: () => void) {
    const { port1, port2: taken } = new MessageChannel();
    this.#taken = port1;
    const workerData: PartThreadData = { ...data, pieces: this.#pieces, taken };
    this.#worker = new Worker(new URL('part-worker.js', import.meta.url), { workerData, transferList: [taken] });
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

  /** A piece has been written: there is room for another, and this is it. */
  taken(buffer: ArrayBuffer): void {
    this.#taken.postMessage(buffer, [buffer]);
    Atomics.sub(this.#pieces, 0, 1);
    Atomics.notify(this.#pieces, 0);
  }

  async end(): Promise<void> {
    this.#taken.close();
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
