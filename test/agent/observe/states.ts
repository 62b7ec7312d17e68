/** A state of an agent that has been running for a while. */
import type { AgentState } from '../../../agent/observe/agent-state.js';

export const TAILING: AgentState = {
  state_version: 1,
  version: '1.0.0',
  pid: 4242,
  time: '2026-11-30T12:00:00.000Z',
  started_at: '2026-11-30T10:00:00.000Z',
  uptime_seconds: 7200,
  state: 'tailing',
  state_reason: null,
  state_since: '2026-11-30T10:00:04.000Z',
  ready: true,
  last_error: null,
  cluster: 'prod',
  datacenter: 'dc1',
  host_id: '7a4e9b5e-6f2a-4b43-9a0e-6a5f7f2d7b11',
  cassandra_version: '5.0.6',
  transactional_id: 'cdc-prod-7a4e9b5e-6f2a-4b43-9a0e-6a5f7f2d7b11',
  commit_log: { mode: 'mmap', sync: 'periodic', latency_floor_seconds: 0.1 },
  position: '1795360528614:129746',
  read_position: '1795360528614:130002',
  lag: { bytes: 1024, seconds: 0.4 },
  segments: { unread: 1, read: 2, quarantined: 0, refused: 0, bytes_read: 123_456_789 },
  events: { published: 1_000_000, per_second: 1893.2, skipped: { not_owned: 2_000_000 }, repeats: 3, late: 7 },
  transactions: { committed: 5000, failed: 1, last_duration_seconds: 0.012 },
  ownership: { mode: 'owner', owned_share: 0.331, ring_epoch: 4, nodes: 3 },
  cdc_raw: { directory: '/var/lib/cassandra/cdc_raw', bytes: 64 * 2 ** 20, limit_bytes: 4 * 2 ** 30, minutes_until_full: null },
  spool: { directory: '/var/lib/cassandra/cdc_spool', bytes: 32 * 2 ** 20, limit_bytes: 8 * 2 ** 30 },
  gaps: { count: 0, last: null },
};

/** Before the node answered. */
export const STARTING: AgentState = {
  ...TAILING, uptime_seconds: 2, state: 'waiting_for_cassandra', state_reason: 'no Cassandra node answers at 127.0.0.1:9042', state_since: '2026-11-30T11:59:58.000Z', ready: false,
  last_error: { time: '2026-11-30T11:59:59.000Z', code: 'cassandra_unreachable', message: 'no Cassandra node answers at 127.0.0.1:9042: connect ECONNREFUSED', fix: 'check that the node runs', over: false },
  cluster: null, datacenter: null, host_id: null, cassandra_version: null, transactional_id: null, commit_log: null, position: null, read_position: null, lag: { bytes: null, seconds: null },
  segments: { unread: 0, read: 0, quarantined: 0, refused: 0, bytes_read: 0 }, events: { published: 0, per_second: 0, skipped: {}, repeats: 0, late: 0 }, transactions: { committed: 0, failed: 0, last_duration_seconds: null },
  ownership: null, cdc_raw: null, spool: null,
};
