/** A reader under measurement: a process that stays warm and answers each line with one line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Subject {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #errors = '';

  constructor(name: string, [command, ...args]: readonly string[]) {
    this.name = name;
    this.#child = spawn(command, args, { stdio: 'pipe' });
    this.#child.stderr!.on('data', (text: Buffer) => (this.#errors += text.toString()));
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** One pass; `line` says over what. */
  async pass<T>(line: string): Promise<T> {
    this.#child.stdin!.write(`${line}\n`);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`${this.name} ended:\n${this.#errors.split('\n').slice(0, 20).join('\n')}`);
    return JSON.parse(answer.value) as T;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin!.end();
    await ended;
  }
}
