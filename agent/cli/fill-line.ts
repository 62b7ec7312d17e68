/** Warns while cdc_raw is about to fill: a full one makes Cassandra refuse writes to CDC tables, or delete what is unread. */
import type { Happenings } from '../observe/happenings.js';
import type { AgentStatus } from '../service/agent-status.js';

const MINUTE_MS = 60_000;
/** It is said from here on, and over again from there: a forecast moves. */
const WARN_MINUTES = 60;
const OVER_MINUTES = 90;

export class FillLine {
  readonly #status: Pick<AgentStatus, 'snapshot'>;
  readonly #happenings: Pick<Happenings, 'report' | 'over'>;

  constructor(status: Pick<AgentStatus, 'snapshot'>, happenings: Pick<Happenings, 'report' | 'over'>) {
    this.#status = status;
    this.#happenings = happenings;
  }

  tick(): void {
    const { cdc_raw: raw } = this.#status.snapshot();
    const minutes = raw?.minutes_until_full ?? null;
    if (raw === null || minutes === null || minutes > OVER_MINUTES) this.#happenings.over('cdc_raw filling');
    else if (minutes <= WARN_MINUTES) this.#happenings.report('cdc_raw filling', { used: raw.bytes, limit: raw.limit_bytes ?? 0, full_in: minutes * MINUTE_MS });
  }
}
