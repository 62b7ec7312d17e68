/**
 * Whether the agent may start where Kafka says. The checkpoint and the stored position must tell the same story; where they
 * don't, somebody has to choose, and the error carries the commands to choose from.
 */
import { formatPosition, type CommitLogPosition } from '../../parsers/commitlog/position.js';
import { ConfigError } from '../errors.js';
import type { Checkpoint, Parsed } from './checkpoint.js';

export interface StartFacts {
  /** What the checkpoint file holds; null = there is none. */
  readonly checkpoint: Parsed | null;
  /** The file before it, to name a position when the newer one is damaged. */
  readonly previous?: Parsed | null;
  readonly path: string;
  readonly hostId: string;
  readonly transactionalId: string;
}

/** As read from Kafka; null = it has none for this transactional id. */
export interface KafkaPosition extends CommitLogPosition {
  readonly index: number;
  readonly events: number;
}

export function replayCommand(position: CommitLogPosition): string {
  return `cassandra-cdc-agent replay --from ${formatPosition(position)}`;
}

/** Before Kafka is asked: the file itself. Returns the checkpoint, null when this is a first start. */
export function checkCheckpoint({ checkpoint, previous = null, path, hostId, transactionalId }: StartFacts): Checkpoint | null {
  if (checkpoint === null) return null;
  if ('damage' in checkpoint) {
    const known = previous !== null && 'checkpoint' in previous ? previous.checkpoint : null;
    throw new ConfigError('checkpoint_damaged', `the checkpoint ${path} is damaged: ${checkpoint.damage}`, {
      fix: known === null
        ? `check the disk; then choose: ${replayCommand({ segment: 0, position: 0 })} (everything that is there, again), or from another position`
        : `check the disk; then choose: ${replayCommand(known)} (the checkpoint before it, of ${known.savedAt})`,
    });
  }
  if ('version' in checkpoint) {
    throw new ConfigError('checkpoint_version', `the checkpoint ${path} has version ${JSON.stringify(checkpoint.version)}, which this agent does not know`, {
      fix: 'run the version of the agent that wrote it, or choose a position: cassandra-cdc-agent replay --from SEGMENT:POSITION',
    });
  }
  const found = checkpoint.checkpoint;
  if (found.hostId !== hostId) {
    throw new ConfigError('checkpoint_host', `the checkpoint ${path} belongs to the Cassandra node ${found.hostId}, this one is ${hostId}`, {
      fix: `give each node's agent its own state_directory; if this node replaces the other, choose: ${replayCommand({ segment: 0, position: 0 })}`,
    });
  }
  if (found.transactionalId !== transactionalId) {
    throw new ConfigError('checkpoint_transactional_id', `the checkpoint ${path} was written as ${found.transactionalId}, this agent publishes as ${transactionalId}`, {
      fix: `put events.prefix and the cluster name back, or choose where the new name begins: ${replayCommand(found)}`,
    });
  }
  return found;
}

/** After the position was read, before the first event. */
export function checkStart(checkpoint: Checkpoint | null, kafka: KafkaPosition | null): void {
  if (checkpoint === null) return;
  if (kafka === null) {
    throw new ConfigError('position_missing', `Kafka has no position for ${checkpoint.transactionalId}, the checkpoint of ${checkpoint.savedAt} says ${formatPosition(checkpoint)}`, {
      fix: `the group offset expired or was deleted, or this is another Kafka; choose: ${replayCommand(checkpoint)} (go on from the checkpoint: events after it may come twice)`,
    });
  }
  if (isBehind(kafka, checkpoint)) {
    throw new ConfigError('position_went_back', `Kafka's position ${formatPosition(kafka)} of ${checkpoint.transactionalId} is older than the checkpoint ${formatPosition(checkpoint)} of ${checkpoint.savedAt}`, {
      fix: `Kafka lost committed data or was restored; choose: ${replayCommand(kafka)} (as far as the log still reaches), or ${replayCommand(checkpoint)}`,
    });
  }
}

/** An index of 0 is the whole mutation, and so behind every other index of it. */
function isBehind(a: KafkaPosition, b: Checkpoint): boolean {
  if (a.segment !== b.segment) return a.segment < b.segment;
  if (a.position !== b.position) return a.position < b.position;
  return (a.index === 0 ? Infinity : a.index) < (b.index === 0 ? Infinity : b.index);
}
