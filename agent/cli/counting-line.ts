/** How far a long verb is: one line on standard error, drawn over itself, and nothing where no person watches. */
import { CLEAR_LINE, isTerminal } from '../observe/terminal.js';
import type { CliIo } from './io.js';

const BACK = `\r${CLEAR_LINE}`;
const WIDTH = 79;

export class CountingLine {
  readonly #stream: CliIo['stderr'];
  readonly #isShown: boolean;

  /** `sharesTerminal`: what the verb itself prints goes to the terminal too, and shows how far it is. */
  constructor({ stderr, stdout }: Pick<CliIo, 'stderr' | 'stdout'>, { sharesTerminal }: { readonly sharesTerminal: boolean }) {
    this.#stream = stderr;
    this.#isShown = isTerminal(stderr) && !(sharesTerminal && isTerminal(stdout));
  }

  show(text: string): void {
    if (this.#isShown) this.#stream.write(`${BACK}${text.slice(0, WIDTH)}`);
  }

  clear(): void {
    if (this.#isShown) this.#stream.write(BACK);
  }
}
