/**
 * Whether the agent may start where Kafka says. The checkpoint and the stored position must tell the same story; where they
 * don't, somebody has to choose, and the error carries the commands to choose from.
 */
import { formatPosition } from '../../parsers/commitlog/position.js';
import { ConfigError } from '../errors.js';
import type { StreamPosition } from '../publisher/publisher.js';
import type { Checkpoint, Parsed } from './checkpoint.js';
import { compareStream, replayCommand, targetOf } from './replay-target.js';

export interface StartFacts {
  /** What the checkpoint file holds; null = there is none. */
  readonly checkpoint: Parsed | null;
  /** The file before it: stands in when the newer one is missing. */
  readonly previous?: Parsed | null;
  readonly path: string;
  readonly hostId: string;
  readonly transactionalId: string;
}

/** Before Kafka is asked: the file itself. Returns the checkpoint, null when this is a first start. */
export function checkCheckpoint({ checkpoint, previous = null, path, hostId, transactionalId }: StartFacts): Checkpoint | null {
  // Somebody removed the newer one: what is older guards as well.
  if (checkpoint === null) return previous === null ? null : checkCheckpoint({ checkpoint: previous, path, hostId, transactionalId });
  if ('damage' in checkpoint) {
    throw new ConfigError('checkpoint_damaged', `the checkpoint ${path} is damaged: ${checkpoint.damage}`, {
      fix: `check the disk; then choose: ${replayCommand('kafka')} (go on from the position in Kafka), or ${replayCommand('start')} (everything that is there, again)`,
    });
  }
  if ('version' in checkpoint) {
    throw new ConfigError('checkpoint_version', `the checkpoint ${path} has version ${JSON.stringify(checkpoint.version)}, which this agent does not know`, {
      fix: `run the version of the agent that wrote it, or choose: ${replayCommand('kafka')} (go on from the position in Kafka)`,
    });
  }
  const found = checkpoint.checkpoint;
  if (found.hostId !== hostId) {
    throw new ConfigError('checkpoint_host', `the checkpoint ${path} belongs to the Cassandra node ${found.hostId}, this one is ${hostId}`, {
      fix: `give each node's agent its own state_directory; if this node replaces the other, choose: ${replayCommand('start')}`,
    });
  }
  if (found.transactionalId !== transactionalId) {
    throw new ConfigError('checkpoint_transactional_id', `the checkpoint ${path} was written as ${found.transactionalId}, this agent publishes as ${transactionalId}`, {
      fix: `put events.prefix and the cluster name back, or choose where the new name begins: ${replayCommand(targetOf(found))}`,
    });
  }
  return found;
}

/** After the position was read (null = Kafka has none for this transactional id), before the first event. */
export function checkStart(checkpoint: Checkpoint | null, kafka: StreamPosition | null): void {
  if (checkpoint === null) return;
  const { transactionalId, savedAt } = checkpoint;
  if (kafka === null) {
    throw new ConfigError('position_missing', `Kafka has no position for ${transactionalId}, the checkpoint of ${savedAt} says ${formatPosition(checkpoint)}`, {
      fix: `the group offset expired or was deleted, or this is another Kafka; choose: ${replayCommand(targetOf(checkpoint))} (go on from the checkpoint: events after it may come twice)`,
    });
  }
  if (compareStream(kafka, checkpoint) < 0) {
    throw new ConfigError('position_went_back', `Kafka's position ${formatPosition(kafka)} of ${transactionalId} is older than the checkpoint ${formatPosition(checkpoint)} of ${savedAt}`, {
      fix: `Kafka lost committed data or was restored; choose: ${replayCommand(targetOf(kafka))} (as far as the log still reaches), or ${replayCommand(targetOf(checkpoint))}`,
    });
  }
}
