/**
 * The `cells` block: write times and TTLs, of cells only that have another timestamp than the event, or a TTL.
 *
 *   simple column   "status": { "ts_us", "ttl", "expires_at" }
 *   complex column  "tags": { "overwritten": { "ts_us" }, "elements": { "vip": { "ts_us", … } } }
 *
 * `overwritten` stands there only when the wipe's timestamp is neither the event's nor one microsecond less, which is
 * what Cassandra writes for an assignment. Names of elements are those of the delta: a map's key, a set's element, a
 * list's id, a UDT's field.
 */
import { localDeletionSeconds, type DeletionTime, type Row } from '../../parsers/index.js';
import { INVALID_DELETION_TIME } from '../../parsers/db/deletion-time.js';
import { int64ToString } from '../../parsers/io/int64.js';
import type { ChangeEvent } from '../events/change-event.js';

/** Seconds since 1970 as JSON: null for a time that overflowed in a Cassandra of long ago. */
export function secondsJson(slot: number): string {
  return slot === INVALID_DELETION_TIME ? 'null' : '' + localDeletionSeconds(slot);
}

/** Whether the cell's times are told: they differ from the event's, or end. */
export function hasOwnTimes(event: ChangeEvent, row: Row, cell: number): boolean {
  return row.timestampLow(cell) !== event.timestampLow || row.timestampHigh(cell) !== event.timestampHigh || row.isExpiring(cell);
}

/** `{"ts_us":…,"ttl":…,"expires_at":…}` */
export function timesJson(row: Row, cell: number): string {
  const ts = `{"ts_us":${int64ToString(row.timestampHigh(cell), row.timestampLow(cell))}`;
  return row.isExpiring(cell) ? `${ts},"ttl":${row.ttl(cell)},"expires_at":${secondsJson(row.localDeletionTime(cell))}}` : ts + '}';
}

/** `"overwritten":{"ts_us":…}`, or nothing where the event's own timestamp says it. */
export function wipeJson(event: ChangeEvent, { markedForDeleteAtHigh: high, markedForDeleteAtLow: low }: DeletionTime): string {
  if (high === event.timestampHigh && low === event.timestampLow) return '';
  const beforeLow = (event.timestampLow - 1) | 0;
  const beforeHigh = event.timestampLow === 0 ? event.timestampHigh - 1 : event.timestampHigh;
  if (high === beforeHigh && low === beforeLow) return '';
  return `"overwritten":{"ts_us":${int64ToString(high, low)}}`;
}
