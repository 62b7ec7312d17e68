/**
 * The agent's metrics. What happens is counted as it happens, once per transaction or rarer; what is known elsewhere (state,
 * tally, write latency) is read when somebody scrapes. An event costs nothing here.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PHASES, type AgentState } from './agent-state.js';
import { HAPPENINGS, type Happening, type HappeningName } from './happenings-table.js';
import type { MetricsSink } from './happenings.js';
import { LoopDelay, QUANTILES } from './loop-delay.js';
import { METRICS, type MetricDeclaration, type MetricName } from './metrics-table.js';
import { TableCounters, type TallyView } from './table-counters.js';
import { WriteLatency } from './write-latency.js';

export interface MetricsOptions {
  /** Asked at each scrape. */
  readonly state: () => AgentState;
  readonly version: string;
  /** Ms; never goes back. */
  readonly monotonic: () => number;
}

export interface CommittedTransaction {
  readonly events: number;
  /** Before compression. */
  readonly bytes: number;
  readonly ms: number;
}

/** Codes beyond this many count as `other`. */
const MOST_CODES = 200;
const MS_PER_SECOND = 1000;
const SECONDS_PER_MINUTE = 60;

export class Metrics implements MetricsSink {
  /** Fed by the pipeline, by position. */
  readonly latency = new WriteLatency();
  /** Put in by the pipeline: what became of the entries. */
  tally: () => TallyView | undefined = () => undefined;
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #loop: LoopDelay;
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #durations: Histogram;
  readonly #codes = new Set<string>();
  readonly #tables: TableCounters;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#loop = new LoopDelay(options.monotonic);
    for (const [name, { type, help, labels }] of Object.entries(METRICS) as [MetricName, MetricDeclaration][]) {
      const parts = { name, help, labelNames: [...labels], registers: [this.#registry] };
      if (type === 'counter') this.#counters.set(name, new Counter(parts));
      else if (type === 'gauge') this.#gauges.set(name, new Gauge(parts));
    }
    const { help, buckets } = METRICS.cassandra_cdc_transaction_duration_seconds;
    this.#durations = new Histogram({ name: 'cassandra_cdc_transaction_duration_seconds', help, buckets: [...buckets], registers: [this.#registry] });
    this.#tables = new TableCounters(this.#counter('cassandra_cdc_mutations_total'), this.#counter('cassandra_cdc_events_published_total'));
    this.#gauge('cassandra_cdc_build_info').set({ version: options.version, node: process.versions.node }, 1);
    for (const problem of PROBLEMS) this.#gauge('cassandra_cdc_problem').set({ problem: slug(problem) }, 0);
    // An alert on an increase sees the first one only when there was a 0 before.
    for (const outcome of ['committed', 'aborted']) this.#counter('cassandra_cdc_transactions_total').inc({ outcome }, 0);
  }

  happened(name: HappeningName, fields: Readonly<Record<string, unknown>>): void {
    const { level, component, recovery }: Happening = HAPPENINGS[name];
    if (level === 'error' || level === 'warn') this.#counter('cassandra_cdc_errors_total').inc({ stage: component, code: this.#codeOf(name, fields) });
    if (recovery !== undefined) this.#gauge('cassandra_cdc_problem').set({ problem: slug(name) }, 1);
    if (name === 'gap') this.#counter('cassandra_cdc_gaps_total').inc();
    else if (name === 'ring changed') this.#counter('cassandra_cdc_ring_changes_total').inc();
    else if (name === 'transaction aborted') this.#counter('cassandra_cdc_transactions_total').inc({ outcome: 'aborted' });
  }

  recovered(name: HappeningName): void {
    this.#gauge('cassandra_cdc_problem').set({ problem: slug(name) }, 0);
  }

  /** A transaction is in Kafka. */
  committed({ events, bytes, ms }: CommittedTransaction): void {
    this.#counter('cassandra_cdc_transactions_total').inc({ outcome: 'committed' });
    this.#counter('cassandra_cdc_committed_events_total').inc(events);
    this.#counter('cassandra_cdc_committed_bytes_total').inc(bytes);
    this.#durations.observe(ms / MS_PER_SECOND);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text that Prometheus scrapes. */
  async scrape(): Promise<string> {
    this.#refresh(this.#options.state());
    this.#refreshProcess();
    const tally = this.tally();
    if (tally !== undefined) this.#tables.refresh(tally);
    return `${await this.#registry.metrics()}\n${latencyText(this.latency)}`;
  }

  close(): void {
    this.#loop.close();
  }

  #refresh(state: AgentState): void {
    for (const phase of Object.keys(PHASES)) this.#gauge('cassandra_cdc_state').set({ state: phase }, phase === state.state ? 1 : 0);
    this.#set('cassandra_cdc_ready', state.ready ? 1 : 0);
    this.#set('cassandra_cdc_lag_seconds', state.lag.seconds);
    this.#set('cassandra_cdc_lag_bytes', state.lag.bytes);
    this.#set('cassandra_cdc_commit_log_latency_floor_seconds', state.commit_log?.latency_floor_seconds);
    this.#place('read', state.read_position);
    this.#place('committed', state.position);
    for (const which of ['unread', 'read', 'quarantined'] as const) this.#gauge('cassandra_cdc_segments').set({ state: which }, state.segments[which]);
    this.#total('cassandra_cdc_segment_read_bytes_total', state.segments.bytes_read);
    this.#set('cassandra_cdc_raw_directory_bytes', state.cdc_raw?.bytes);
    this.#set('cassandra_cdc_raw_directory_limit_bytes', state.cdc_raw?.limit_bytes);
    const minutes = state.cdc_raw?.minutes_until_full ?? null;
    this.#set('cassandra_cdc_raw_directory_full_in_seconds', minutes === null ? null : minutes * SECONDS_PER_MINUTE);
    this.#set('cassandra_cdc_spool_bytes', state.spool?.bytes);
    this.#set('cassandra_cdc_spool_limit_bytes', state.spool?.limit_bytes);
    this.#total('cassandra_cdc_late_events_total', state.events.late);
    this.#set('cassandra_cdc_ring_owned_ratio', state.ownership?.mode === 'owner' ? state.ownership.owned_share : null);
    this.#set('cassandra_cdc_ring_epoch', state.ownership?.ring_epoch);
    this.#set('process_start_time_seconds', Date.parse(state.started_at) / MS_PER_SECOND);
  }

  #refreshProcess(): void {
    const { user, system } = process.cpuUsage();
    this.#total('process_cpu_seconds_total', (user + system) / 1e6);
    this.#set('process_resident_memory_bytes', process.memoryUsage.rss());
    this.#loop.quantiles().forEach((seconds, at) => this.#gauge('cassandra_cdc_event_loop_delay_seconds').set({ quantile: String(QUANTILES[at]) }, seconds));
  }

