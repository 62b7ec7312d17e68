/**
 * The position in Kafka: a group offset (the running number of events) with JSON metadata on `{prefix}.position`-0.
 *
 *   {"v":1,"segment":1795360528612,"position":19204112,"index":0,"instance":"4f0c…","low":{"segment":…,"position":…},
 *    "settled":{"segment":…,"position":…},"written":1795360528612}
 *
 * Versioned; keys that this version does not know are kept and written back.
 */
import type { CommitLogPosition } from '../../../parsers/commitlog/position.js';
import { ConfigError } from '../../errors.js';
import type { StoredPosition } from './port.js';

export const POSITION_VERSION = 1;
/** The broker's `offset.metadata.max.bytes`. */
export const METADATA_LIMIT = 4096;
const KNOWN = new Set(['v', 'segment', 'position', 'index', 'instance', 'low', 'settled', 'written']);

export function formatPositionRecord({ segment, position, index, instance, low, settled, written, extra }: StoredPosition): string {
  const text = JSON.stringify({ v: POSITION_VERSION, segment, position, index, instance, ...(low !== null && { low }), ...(settled !== undefined && { settled }), ...(written !== undefined && { written }), ...extra });
  const bytes = Buffer.byteLength(text);
  if (bytes > METADATA_LIMIT) throw new RangeError(`the position's metadata takes ${bytes} bytes, Kafka stores ${METADATA_LIMIT}`);
  return text;
}

/** `events` is the group offset. Whatever is not a position of this version is refused: guessing would lose or double events. */
export function parsePositionRecord(text: string, events: number, transactionalId: string): StoredPosition {
  const refuse = (what: string): ConfigError =>
    new ConfigError('position_unreadable', `the position of ${transactionalId} in Kafka ${what}`, {
      fix: 'run a version of the agent that can read it, or choose a position: cassandra-cdc-agent replay --from SEGMENT:POSITION',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('is not an object');
  const fields = value as Record<string, unknown>;
  const { v, segment, position, index, instance, written } = fields;
  if (v !== POSITION_VERSION) throw refuse(`has version ${JSON.stringify(v)}, this agent knows ${POSITION_VERSION}`);
  if (!isCount(segment) || !isCount(position) || !isCount(index) || typeof instance !== 'string') throw refuse('lacks a field');
  const low = fields['low'] ?? null;
  if (low !== null && !isLogPosition(low)) throw refuse('has a broken "low"');
  const settled = fields['settled'];
  if (settled !== undefined && !isLogPosition(settled)) throw refuse('has a broken "settled"');
  if (written !== undefined && !isCount(written)) throw refuse('has a broken "written"');
  const extra = Object.fromEntries(Object.entries(fields).filter(([key]) => !KNOWN.has(key)));
  return { segment, position, index, instance, low, ...(settled !== undefined && { settled }), ...(written !== undefined && { written }), events, extra };
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isLogPosition(value: unknown): value is CommitLogPosition {
  const { segment, position } = (value ?? {}) as Record<string, unknown>;
  return isCount(segment) && isCount(position);
}
