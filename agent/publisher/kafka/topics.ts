/** Topics are created on request, with the given settings, or must exist. */
import { RetryableError } from '../../errors.js';
import type { KafkaConnection } from './connection.js';
import { errorType } from './faults.js';
import type { TopicOptions } from './options.js';
import { sleep } from './sleep.js';

const CREATE_TIMEOUT_MS = 5000;
/** A created topic needs a moment until every broker knows it. */
const APPEAR_TRIES = 50;
const APPEAR_WAIT_MS = 40;
const MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Makes sure that the topic's metadata is loaded; returns its number of partitions. An error of rights names the topic. */
export async function ensureTopic(connection: KafkaConnection, topic: string, options: TopicOptions): Promise<number> {
  try {
    return await foundOrMade(connection, topic, options);
  } catch (error) {
    if (errorType(error) !== 'TOPIC_AUTHORIZATION_FAILED') throw error;
    // kafkajs says only that there is one.
    throw Object.assign(new Error(`the topic ${topic} is hidden or refused`, { cause: error }), { type: 'TOPIC_AUTHORIZATION_FAILED' });
  }
}

async function foundOrMade(connection: KafkaConnection, topic: string, options: TopicOptions): Promise<number> {
  if (!(await load(connection, topic))) {
    if (!options.create) {
      throw new RetryableError('kafka_topic_missing', `the topic ${topic} does not exist`, { fix: `create ${topic}, or set kafka.topics.create: true` });
    }
    await create(connection, topic, options);
    for (let tries = 0; !(await load(connection, topic)); tries++) {
      if (tries === APPEAR_TRIES) throw new RetryableError('kafka_topic_missing', `the topic ${topic} was created and did not appear`);
      await sleep(APPEAR_WAIT_MS);
    }
  }
  return connection.partitionsOf(topic);
}

async function load(connection: KafkaConnection, topic: string): Promise<boolean> {
  try {
    await connection.loadTopics([topic]);
  } catch (error) {
    if (MISSING.has(errorType(error) ?? '')) return false;
    throw error;
  }
  return connection.partitionsOf(topic) > 0;
}

async function create(connection: KafkaConnection, topic: string, { partitions, replicationFactor, config }: TopicOptions): Promise<void> {
  const broker = await connection.controller();
  try {
    await broker.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) }],
      timeout: CREATE_TIMEOUT_MS,
    });
  } catch (error) {
    const { errors } = error as { errors?: readonly unknown[] };
    const reason = errors?.[0] ?? error;
    if (errorType(reason) !== 'TOPIC_ALREADY_EXISTS') throw reason;
  }
}
