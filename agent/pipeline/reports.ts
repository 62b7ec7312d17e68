/** What the stages tell -> log lines, metrics and status: the one place where their words are chosen. */
import { formatPosition } from '../../parsers/index.js';
import type { SessionListener } from '../cassandra/session.js';
import type { OperatorError } from '../errors.js';
import type { Metrics } from '../observe/metrics.js';
import type { Happenings } from '../observe/happenings.js';
import type { HappeningName } from '../observe/happenings-table.js';
import { isSystemKeyspace } from '../events/capture.js';
import { AnotherAgentError } from '../publisher/kafka/faults.js';
import type { PublisherListener } from '../publisher/kafka/publisher-listener.js';
import type { SchemaListener } from '../schema/schema-follower.js';
import type { AgentStatus } from '../service/agent-status.js';
import type { LiveListener } from '../source/live/reports.js';
import type { LiveLogListener } from './live-log.js';

export interface Reports {
  readonly happenings: Happenings;
  readonly status: AgentStatus;
  readonly metrics: Metrics;
}

export function sessionListener({ happenings, status }: Reports): SessionListener {
  return {
    waiting({ error }) {
      if (error.code === 'cassandra_joining' || error.code === 'cassandra_starting') happenings.report('cassandra not ready', { state: error.message });
      else happenings.report('cassandra unreachable', { error, fix: error.fix });
      status.error(error);
      if (status.phase === 'starting' || status.phase === 'waiting_for_cassandra') status.enter('waiting_for_cassandra', error.message);
    },
    answered() {
      happenings.over('cassandra not ready');
      happenings.over('cassandra unreachable');
      status.errorOver();
    },
  };
}

export function schemaListener({ happenings }: Reports): SchemaListener {
  const tell = (change: Parameters<NonNullable<SchemaListener['changed']>>[0]['change'], seen: string): void => {
    const { kind, table: { keyspace, name, id } } = change;
    // A node that starts writes its own tables anew.
    if (isSystemKeyspace(keyspace)) return;
    happenings.report('schema changed', { table: `${keyspace}.${name}`, table_id: id, change: kind, seen });
  };
  return {
    changed: ({ change, position }) => tell(change, formatPosition(position)),
    caughtUp: ({ changes, reason }) => changes.forEach((change) => tell(change, reason)),
  };
}

export function sourceListener({ happenings, status }: Reports, policy: () => { readonly onCorruption: string; readonly whenFull: string }): LiveListener {
  return {
    refused: ({ path, reason }) => happenings.report('file refused', { file: path, reason }),
    corrupt: (segment, position, code, kept) => happenings.report('segment corrupt', { segment: String(segment), position: formatPosition({ segment, position }), code, policy: policy().onCorruption, kept }),
    finished: (segment, end) => happenings.report('segment finished', { segment: String(segment), size: end }),
    retired: (segment, size) => happenings.report('segment retired', { segment: String(segment), size }),
    spoolFull(isFull, used, limit) {
      if (isFull) happenings.report('spool full', { used, limit, policy: policy().whenFull });
      else happenings.over('spool full');
    },
    problem(message, fix) {
      happenings.report('files not moved', { problem: message, fix });
      status.error({ code: 'files_not_moved', message, fix });
    },
  };
}

export function logListener({ happenings, status }: Reports): LiveLogListener {
  let isFirst = true;
  return {
    gap({ from, to, reason }) {
      const gap = { from: formatPosition(from), to: formatPosition(to), reason };
      happenings.report('gap', gap);
      status.gap(gap);
    },
    unknownTable: ({ tableId, position }) => happenings.report('unknown table', { table_id: tableId, position: formatPosition(position) }),
    judgedAgain: ({ from, mutations }) => happenings.report('log judged again', { from: formatPosition(from), mutations }),
    undecodable: ({ position, code, message }) => happenings.report('entry undecodable', { position: formatPosition(position), code, problem: message }),
    tailing(segment) {
      status.enter('tailing');
      if (isFirst) happenings.report('tailing', { segment: String(segment) });
      isFirst = false;
    },
  };
}

const KAFKA_FAULTS: Readonly<Record<string, HappeningName & ('kafka unavailable' | 'kafka refused' | 'topic missing' | 'transaction aborted')>> = {
  kafka_unreachable: 'kafka unavailable',
  kafka_authorization: 'kafka refused',
  kafka_authentication: 'kafka refused',
  kafka_tls: 'kafka refused',
  kafka_oauth_token: 'kafka refused',
  kafka_topic_missing: 'topic missing',
};

export function publisherListener({ happenings, status, metrics }: Reports, transactionalId: string): PublisherListener {
  const fault = (error: OperatorError): void => {
    const { fix = '', message } = error;
    if (error instanceof AnotherAgentError) return happenings.report('another agent has this id', { transactional_id: transactionalId });
    switch (KAFKA_FAULTS[error.code]) {
      case 'kafka unavailable': return happenings.report('kafka unavailable', { error });
      case 'kafka refused': return happenings.report('kafka refused', { error, fix });
      case 'topic missing': return happenings.report('topic missing', { topic: /the topic (\S+)/.exec(message)?.[1] ?? '', fix });
      default: return happenings.report('transaction aborted', { error });
    }
  };
  return {
    fault({ error }) {
      fault(error);
      status.error(error);
      status.transactionFailed();
      if (error.retryable) status.enter('waiting_for_kafka', error.message);
    },
    recovered({ failures }) {
      for (const name of ['kafka unavailable', 'kafka refused'] as const) happenings.over(name);
      if (failures > 0) status.errorOver();
      status.enter('catching_up');
    },
    healthy() {
      for (const name of ['topic missing', 'transaction aborted'] as const) happenings.over(name);
      status.errorOver();
    },
    committed({ events, bytes, ms, position }) {
      status.committed({ events, ms });
      metrics.committed({ events, bytes, ms });
      metrics.latency.committed(position, Date.now());
    },
    deadLettered: ({ topic, event: id }) => happenings.report('event dead lettered', { topic, id }),
  };
}
