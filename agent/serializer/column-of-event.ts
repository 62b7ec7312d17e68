/** Single values of an event, outside of its envelope: for headers, and for the record's time. */
import type { JsonOptions } from '../../parsers/index.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { EventFeatures } from './event-features.js';
import type { ColumnTemplate, TableTemplate } from './json-template.js';
import { HASHED } from './json-values.js';
import type { RecordHeader } from './serializer.js';

interface FoundValue {
  readonly column: ColumnTemplate;
  readonly start: number;
  readonly end: number;
}

const DAY_MS = 86_400_000;
/** SimpleDateType: days from here. */
const EPOCH_DAY = 2 ** 31;
/** 100 ns steps from 1582-10-15 to 1970. */
const UUID_EPOCH_MS = 12_219_292_800_000;

/** Headers that the event has a value for: text as it is, other types as their JSON. A column that is masked gives none. */
export function columnHeaders(event: ChangeEvent, template: TableTemplate, { features, values }: { readonly features: EventFeatures; readonly values: JsonOptions }): RecordHeader[] {
  return features.columnHeaders.flatMap(([name, column]): RecordHeader[] => {
    const found = valueOf(event, template, column);
    if (found === undefined || found.column.isHidden || found.column.shape === HASHED) return [];
    const json = found.column.type.toJson(event.bytes, found.start, found.end, values);
    return [[name, json.startsWith('"') ? (JSON.parse(json) as string) : json]];
  });
}

/** Ms since 1970 of a timestamp, a bigint of ms, a date or a timeuuid; undefined when the event has no such value. */
export function timeOfColumn(event: ChangeEvent, template: TableTemplate, column: string): number | undefined {
  const found = valueOf(event, template, column);
  if (found === undefined) return undefined;
  const { bytes } = event;
  const { start, end } = found;
  switch (end - start) {
    case 4: return (bytes.readUInt32BE(start) - EPOCH_DAY) * DAY_MS;
    case 8: return int64ToNumber(bytes.readInt32BE(start), bytes.readInt32BE(start + 4));
    case 16: {
      const high = bytes.readUInt16BE(start + 6) & 0x0fff;
      const steps = (high * 2 ** 16 + bytes.readUInt16BE(start + 4)) * 2 ** 32 + bytes.readUInt32BE(start);
      return Math.floor(steps / 10_000) - UUID_EPOCH_MS;
    }
    default: return undefined;
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
