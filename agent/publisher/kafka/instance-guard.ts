/**
 * Two agents with one transactional id fence each other for ever; nothing is lost or doubled, as each reads the position
 * again, but neither is at peace. Fencing alone proves nothing (an expired transaction looks the same): proof is a
 * position that somebody else wrote since, and goes on writing. An idle twin writes little: three takeovers are proof too.
 */
import { AnotherAgentError } from './faults.js';
import type { StoredPosition } from './port.js';
import { sleep } from './sleep.js';

const WATCH_MS = 3000;
const WATCH_STEP_MS = 200;
const TAKEOVERS = 3;

export interface InstanceGuardOptions {
  readonly instance: string;
  readonly transactionalId: string;
  readonly watchMs?: number;
}

export class InstanceGuard {
  readonly #options: InstanceGuardOptions;
  /** The last position that is no surprise; undefined before the first one was read. */
  #known: StoredPosition | null | undefined;
  #takeovers = 0;

  constructor(options: InstanceGuardOptions) {
    this.#options = options;
  }

  /** After our own commit. */
  committed(position: StoredPosition): void {
    this.#known = position;
  }

  /** Takes the position that was just read; returns the one to go on from. Rejects with AnotherAgentError. */
  async judge(read: StoredPosition | null, readAgain: () => Promise<StoredPosition | null>): Promise<StoredPosition | null> {
    if (!this.#isForeign(read)) {
      this.#known = read;
      return read;
    }
    this.#takeovers++;
    const { transactionalId, watchMs = WATCH_MS } = this.#options;
    const deadline = Date.now() + watchMs;
    for (;;) {
      if (this.#takeovers >= TAKEOVERS) throw new AnotherAgentError(transactionalId, read.instance);
      await sleep(Math.min(WATCH_STEP_MS, watchMs));
      const now = await readAgain();
      if (now !== null && now.instance !== this.#options.instance && !same(now, read)) throw new AnotherAgentError(transactionalId, now.instance);
      if (Date.now() >= deadline) {
        this.#known = now;
        return now;
      }
    }
  }

  #isForeign(read: StoredPosition | null): read is StoredPosition {
    if (this.#known === undefined || read === null || read.instance === this.#options.instance) return false;
    return this.#known === null || !same(read, this.#known);
  }
}

function same(a: StoredPosition, b: StoredPosition): boolean {
  return a.instance === b.instance && a.events === b.events && a.segment === b.segment && a.position === b.position && a.index === b.index;
}
