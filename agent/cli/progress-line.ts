/** One summary line a minute, when something moved. */
import type { Happenings } from '../observe/happenings.js';
import type { AgentStatus } from '../service/agent-status.js';

const EVERY_MS = 60_000;

export class ProgressLine {
  readonly #status: AgentStatus;
  readonly #happenings: Happenings;
  #at: number | undefined;
  #position: string | null = null;
  #events = 0;

  constructor(status: AgentStatus, happenings: Happenings) {
    this.#status = status;
    this.#happenings = happenings;
  }

  /** `now`: ms of a clock that never goes back. */
  tick(now: number): void {
    this.#at ??= now;
    if (now - this.#at < EVERY_MS) return;
    const { position, events, lag } = this.#status.snapshot();
    const published = events.published - this.#events;
    const seconds = (now - this.#at) / 1000;
    this.#at = now;
    this.#events = events.published;
    // The position moves with Cassandra's own bookkeeping too.
    if (position === null || (published === 0 && position.split(':')[0] === this.#position?.split(':')[0])) return;
    this.#position = position;
    this.#happenings.report('progress', { events: published, rate: `${Math.round(published / seconds)}/s`, lag: (lag.seconds ?? 0) * 1000, behind_bytes: lag.bytes ?? 0, position });
  }
}
