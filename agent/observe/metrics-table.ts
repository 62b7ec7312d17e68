/**
 * Every metric of the agent, declared once: dashboards, alert rules and documentation are tested against this table. A name
 * that was released stays. Units are Prometheus' base units. Labels are bounded: tables of the node, names from tables of the
 * code; what goes beyond is counted as `other`.
 */
import { WRITE_TO_COMMIT_BUCKETS } from './write-latency.js';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricDeclaration {
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[];
}

function declare(type: MetricType, help: string, labels: readonly string[] = []): MetricDeclaration {
  return { type, help, labels };
}

export const METRICS = {
  cassandra_cdc_build_info: declare('gauge', 'Always 1: which agent runs on which Node.', ['version', 'node']),
  cassandra_cdc_state: declare('gauge', '1 for the state that the agent is in, 0 for the others.', ['state']),
  cassandra_cdc_ready: declare('gauge', '1 while the agent publishes, as /readyz says.'),
  cassandra_cdc_problem: declare('gauge', '1 while this problem lasts. The log says what it is, under the same name.', ['problem']),
  cassandra_cdc_errors_total: declare('counter', 'Warnings and errors, by the part of the agent and the code of the table of errors; repeats that the log leaves out are counted too.', ['stage', 'code']),

  cassandra_cdc_lag_seconds: declare('gauge', 'Age of the newest write that is published, while there is more to publish; 0 when there is not.'),
  cassandra_cdc_lag_bytes: declare('gauge', 'Commit log not yet read; in mmap mode the unused rest of the live segment counts.'),
  cassandra_cdc_write_to_commit_seconds: { ...declare('histogram', 'From the write timestamp in Cassandra to the commit in Kafka, for each event. Timestamps of the future, and those more than 30 days old, are left out.'), buckets: WRITE_TO_COMMIT_BUCKETS },
  cassandra_cdc_commit_log_latency_floor_seconds: declare('gauge', 'Longest time until Cassandra\'s commit log lets a written row be seen; no event can come sooner.'),
  cassandra_cdc_position_segment_id: declare('gauge', 'Segment that the agent stands in, by how far: read, committed.', ['stage']),
  cassandra_cdc_position_offset: declare('gauge', 'Offset in that segment.', ['stage']),

  cassandra_cdc_segments: declare('gauge', 'Segments on disk: unread (the live one included), read (kept until the position is past them), quarantined (damaged).', ['state']),
  cassandra_cdc_segment_read_bytes_total: declare('counter', 'Bytes read from commit-log segments.'),
  cassandra_cdc_raw_directory_bytes: declare('gauge', 'Size of cdc_raw.'),
  cassandra_cdc_raw_directory_limit_bytes: declare('gauge', 'cdc_total_space: beyond it Cassandra refuses writes, or drops the oldest segment.'),
  cassandra_cdc_raw_directory_full_in_seconds: declare('gauge', 'Time until cdc_raw is full at the present rate. Absent while it is not filling.'),
  cassandra_cdc_spool_bytes: declare('gauge', 'Size of the spool.'),
  cassandra_cdc_spool_limit_bytes: declare('gauge', 'Limit of the spool.'),
  cassandra_cdc_gaps_total: declare('counter', 'Ranges of the commit log that will never be delivered.'),

  cassandra_cdc_mutations_total: declare('counter', 'Updates of one table by one mutation, by what became of them: published, or why not. Those of other replicas (not_owned) and of unknown tables are not decoded: their keyspace and table are empty.', ['keyspace', 'table', 'outcome']),
  cassandra_cdc_events_published_total: declare('counter', 'Events handed to a transaction, by operation: c, u or d. Those of an aborted transaction are handed over again, and count again.', ['keyspace', 'table', 'op']),
  cassandra_cdc_late_events_total: declare('counter', 'Events whose write lies long before its place in the log: repair, bootstrap, hints.'),
  cassandra_cdc_transactions_total: declare('counter', 'Kafka transactions, by how they ended.', ['outcome']),
  cassandra_cdc_transaction_duration_seconds: { ...declare('histogram', 'From sending the first record of a transaction to its commit.'), buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  cassandra_cdc_committed_events_total: declare('counter', 'Events in committed transactions.'),
  cassandra_cdc_committed_bytes_total: declare('counter', 'Bytes of the records in committed transactions, before compression.'),

  cassandra_cdc_ring_owned_ratio: declare('gauge', 'Share of all tokens whose changes this agent publishes. Absent in mode all, in which every node publishes every copy.'),
  cassandra_cdc_ring_epoch: declare('gauge', 'Number of the ring as this node sees it: goes up with every change.'),
  cassandra_cdc_ring_changes_total: declare('counter', 'Changes of the ring.'),

  cassandra_cdc_event_loop_delay_seconds: declare('gauge', 'How late timers of the agent fire, over the last one to two minutes: quantile 1 is the longest.', ['quantile']),
  process_cpu_seconds_total: declare('counter', 'Processor time of the agent, user and system.'),
  process_resident_memory_bytes: declare('gauge', 'Memory of the agent.'),
  process_start_time_seconds: declare('gauge', 'Start of the agent, seconds since 1970.'),
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