  #place(stage: string, position: string | null): void {
    if (position === null) return;
    const [segment, offset] = position.split(':').map(Number);
    this.#gauge('cassandra_cdc_position_segment_id').set({ stage }, segment);
    this.#gauge('cassandra_cdc_position_offset').set({ stage }, offset);
  }

  /** What is not known has no sample. */
  #set(name: MetricName, value: number | null | undefined): void {
    if (value === null || value === undefined) this.#gauge(name).remove();
    else this.#gauge(name).set(value);
  }

  /** A counter that is kept elsewhere. */
  #total(name: MetricName, value: number): void {
    const counter = this.#counter(name);
    counter.reset();
    counter.inc(value);
  }

  #codeOf(name: HappeningName, { error, code, reason }: Readonly<Record<string, unknown>>): string {
    const own = (error as { readonly code?: unknown } | undefined)?.code ?? code ?? reason;
    const text = typeof own === 'string' && /^\w{1,60}$/.test(own) ? own : slug(name);
    if (!this.#codes.has(text) && this.#codes.size >= MOST_CODES) return 'other';
    this.#codes.add(text);
    return text;
  }

  #counter(name: MetricName): Counter {
    return this.#counters.get(name) as Counter;
  }

  #gauge(name: MetricName): Gauge {
    return this.#gauges.get(name) as Gauge;
  }
}

/** What lasts until it is said to be over. */
const PROBLEMS = (Object.keys(HAPPENINGS) as HappeningName[]).filter((name) => (HAPPENINGS[name] as Happening).recovery !== undefined);

function slug(name: HappeningName): string {
  return name.replace(/\W+/g, '_');
}

/** A histogram whose counts are kept elsewhere, in Prometheus' text format. */
function latencyText({ counts, sum, count }: WriteLatency): string {
  const name: MetricName = 'cassandra_cdc_write_to_commit_seconds';
  const { help, buckets } = METRICS[name];
  let cumulative = 0;
  const lines = [...buckets.map(String), '+Inf'].map((le, at) => `${name}_bucket{le="${le}"} ${(cumulative += counts[at])}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, `${name}_sum ${sum}`, `${name}_count ${count}`, ''].join('\n');
}
