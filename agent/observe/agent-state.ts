/**
 * What a running agent says about itself: one plain object, from which `status`, /readyz, the metrics and systemd's status
 * line are made. A contract: members are added without notice, and removed or changed only with a new `state_version`.
 *
 * Times are ISO 8601 in UTC, durations seconds, sizes bytes. Null: not known, or not yet. Counters begin with the process.
 */
export const STATE_VERSION = 1;

export const PHASES = {
  starting: 'reads its own state',
  waiting_for_cassandra: 'the node does not answer, or is not ready',
  waiting_for_kafka: 'Kafka does not answer, or refuses',
  catching_up: 'publishes, with finished segments still to read',
  tailing: 'publishes what Cassandra writes as it comes',
  stopping: 'finishes the open transaction',
  failed: 'has ended, or is about to, with an error',
} as const;

export type Phase = keyof typeof PHASES;

export interface AgentState {
  readonly state_version: typeof STATE_VERSION;
  /** Of the agent. */
  readonly version: string;
  readonly pid: number;
  /** When this was said. */
  readonly time: string;
  readonly started_at: string;
  readonly uptime_seconds: number;

  readonly state: Phase;
  /** Why it is in this state, in words; null where the state says all. */
  readonly state_reason: string | null;
  readonly state_since: string;
  /** True: it publishes. What /readyz answers. */
  readonly ready: boolean;
  /** Newest error, also when it is over. */
  readonly last_error: LastError | null;

  readonly cluster: string | null;
  readonly datacenter: string | null;
  readonly host_id: string | null;
  readonly cassandra_version: string | null;
  readonly transactional_id: string | null;
  readonly commit_log: CommitLogState | null;

  /** Committed: everything up to here is published. `segment:position`. */
  readonly position: string | null;
  /** Read, perhaps not committed. */
  readonly read_position: string | null;
  readonly lag: LagState;
  readonly segments: SegmentsState;
  readonly events: EventsState;
  readonly transactions: TransactionsState;
  readonly ownership: OwnershipState | null;
  readonly cdc_raw: CdcRawState | null;
  /** Null: switched off. */
  readonly spool: SpoolState | null;
  readonly gaps: GapsState;
}

export interface LastError {
  readonly time: string;
  /** As in the table of errors. */
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  /** True: what failed works again. */
  readonly over: boolean;
}

export interface CommitLogState {
  readonly mode: string;
  readonly sync: string;
  /** Longest time until Cassandra lets a written row be seen. */
  readonly latency_floor_seconds: number;
}

export interface LagState {
  /** Not yet read; in mmap mode the unused rest of the live segment counts. */
  readonly bytes: number | null;
  /** Age of the newest write that is published, while there is more to publish; else 0. */
  readonly seconds: number | null;
}

export interface SegmentsState {
  /** With entries that are not yet read, the live one included. */
  readonly unread: number;
  /** Read to the end, and kept until the position is past them. */
  readonly read: number;
  /** Damaged, and kept. */
  readonly quarantined: number;
  /** Names in cdc_raw that are not read, since the start: no segments, or not what Cassandra would have put there. The log names each. */
  readonly refused: number;
  /** Bytes read since the start. */
  readonly bytes_read: number;
}

export interface EventsState {
  /** In committed transactions. */
  readonly published: number;
  /** Over the last minute. */
  readonly per_second: number;
  /** By reason: names of SKIP_REASONS. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The same change again in this log, not published. */
  readonly repeats: number;
  /** History that came back: written long before it was logged. */
  readonly late: number;
}

export interface TransactionsState {
  readonly committed: number;
  readonly failed: number;
  readonly last_duration_seconds: number | null;
}

export interface OwnershipState {
  readonly mode: string;
  /** Of all tokens, 0 to 1. */
  readonly owned_share: number;
  readonly ring_epoch: number;
  readonly nodes: number;
}

export interface CdcRawState {
  readonly directory: string;
  readonly bytes: number;
  /** cdc_total_space; Cassandra refuses writes, or drops the oldest segment, when it is reached. */
  readonly limit_bytes: number | null;
  /** At the rate of the last minutes; null: it is not filling. */
  readonly minutes_until_full: number | null;
}

export interface SpoolState {
  readonly directory: string;
  readonly bytes: number;
  readonly limit_bytes: number;
}

export interface GapsState {
  readonly count: number;
  readonly last: LastGap | null;
}

export interface LastGap {
  readonly time: string;
  /** Entries behind `from` up to `to` will never be delivered. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** True in these: it publishes. */
export function isReady(phase: Phase): boolean {
  return phase === 'tailing' || phase === 'catching_up';
}
