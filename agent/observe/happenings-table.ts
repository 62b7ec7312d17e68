/**
 * Everything that the agent can say, by stable name: operators search for these names and alert on them. A name that
 * was released stays. INFO: nothing to do. WARN: look today. ERROR: act now.
 */
import type { FieldKinds } from './fields.js';
import type { Level } from './log-line.js';

export interface Happening<F extends FieldKinds = FieldKinds> {
  readonly level: Level;
  readonly component: string;
  readonly fields: F;
  /** At most one line in this time (ms), repeats are counted and summed up. 0: every one is written. */
  readonly limit: number;
  /** Name of the line that says it is over; then it counts as going on until `over` is called. */
  readonly recovery?: string;
}

interface Extra {
  readonly limit?: number;
  readonly recovery?: string;
}

const A_MINUTE = 60_000;

/** Warnings and errors are limited to one line a minute unless said otherwise. */
function declare<const L extends Level, const F extends FieldKinds>(level: L, component: string, fields: F, { limit, recovery }: Extra = {}): Happening<F> & { readonly level: L } {
  return { level, component, fields, limit: limit ?? (level === 'warn' || level === 'error' ? A_MINUTE : 0), ...(recovery === undefined ? {} : { recovery }) };
}

export const HAPPENINGS = {
  'agent started': declare('info', 'service', { version: 'text', node: 'text', config: 'text?' }),
  'agent stopping': declare('info', 'service', { reason: 'text' }),
  'agent stopped': declare('info', 'service', { uptime: 'duration', events: 'count', position: 'text?' }),
  'agent failed': declare('error', 'service', { error: 'error', fix: 'text?' }, { limit: 0 }),
  progress: declare('info', 'service', { events: 'count', rate: 'text', lag: 'duration', behind_bytes: 'bytes', position: 'text' }),
  'systemd not notified': declare('warn', 'service', { error: 'error', fix: 'text?' }, { recovery: 'systemd notified' }),

  'configuration warning': declare('warn', 'config', { place: 'text', key: 'text', problem: 'text', fix: 'text' }, { limit: 0 }),
  'configuration reloaded': declare('info', 'config', { changed: 'list', waits_for_restart: 'list' }),
  'configuration refused': declare('error', 'config', { error: 'error', mistakes: 'count' }, { limit: 0 }),

  'cassandra connected': declare('info', 'cassandra', { version: 'text', host_id: 'text', datacenter: 'text', tokens: 'count', cdc_tables: 'count' }),
  'cassandra unreachable': declare('warn', 'cassandra', { error: 'error', fix: 'text?' }, { recovery: 'cassandra back' }),
  'cassandra not ready': declare('info', 'cassandra', { state: 'text' }, { limit: A_MINUTE, recovery: 'cassandra ready' }),

  'schema changed': declare('info', 'schema', { table: 'text', table_id: 'text', change: 'text', seen: 'text' }),
  'unknown table': declare('error', 'schema', { table_id: 'text', position: 'text' }),
  'ownership computed': declare('info', 'ring', { mode: 'text', owned_share: 'ratio' }),
  'ring not read': declare('warn', 'ring', { error: 'error', fix: 'text?' }),
  'ring epochs not written': declare('warn', 'ring', { error: 'error' }),
  'changes held': declare('warn', 'ring', { keyspace: 'text', reason: 'text' }, { recovery: 'changes released' }),
  'node left the ring': declare('warn', 'ring', { fix: 'text' }),
  'ring changed': declare('info', 'ring', { epoch: 'count', nodes: 'count', owned_share: 'ratio' }),
  'history left out': declare('info', 'ring', { until: 'text', joined: 'text' }),
  'log judged again': declare('info', 'ring', { from: 'text', mutations: 'count' }),

  'commit log': declare('info', 'source', { mode: 'text', sync: 'text', latency_floor: 'duration' }),
  'commit log unknown': declare('warn', 'source', { directory: 'text', fix: 'text' }),
  'latency floor is high': declare('warn', 'source', { latency_floor: 'duration', fix: 'text' }),
  tailing: declare('info', 'source', { segment: 'text' }),
  'segment finished': declare('debug', 'source', { segment: 'text', size: 'bytes' }),
  'segment retired': declare('debug', 'source', { segment: 'text', size: 'bytes' }),
  // The source says each name once.
  'file refused': declare('warn', 'source', { file: 'text', reason: 'text' }, { limit: 0 }),
  'segment corrupt': declare('error', 'source', { segment: 'text', position: 'text', code: 'text', policy: 'text', kept: 'text?' }, { limit: 0 }),
  'entry undecodable': declare('error', 'source', { position: 'text', code: 'text', problem: 'text' }),
  'files not moved': declare('warn', 'source', { problem: 'text', fix: 'text' }),
  gap: declare('error', 'source', { from: 'text', to: 'text', reason: 'text' }, { limit: 0 }),
  'cdc_raw filling': declare('warn', 'source', { used: 'bytes', limit: 'bytes', full_in: 'duration' }, { recovery: 'cdc_raw has room' }),
  'spool full': declare('warn', 'source', { used: 'bytes', limit: 'bytes', policy: 'text' }, { recovery: 'spool has room' }),

  'value not json': declare('warn', 'events', { table: 'text', column: 'text' }),
  'row event': declare('debug', 'events', { table: 'text', key: 'row', value: 'row' }),

  'kafka connected': declare('info', 'kafka', { brokers: 'count', topics: 'count', transactional_id: 'text' }),
  'kafka unavailable': declare('warn', 'kafka', { error: 'error' }, { recovery: 'kafka back' }),
  'kafka refused': declare('error', 'kafka', { error: 'error', fix: 'text' }, { recovery: 'kafka accepts' }),
  'topic created': declare('info', 'kafka', { topic: 'text', partitions: 'count', replication_factor: 'count' }),
  'topic missing': declare('error', 'kafka', { topic: 'text', fix: 'text' }, { recovery: 'topic found' }),
  'transaction aborted': declare('warn', 'publisher', { error: 'error' }, { recovery: 'transactions commit again' }),
  'event dead lettered': declare('warn', 'publisher', { topic: 'text', id: 'text' }),
  'another agent has this id': declare('error', 'publisher', { transactional_id: 'text' }, { limit: 0 }),

  'position restored': declare('info', 'checkpoint', { position: 'text', behind_segments: 'count', behind_bytes: 'bytes' }),
  'checkpoint not written': declare('warn', 'checkpoint', { file: 'text', error: 'error' }, { recovery: 'checkpoint written' }),

  'http listening': declare('info', 'http', { address: 'text' }),
  'http unavailable': declare('error', 'http', { address: 'text', error: 'error' }, { recovery: 'http available' }),
  'http caller refused': declare('warn', 'http', { address: 'text' }),
} as const satisfies Record<string, Happening>;

export type HappeningName = keyof typeof HAPPENINGS;
/** Those of level warn and error: each has its help. */
export type ProblemName = { [N in HappeningName]: (typeof HAPPENINGS)[N]['level'] extends 'warn' | 'error' ? N : never }[HappeningName];
