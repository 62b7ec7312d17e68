/**
 * Gives memory back when the agent has gone quiet: V8 collects only when something is allocated, and would keep what the
 * last busy minute left behind for as long as nothing happens.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Looks without a new event before it counts as quiet. */
const QUIET_TICKS = 4;

export class IdleMemory {
  readonly #collect: () => void;
  #events = 0;
  #quietTicks = 0;
  #isCollected = true;

  constructor(collect: () => void = garbageCollector()) {
    this.#collect = collect;
  }

  /** `events`: published since the start. Once for each time that it goes quiet. */
  tick(events: number): void {
    if (events !== this.#events) {
      this.#events = events;
      this.#quietTicks = 0;
      this.#isCollected = false;
    } else if (!this.#isCollected && ++this.#quietTicks >= QUIET_TICKS) {
      this.#isCollected = true;
      this.#collect();
    }
  }
}

/** V8's own full collection, which Node shows to nobody without this flag. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
