/** What the agent may do at Kafka, found out without publishing, and without disturbing an agent that runs. */
import { RetryableError } from '../../errors.js';
import { COORDINATOR, KafkaConnection } from './connection.js';
import { errorType, explainFault } from './faults.js';
import type { KafkaOptions } from './options.js';
import { sleep } from './sleep.js';
import { allows, describeCluster, describeGroup, describeTopicSetting, OPERATION, tryTransactionalId, type TopicDescription } from './wire/describe.js';

export interface ProbeOptions {
  readonly kafka: KafkaOptions;
  /** Group and transactional id are the same; null: not known, not looked at. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly topics: readonly string[];
}

export interface ProbedTopic {
  readonly name: string;
  /** False also when this principal may not see it. */
  readonly exists: boolean;
  /** The broker hides or refuses it. */
  readonly isDenied: boolean;
  readonly partitions: number;
  /** null: the broker does not say. */
  readonly mayWrite: boolean | null;
  readonly mayRead: boolean | null;
  /** null: this principal may not see it. */
  readonly maxMessageBytes: number | null;
}

export interface KafkaProbe {
  readonly clusterId: string | null;
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly topics: readonly ProbedTopic[];
  readonly mayCreateTopics: boolean | null;
  readonly mayReadGroup: boolean | null;
  readonly transactionalId: 'allowed' | 'denied' | 'timeout too long' | 'unknown';
}

const DENIED = new Set(['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);
const HARMLESS = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS']);
const PATIENCE_MS = 20_000;
/** The first question of a new cluster makes the topics behind it. */
const LOADING = new Set(['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']);
const LOADING_PATIENCE_MS = 10_000;
const LOADING_WAIT_MS = 50;

/** Rejects with an OperatorError when Kafka can't be reached, or refuses the login or the certificate. */
export async function probeKafka(options: ProbeOptions): Promise<KafkaProbe> {
  const connection = new KafkaConnection(options.kafka);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new RetryableError('kafka_unreachable', `Kafka did not answer within ${PATIENCE_MS / 1000} s`, { fix: 'check the brokers and kafka.brokers' })), PATIENCE_MS);
  });
  try {
    return await Promise.race([probe(connection, options), patience]);
  } catch (error) {
    throw explainFault(error, options.transactionalId ?? 'the agent');
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}

async function probe(connection: KafkaConnection, { transactionalId, transactionTimeoutMs, topics }: ProbeOptions): Promise<KafkaProbe> {
  await connection.open();
  const any = await connection.controller();
  const cluster = await connection.send(any, describeCluster(topics));
  const existing = cluster.topics.filter(({ error }) => error === null).map(({ name }) => name);
  const sizes = existing.length === 0 ? new Map<string, string | null>() : await connection.send(any, describeTopicSetting(existing, 'max.message.bytes')).catch(() => new Map<string, string | null>());
  return {
    clusterId: cluster.clusterId,
    brokers: cluster.brokers,
    topics: cluster.topics.map((topic) => probedTopic(topic, sizes.get(topic.name) ?? null)),
    // No bit at all: this principal may not ask.
    mayCreateTopics: cluster.operations === 0 ? null : allows(cluster.operations, OPERATION.create),
    mayReadGroup: transactionalId === null ? null : await mayReadGroup(connection, transactionalId),
    transactionalId: transactionalId === null ? 'unknown' : await mayUse(connection, transactionalId, transactionTimeoutMs),
  };
}

function probedTopic({ name, error, partitions, operations }: TopicDescription, size: string | null): ProbedTopic {
  const isDenied = error !== null && DENIED.has(error);
  const may = (operation: number): boolean | null => (isDenied ? false : error === null ? allows(operations, operation) : null);
  return { name, exists: error === null, isDenied, partitions, mayWrite: may(OPERATION.write), mayRead: may(OPERATION.read), maxMessageBytes: size === null ? null : Number(size) };
}

async function mayReadGroup(connection: KafkaConnection, group: string): Promise<boolean | null> {
  try {
    return allows(await whenLoaded(async () => connection.send(await connection.coordinator(COORDINATOR.group, group), describeGroup(group))), OPERATION.read);
  } catch (error) {
    return DENIED.has(errorType(error) ?? '') ? false : null;
  }
}

async function mayUse(connection: KafkaConnection, transactionalId: string, timeoutMs: number): Promise<KafkaProbe['transactionalId']> {
  try {
    const error = await whenLoaded(async () => {
      const answer = await connection.send(await connection.coordinator(COORDINATOR.transaction, transactionalId), tryTransactionalId(transactionalId, timeoutMs));
      if (answer !== null && LOADING.has(answer)) throw Object.assign(new Error(answer), { type: answer });
      return answer;
    });
    if (error === null || HARMLESS.has(error)) return 'allowed';
    if (error === 'INVALID_TRANSACTION_TIMEOUT') return 'timeout too long';
    return DENIED.has(error) ? 'denied' : 'unknown';
  } catch (error) {
    return DENIED.has(errorType(error) ?? '') ? 'denied' : 'unknown';
  }
}

/** What changes when the coordinator stands is asked again. */
async function whenLoaded<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOADING_PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!LOADING.has(errorType(error) ?? '') || Date.now() > deadline) throw error;
      await sleep(LOADING_WAIT_MS);
    }
  }
}
