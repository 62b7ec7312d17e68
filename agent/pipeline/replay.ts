/**
 * Moves the position in Kafka by hand. Looks at everything first; then, in this order, so that a crash in between leaves
 * an agent that refuses to start rather than one that deletes what is unread: the position in Kafka, the ledger of
 * segments, the checkpoint.
 */
import { randomUUID } from 'node:crypto';
import { formatPosition } from '../../parsers/index.js';
import type { Checkpoint, Parsed } from '../checkpoint/checkpoint.js';
import { planReplay, type ReplayPlan, type SegmentMeasure } from '../checkpoint/replay-plan.js';
import { compareStream, type ReplayTarget } from '../checkpoint/replay-target.js';
import { RetryableError } from '../errors.js';
import type { FoundPosition } from '../publisher/kafka/move-position.js';
import type { StoredPosition } from '../publisher/kafka/port.js';
import type { SegmentLedger } from '../source/live/segment-ledger.js';
import { newestStarted, type Survey } from '../source/live/segment-survey.js';

export interface ReplayPorts {
  readonly hostId: string;
  readonly transactionalId: string;
  readonly kafka: {
    look(): Promise<FoundPosition>;
    /** Fences every older producer, hands over what is found then, and commits the answer. */
    move(decide: (found: FoundPosition) => StoredPosition): Promise<StoredPosition>;
  };
  readonly segments: SegmentMeasure & { look(): Survey };
  readonly ledger: {
    /** Throws IoError when it is damaged. */
    load(): SegmentLedger;
    /** Begins it anew. */
    remove(): void;
  };
  readonly checkpoint: {
    load(): Promise<Parsed | null>;
    write(checkpoint: Checkpoint): Promise<void>;
  };
  /** Ms since 1970. */
  readonly now: () => number;
}

/** Everything that was looked at, and what a replay makes of it. */
export interface PreparedReplay {
  readonly kafka: FoundPosition;
  readonly checkpoint: Parsed | null;
  readonly survey: Survey;
  readonly plan: ReplayPlan;
}

/** Changes nothing. Rejects with UsageError, ConfigError, IoError, RetryableError. */
export async function prepareReplay(target: ReplayTarget, ports: ReplayPorts): Promise<PreparedReplay> {
  const kafka = await ports.kafka.look();
  const checkpoint = await ports.checkpoint.load();
  const survey = ports.segments.look();
  const plan = planReplay(target, { hostId: ports.hostId, kafka, checkpoint, segments: survey.segments, seen: ports.ledger.load(), measure: ports.segments });
  return { kafka, checkpoint, survey, plan };
}

/** With the state directory locked. Resolves with the position that was read back. */
export async function performReplay({ kafka, checkpoint, survey, plan }: PreparedReplay, ports: ReplayPorts): Promise<StoredPosition> {
  const { hostId, transactionalId } = ports;
  const old = checkpoint !== null && 'checkpoint' in checkpoint ? checkpoint.checkpoint : null;
  const stored = await ports.kafka.move((found) => {
    refuseWhenMoved(kafka, found, transactionalId);
    return {
      ...plan.to,
      instance: randomUUID(),
      // What was needed before it belongs to the old position; nothing moved: it still does.
      low: found.position !== null && compareStream(plan.to, found.position) === 0 ? found.position.low : null,
      events: Math.max(found.events ?? 0, old?.events ?? 0),
      extra: found.position?.extra ?? {},
    };
  });
  rememberSegments(ports, survey, plan);
  const { segment, position, index, events, instance } = stored;
  await ports.checkpoint.write({
    hostId, transactionalId, segment, position, index, events, instance,
    savedAt: new Date(ports.now()).toISOString(), extra: old?.extra ?? {},
  });
  return stored;
}

function refuseWhenMoved(before: FoundPosition, now: FoundPosition, transactionalId: string): void {
  if (before.events === now.events && (before.position === null ? now.position === null : now.position !== null && compareStream(before.position, now.position) === 0)) return;
  throw new RetryableError('replay_position_moved', `the position of ${transactionalId} moved meanwhile, to ${now.position === null ? 'none' : formatPosition(now.position)}: nothing was changed`, { fix: 'an agent publishes under this id, perhaps on another host: stop it, and try again' });
}

/**
 * What is there is known from now on: segments before the new position are deleted like read ones, and those that came
 * late (their ids are lower than others that were seen before) are read in their turn.
 */
function rememberSegments({ ledger }: ReplayPorts, { segments }: Survey, { to, isForeign }: ReplayPlan): void {
  if (isForeign) ledger.remove();
  const seen = ledger.load();
  seen.startAt(Math.min(to.segment, segments[0]?.id ?? to.segment) - 1);
  const newest = newestStarted(segments) ?? 0;
  // Not those that stand ready for later: a higher id that was seen says that a lower one is finished.
  for (const { id } of segments) if (id <= newest) seen.see(id);
  seen.flush();
}
