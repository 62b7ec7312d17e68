/**
 * The local checkpoint: not the truth (that stands in Kafka, in the same transaction as the events) but its guard. Group
 * offsets expire and topics are deleted; without this file an agent that finds no position would take itself for a new
 * one, and publish everything again or skip what it never read.
 *
 *   {"version":1,"host_id":"…","transactional_id":"…","segment":1795360528612,"position":19204112,"index":0,
 *    "events":123456,"instance":"…","saved_at":"2026-01-31T12:00:00.000Z","crc32":1234567890}
 *
 * `crc32` is over the text without it. Keys that this version does not know are kept.
 */
import { crc32 } from 'node:zlib';
import type { CommitLogPosition } from '../../parsers/commitlog/position.js';

export const CHECKPOINT_VERSION = 1;

export interface Checkpoint extends CommitLogPosition {
  readonly hostId: string;
  readonly transactionalId: string;
  /** As in Kafka: 0 = the mutation that ends at `position` is published whole, n > 0 = its first n events. */
  readonly index: number;
  /** Running number of published events. */
  readonly events: number;
  readonly instance: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

export type Parsed = { readonly checkpoint: Checkpoint } | { readonly damage: string } | { readonly version: unknown };

const KNOWN = new Set(['version', 'host_id', 'transactional_id', 'segment', 'position', 'index', 'events', 'instance', 'saved_at', 'crc32']);

export function formatCheckpoint({ hostId, transactionalId, segment, position, index, events, instance, savedAt, extra }: Checkpoint): string {
  const fields = { version: CHECKPOINT_VERSION, host_id: hostId, transactional_id: transactionalId, segment, position, index, events, instance, saved_at: savedAt, ...extra };
  return `${JSON.stringify({ ...fields, crc32: checksum(fields) })}\n`;
}

/** A version that is not ours is told apart from damage: the remedies differ. */
export function parseCheckpoint(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { damage: 'it is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { damage: 'it is not an object' };
  const { crc32: stored, ...fields } = value as Record<string, unknown>;
  if (stored !== checksum(fields)) return { damage: 'its checksum does not match' };
  if (fields['version'] !== CHECKPOINT_VERSION) return { version: fields['version'] };
  const { host_id: hostId, transactional_id: transactionalId, segment, position, index, events, instance, saved_at: savedAt } = fields;
  if (!isText(hostId) || !isText(transactionalId) || !isText(instance) || !isText(savedAt)) return { damage: 'a text field is missing' };
  if (!isCount(segment) || !isCount(position) || !isCount(index) || !isCount(events)) return { damage: 'a number is missing or out of range' };
  const extra = Object.fromEntries(Object.entries(fields).filter(([key]) => !KNOWN.has(key)));
  return { checkpoint: { hostId, transactionalId, segment, position, index, events, instance, savedAt, extra } };
}

function checksum(fields: Readonly<Record<string, unknown>>): number {
  return crc32(JSON.stringify(fields));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
