/** Text to a stream, in large pieces, waiting when the reader on the other side does. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';

const PIECE = 65_536;

export class Output {
  readonly #stream: Writable;
  #text = '';

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Time to `drain()`. */
  get isFull(): boolean {
    return this.#text.length >= PIECE;
  }

  write(text: string): void {
    this.#text += text;
  }

  line(text: string): void {
    this.#text += `${text}\n`;
  }

  /** Writes what was gathered; resolves when the stream takes more. */
  async drain(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text === '' || this.#stream.destroyed || this.#stream.write(text)) return;
    // A stream that breaks never drains.
    const broken = new AbortController();
    const stop = (): void => broken.abort();
    this.#stream.once('close', stop);
    try {
      await once(this.#stream, 'drain', { signal: broken.signal });
    } catch (error) {
      if (!broken.signal.aborted) throw error;
    } finally {
      this.#stream.off('close', stop);
    }
  }
}
