/** What `replay` looks at and changes: the node's name, Kafka, segments, ledger and checkpoint of one configuration. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readNodeInfo, type NodeInfo } from '../cassandra/node-info.js';
import { sessionOptionsOf } from '../cassandra/session-options.js';
import { CassandraSession } from '../cassandra/session.js';
import { readNodeSettings, type NodeSettings } from '../cassandra/settings.js';
import { CheckpointStore } from '../checkpoint/checkpoint-store.js';
import type { AgentConfig } from '../config/declaration.js';
import { directoriesOf, settingsOfYaml } from '../pipeline/directories.js';
import { encryptionKeyOf } from '../pipeline/encryption-key.js';
import { kafkaOptionsOf } from '../pipeline/kafka-options.js';
import type { ReplayPorts } from '../pipeline/replay.js';
import { lookAtPosition, movePosition, type MoveOptions } from '../publisher/kafka/move-position.js';
import { positionTopicOf, transactionalIdOf } from '../publisher/kafka/options.js';
import { nodeFileSystem } from '../source/live/file-system.js';
import { LEDGER_FILE, SegmentLedger } from '../source/live/segment-ledger.js';
import { SegmentSurvey } from '../source/live/segment-survey.js';

/** Rejects with OperatorError: one attempt at the node, nobody waits. */
export async function replayPortsOf(config: AgentConfig, signal: AbortSignal): Promise<ReplayPorts> {
  const { events: { prefix }, kafka, state_directory: state } = config;
  const { info: { hostId, clusterName: cluster }, settings } = await askNode(config, signal);
  const transactionalId = transactionalIdOf({ prefix, cluster, hostId });
  const { create, partitions, replication_factor: replicationFactor } = kafka.topics;
  const options: MoveOptions = {
    kafka: await kafkaOptionsOf(kafka), transactionalId, positionTopic: positionTopicOf(prefix), instance: randomUUID(),
    transactionTimeoutMs: kafka.transaction.timeout, topics: { create, partitions, replicationFactor, config: {} },
  };
  const store = new CheckpointStore(state);
  const ledger = join(state, LEDGER_FILE);
  return {
    hostId,
    transactionalId,
    kafka: { look: () => lookAtPosition(options), move: (decide) => movePosition(options, decide) },
    segments: new SegmentSurvey({ ...directoriesOf(config, settings), key: encryptionKeyOf(config.source) }),
    ledger: { load: () => new SegmentLedger(nodeFileSystem, ledger), remove: () => rmSync(ledger, { force: true }) },
    checkpoint: { load: () => store.load(), write: (checkpoint) => store.offer(checkpoint) },
    now: Date.now,
  };
}

async function askNode({ cassandra }: AgentConfig, signal: AbortSignal): Promise<{ readonly info: NodeInfo; readonly settings: NodeSettings | null }> {
  const session = new CassandraSession(sessionOptionsOf(cassandra));
  try {
    const info = await readNodeInfo(session, signal);
    return { info, settings: (await readNodeSettings(session, signal)) ?? (await settingsOfYaml(cassandra.config_file)) };
  } finally {
    await session.close();
  }
}
