/** Single values of an event, outside of its envelope: for headers, and for the record's time. */
import type { JsonOptions } from '../../parsers/index.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import type { TimeShape } from '../config/record-time.js';
import type { ChangeEvent } from '../events/change-event.js';
import { hashText, type EventFeatures } from './event-features.js';
import type { ColumnTemplate, TableTemplate, TimeColumn } from './json-template.js';
import { HASHED } from './json-values.js';
import type { RecordHeader } from './serializer.js';

interface FoundValue {
  readonly column: ColumnTemplate;
  readonly start: number;
  readonly end: number;
}

const LENGTHS: Readonly<Record<TimeShape, number>> = { millis: 8, days: 4, timeuuid: 16 };
const DAY_MS = 86_400_000;
/** SimpleDateType: days from here. */
const EPOCH_DAY = 2 ** 31;
/** From 1582-10-15 to 1970. */
const UUID_EPOCH_MS = 12_219_292_800_000;
/** Steps of 100 ns in a millisecond, and what 2^32 of them are in ms. */
const STEPS_PER_MS = 10_000;
const MS_OF_HIGH = Math.floor(2 ** 32 / STEPS_PER_MS);
const STEPS_OF_HIGH = 2 ** 32 % STEPS_PER_MS;
/** Of a Date: what lies behind it is no time that anybody meant. */
const LAST_MS = 8.64e15;

/** Headers that the event has a value for: text as it is, other types as their JSON; the hash of a column that is hashed. One that is left out gives none. */
export function columnHeaders(event: ChangeEvent, template: TableTemplate, { features, values }: { readonly features: EventFeatures; readonly values: JsonOptions }): RecordHeader[] {
  return features.columnHeaders.flatMap(([name, column]): RecordHeader[] => {
    const found = valueOf(event, template, column);
    if (found === undefined || found.column.isHidden) return [];
    const json = found.column.type.toJson(event.bytes, found.start, found.end, values);
    if (found.column.shape === HASHED) return [[name, hashText(json, features.hashKey)]];
    return [[name, json.startsWith('"') ? (JSON.parse(json) as string) : json]];
  });
}

/** Ms since 1970; undefined when the event has no such value, or none that is a time. */
export function timeOfColumn(event: ChangeEvent, template: TableTemplate, { name, shape }: TimeColumn): number | undefined {
  const found = valueOf(event, template, name);
  // Zero-length values are valid.
  if (found === undefined || found.end - found.start !== LENGTHS[shape]) return undefined;
  const ms = timeAt(event.bytes, found.start, shape);
  return ms <= LAST_MS ? ms : undefined;
}

function timeAt(bytes: Buffer, start: number, shape: TimeShape): number {
  switch (shape) {
    case 'millis': return int64ToNumber(bytes.readInt32BE(start), bytes.readInt32BE(start + 4));
    case 'days': return (bytes.readUInt32BE(start) - EPOCH_DAY) * DAY_MS;
    case 'timeuuid': {
      // 60 bits are more than a double holds.
      const high = (bytes.readUInt16BE(start + 6) & 0x0fff) * 2 ** 16 + bytes.readUInt16BE(start + 4);
      return high * MS_OF_HIGH + Math.floor((high * STEPS_OF_HIGH + bytes.readUInt32BE(start)) / STEPS_PER_MS) - UUID_EPOCH_MS;
    }
  }
}

/** A value that this very event carries; undefined for absent ones, nulls and non-frozen collections. */
function valueOf(event: ChangeEvent, template: TableTemplate, name: string): FoundValue | undefined {
  const { partitionKey, clustering } = template;
  const inKey = partitionKey.findIndex((column) => column.name === name);
  if (inKey >= 0) return { column: partitionKey[inKey], start: event.key.starts[inKey], end: event.key.ends[inKey] };
  if (event.scope === 'partition' || event.scope === 'range') return undefined;
  const { row } = event;
  const inClustering = clustering.findIndex((column) => column.name === name);
  if (inClustering >= 0) {
    const { size, starts, ends } = row.clustering;
    return event.scope === 'row' && inClustering < size && starts[inClustering] >= 0 ? { column: clustering[inClustering], start: starts[inClustering], end: ends[inClustering] } : undefined;
  }
  if (event.op === 'd') return undefined;
  const templates = template.columns(row.columns);
  for (let cell = 0; cell < row.cellCount; cell++) {
    const column = templates[row.columnIndex(cell)];
    if (column.name !== name || row.pathStart(cell) >= 0) continue;
    return row.isTombstone(cell) || event.isHidden(cell) ? undefined : { column, start: row.valueStart(cell), end: row.valueEnd(cell) };
  }
  return undefined;
}
