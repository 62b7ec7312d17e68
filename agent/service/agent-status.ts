/** Keeps what the parts of the agent tell about it, and makes the snapshot (AgentState) of that when somebody asks. */
import {
  isReady, STATE_VERSION, type AgentState, type CdcRawState, type CommitLogState, type LagState, type LastError, type LastGap, type OwnershipState, type Phase,
  type SegmentsState, type SpoolState,
} from '../observe/agent-state.js';
import { FillForecast } from './fill-forecast.js';
import { RateMeter } from './rate-meter.js';

export interface StatusClocks {
  /** Wall clock, ms since 1970. */
  readonly wall: () => number;
  /** Ms; never goes back. */
  readonly monotonic: () => number;
}

export interface StatusOptions extends StatusClocks {
  /** Of the agent. */
  readonly version: string;
}

/** What becomes known once, and may be told again. */
export interface KnownFacts {
  readonly cluster: string;
  readonly datacenter: string;
  readonly host_id: string;
  readonly cassandra_version: string;
  readonly transactional_id: string;
  readonly commit_log: CommitLogState;
  readonly ownership: OwnershipState;
}

/** What changes all the time: asked for with each snapshot, from memory, cheaply. */
export interface LiveFacts {
  readonly position: string | null;
  readonly read_position: string | null;
  readonly lag: LagState;
  readonly segments: SegmentsState;
  /** By reason: of a Tally. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly repeats: number;
  readonly late: number;
  readonly cdc_raw: Omit<CdcRawState, 'minutes_until_full'> | null;
  readonly spool: SpoolState | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
}

const NOTHING_YET: LiveFacts = { position: null, read_position: null, lag: { bytes: null, seconds: null }, segments: { unread: 0, read: 0, quarantined: 0, refused: 0, bytes_read: 0 }, skipped: {}, repeats: 0, late: 0, cdc_raw: null, spool: null };
const MS_PER_SECOND = 1000;

export class AgentStatus {
  /** Put in by the pipeline when it has something to tell. */
  live: () => LiveFacts = () => NOTHING_YET;
  readonly #options: StatusOptions;
  readonly #startedAt: number;
  readonly #startedMonotonic: number;
  readonly #rate: RateMeter;
  readonly #cdcRaw = new FillForecast();
  #phase: { readonly name: Phase; readonly reason: string | null; readonly since: number };
  #known: Partial<KnownFacts> = {};
  #lastError: LastError | null = null;
  #published = 0;
  #committed = 0;
  #failed = 0;
  #lastDuration: number | null = null;
  #gaps: { count: number; last: LastGap | null } = { count: 0, last: null };

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#startedAt = options.wall();
    this.#startedMonotonic = options.monotonic();
    this.#rate = new RateMeter(this.#startedMonotonic);
    this.#phase = { name: 'starting', reason: null, since: this.#startedAt };
  }

  get phase(): Phase {
    return this.#phase.name;
  }

  /** `reason`: in words, what it waits for. The time of the change stays while only the reason changes. */
  enter(name: Phase, reason: string | null = null): void {
    if (name === this.#phase.name && reason === this.#phase.reason) return;
    this.#phase = { name, reason, since: name === this.#phase.name ? this.#phase.since : this.#options.wall() };
  }

  know(facts: Partial<KnownFacts>): void {
    this.#known = { ...this.#known, ...facts };
  }

  /** A transaction is in Kafka. */
  committed({ events, ms }: { readonly events: number; readonly ms: number }): void {
    this.#committed++;
    this.#published += events;
    this.#lastDuration = ms / MS_PER_SECOND;
    if (events > 0) this.#rate.add(events, this.#options.monotonic());
  }

  /** A transaction was given up; what it held is published by another. */
  transactionFailed(): void {
    this.#failed++;
  }

  gap(gap: Omit<LastGap, 'time'>): void {
    this.#gaps = { count: this.#gaps.count + 1, last: { time: iso(this.#options.wall()), ...gap } };
  }

  error({ code, message, fix }: Failure): void {
    this.#lastError = { time: iso(this.#options.wall()), code, message, fix: fix ?? null, over: false };
  }

  /** What failed works again. The error stays to be seen. */
  errorOver(): void {
    if (this.#lastError !== null) this.#lastError = { ...this.#lastError, over: true };
  }

  /** Every few seconds: notes how full cdc_raw is. */
  tick(): void {
    const { cdc_raw: raw } = this.live();
    if (raw !== null) this.#cdcRaw.sample(this.#options.monotonic(), raw.bytes);
  }

  snapshot(): AgentState {
    const { version, wall, monotonic } = this.#options;
    const { name, reason, since } = this.#phase;
    const known = this.#known;
    const { cdc_raw: raw, skipped, repeats, late, ...live } = this.live();
    const now = monotonic();
    return {
      state_version: STATE_VERSION,
      version,
      pid: process.pid,
      time: iso(wall()),
      started_at: iso(this.#startedAt),
      uptime_seconds: Math.round((now - this.#startedMonotonic) / MS_PER_SECOND),
      state: name,
      state_reason: reason,
      state_since: iso(since),
      ready: isReady(name),
      last_error: this.#lastError,
      cluster: known.cluster ?? null,
      datacenter: known.datacenter ?? null,
      host_id: known.host_id ?? null,
      cassandra_version: known.cassandra_version ?? null,
      transactional_id: known.transactional_id ?? null,
      commit_log: known.commit_log ?? null,
      position: live.position,
      read_position: live.read_position,
      lag: live.lag,
      segments: live.segments,
      events: { published: this.#published, per_second: rounded(this.#rate.perSecond(now)), skipped, repeats, late },
      transactions: { committed: this.#committed, failed: this.#failed, last_duration_seconds: this.#lastDuration },
      ownership: known.ownership ?? null,
      cdc_raw: raw === null ? null : { ...raw, minutes_until_full: raw.limit_bytes === null ? null : this.#minutes(raw.limit_bytes) },
      spool: live.spool,
      gaps: this.#gaps,
    };
  }

  #minutes(limit: number): number | null {
    const minutes = this.#cdcRaw.minutesUntilFull(limit);
    return minutes === null ? null : rounded(minutes);
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** One decimal. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
