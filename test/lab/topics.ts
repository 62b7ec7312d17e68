/**
 * Topics that are ready for use. kafkajs' own wait for leaders fails when the broker that it asks has not yet heard of the
 * topic that another has just made (UNKNOWN_TOPIC_OR_PARTITION).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { LabError } from './errors.js';

const PATIENCE_MS = 30_000;
const ASK_AGAIN_MS = 50;
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Makes the topics, and resolves when each partition has a leader. Rejects with kafkajs' error, or LabError when that takes too long. */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  for (const end = Date.now() + PATIENCE_MS; !(await haveLeaders(admin, names)); await sleep(ASK_AGAIN_MS)) {
    if (Date.now() > end) throw new LabError(`no leader within ${PATIENCE_MS / 1000} s for a topic of ${names.join(', ')}`, 'look at the logs of the brokers');
  }
}

async function haveLeaders(admin: Admin, topics: string[]): Promise<boolean> {
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics });
    return found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSProtocolError && NOT_YET.has(error.type)) return false;
    throw error;
  }
}
