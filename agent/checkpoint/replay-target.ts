/** Where a replay begins: what stands behind `replay --from`, and the command as errors name it. */
import { formatPosition, parsePosition, type CommitLogPosition } from '../../parsers/commitlog/position.js';
import { DEFAULT_CONFIG } from '../config/default-file.js';
import { UsageError } from '../errors.js';
import type { StreamPosition } from '../publisher/publisher.js';

/**
 * Behind a position; at the oldest segment that is there; behind everything that is there; where the checkpoint says;
 * where Kafka says (the checkpoint is made to agree).
 */
export type ReplayTarget = CommitLogPosition | 'start' | 'end' | 'checkpoint' | 'kafka';

export const REPLAY_WORDS = ['start', 'end', 'checkpoint', 'kafka'] as const;
const COMMAND = 'cassandra-cdc-agent replay';
/** Positions are Java ints. */
const LARGEST_POSITION = 0x7fffffff;

/** Throws UsageError. */
export function parseReplayTarget(text: string): ReplayTarget {
  const word = REPLAY_WORDS.find((one) => one === text);
  if (word !== undefined) return word;
  const position = parsePosition(text);
  if (position !== null && Number.isSafeInteger(position.segment) && position.position <= LARGEST_POSITION) return position;
  throw new UsageError('replay_from', `--from ${text} is no position`, { fix: 'write SEGMENT:POSITION as status and logs show it (1795360528612:19204112), or start, end, checkpoint or kafka' });
}

/** Within an entry: at its beginning, since the command knows whole entries only. */
export function targetOf({ segment, position, index }: StreamPosition): CommitLogPosition {
  return { segment, position: index > 0 ? position - 1 : position };
}

export function replayCommand(target: ReplayTarget): string {
  return `${COMMAND} --from ${typeof target === 'string' ? target : formatPosition(target)}`;
}

/** The commands in a text, for a configuration that is not the installed one. */
export function withConfig(text: string, config: string): string {
  return config === DEFAULT_CONFIG ? text : text.replaceAll(`${COMMAND} --from`, `${COMMAND} --config ${/^[\w./-]+$/.test(config) ? config : `'${config}'`} --from`);
}

/** An index of 0 is the whole entry, and so behind every other index of it. */
export function compareStream(a: StreamPosition, b: StreamPosition): number {
  return a.segment - b.segment || a.position - b.position || (a.index === b.index ? 0 : a.index === 0 ? 1 : b.index === 0 ? -1 : a.index - b.index);
}
