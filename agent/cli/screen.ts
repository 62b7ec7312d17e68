/**
 * A text that is drawn again and again: in place on a terminal (its alternate screen, so that what was there before comes
 * back), one behind the other elsewhere. Left with q, Ctrl-C, or the signal.
 */
import type { Readable, Writable } from 'node:stream';
import { CLEAR_LINE, isTerminal } from '../observe/terminal.js';
import type { CliIo } from './io.js';

/** What is used of process.stdin and process.stdout when they are terminals. */
export interface TerminalInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly columns?: number;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_REST = '\u001b[J';
const CTRL_C = '\u0003';

export class Screen {
  readonly #input: TerminalInput | undefined;
  readonly #output: TerminalOutput;
  readonly #leave = new AbortController();
  readonly #isTerminal: boolean;
  readonly #signal: AbortSignal;
  #hasDrawn = false;

  /** `isPlain`: one behind the other, also on a terminal. */
  constructor({ stdin, stdout, signal }: CliIo, { isPlain = false }: { readonly isPlain?: boolean } = {}) {
    this.#input = stdin;
    this.#output = stdout;
    this.#isTerminal = isTerminal(this.#output) && !isPlain;
    this.#signal = signal;
  }

  /** Ends when the user leaves. */
  get isLeft(): AbortSignal {
    return this.#leave.signal;
  }

  open(): void {
    if (this.#signal.aborted) this.#leave.abort();
    this.#signal.addEventListener('abort', this.#onSignal);
    if (!this.#isTerminal) return;
    this.#output.write(ENTER);
    if (this.#input?.isTTY !== true) return;
    // Raw: q comes without Enter; then Ctrl-C is a key too.
    this.#input.setRawMode?.(true);
    this.#input.on('data', this.#onKey).resume();
  }

  draw(text: string): void {
    if (this.#isTerminal) this.#output.write(`${HOME}${this.#fitted(text).map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_REST}`);
    else this.#output.write(`${this.#hasDrawn && text.trimEnd().includes('\n') ? '\n' : ''}${text}`);
    this.#hasDrawn = true;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onSignal);
    if (!this.#isTerminal) return;
    if (this.#input?.isTTY === true) {
      this.#input.off('data', this.#onKey).pause();
      this.#input.setRawMode?.(false);
    }
    this.#output.write(LEAVE);
  }

  readonly #onSignal = (): void => this.#leave.abort();

  readonly #onKey = (keys: Buffer | string): void => {
    const text = keys.toString();
    if (text.includes('q') || text.includes(CTRL_C)) this.#leave.abort();
  };

  /** What does not fit is cut: a line that wraps would push the rest down. */
  #fitted(text: string): string[] {
    const { rows, columns } = this.#output;
    const lines = [...text.trimEnd().split('\n'), '', 'q or Ctrl-C ends'];
    // A terminal that does not know its size says 0.
    return lines.slice(0, rows || 24).map((line) => line.slice(0, columns || 80));
  }
}
