/** A value that prints as stars wherever it goes: text, JSON, logs, the debugger's inspect. */
import { inspect } from 'node:util';

const STARS = '***';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself: only for the call that hands it to a server. */
  reveal(): string {
    return this.#value;
  }

  /** Private fields are invisible to deep comparison: a changed password would look the same. */
  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return STARS;
  }

  toJSON(): string {
    return STARS;
  }

  [Symbol.toPrimitive](): string {
    return STARS;
  }

  [inspect.custom](): string {
    return STARS;
  }
}
