/** Rows, markers and keys as one line for people: values as JSON by the schema's types, or hex where a value is invalid. */
import { CASSANDRA_JSON, type AbstractType, type ClusteringPrefix, type ColumnMetadata, type DeletionTime, type PartitionUpdate, type RangeTombstoneMarker, type Row } from '../../parsers/index.js';
import { UserType } from '../../parsers/marshal/tuple.js';
import { complexDeletionOf, hasLiveness, isCellTombstone } from './visibility.js';
import { count, formatMicros, identifier, printable } from './text.js';

/** Longer values are cut. */
const LONGEST = 200;
/** How a bound reads in front of its values, by ordinal of ClusteringPrefix.Kind. */
const BOUNDS = ['< ', '>= ', '< and >= ', '', '', '<= and > ', '<= ', '> '];

interface Bytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A value as JSON text; hex when its type refuses it. */
export function valueText(type: AbstractType, { bytes, start, end }: Bytes): string {
  let text: string;
  try {
    text = type.toJson(bytes, start, end, CASSANDRA_JSON);
  } catch {
    text = `0x${bytes.hexSlice(start, Math.min(end, start + LONGEST))}`;
  }
  return text.length <= LONGEST ? printable(text) : `${printable(text.slice(0, LONGEST))}… (${count(end - start)} bytes)`;
}

/** `customer=42 id=7`. */
export function keyText({ table, bytes, keyStart, keyEnd }: PartitionUpdate): string {
  const columns = table.partitionKey;
  if (columns.length === 1) return columnText(columns[0], { bytes, start: keyStart, end: keyEnd });
  // CompositeType: a length, the value and a zero byte for each column.
  const parts: string[] = [];
  let at = keyStart;
  for (const column of columns) {
    const end = at + 2 <= keyEnd ? at + 2 + bytes.readUInt16BE(at) : keyEnd + 1;
    if (end > keyEnd) return `key=0x${bytes.hexSlice(keyStart, keyEnd)}`;
    parts.push(columnText(column, { bytes, start: at + 2, end }));
    at = end + 1;
  }
  return parts.join(' ');
}

/** `row id=7 insert 2026-11-22 10:00:00.000000Z status="paid" tags["vip"]`. */
export function rowText(row: Row, { bytes, table }: PartitionUpdate): string {
  const { liveness } = row;
  const parts = [row.isStatic ? 'static' : 'row', ...clusteringTexts(row.clustering, bytes, table.clustering)];
  if (row.hasDeletion && !row.deletion.isLive) parts.push(`${row.isShadowable ? 'shadowable ' : ''}deleted ${deletionText(row.deletion)}`);
  const time = { high: 0, low: 0, isKnown: false };
  if (hasLiveness(liveness)) {
    Object.assign(time, { high: liveness.timestampHigh, low: liveness.timestampLow, isKnown: true });
    parts.push(`insert ${formatMicros(liveness.timestampHigh, liveness.timestampLow)}${liveness.ttl === 0 ? '' : ` ttl=${liveness.ttl}`}`);
  }
  for (let index = 0; index < row.complexCount; index++) {
    const deletion = complexDeletionOf(row, index);
    if (deletion !== undefined) parts.push(`${identifier(row.complexColumn(index).name)}={} deleted ${deletionText(deletion)}${row.isComplexDeletionDropped(index) ? ' (dropped)' : ''}`);
  }
  for (let cell = 0; cell < row.cellCount; cell++) {
    if (!time.isKnown) {
      Object.assign(time, { high: row.timestampHigh(cell), low: row.timestampLow(cell), isKnown: true });
      parts.push(`update ${formatMicros(time.high, time.low)}`);
    }
    const isOther = time.high !== row.timestampHigh(cell) || time.low !== row.timestampLow(cell);
    const at = isOther ? ` @${formatMicros(row.timestampHigh(cell), row.timestampLow(cell))}` : '';
    const ttl = row.ttl(cell) === 0 || row.ttl(cell) === liveness.ttl ? '' : ` ttl=${row.ttl(cell)}`;
    parts.push(`${cellText(row, cell, bytes)}${at}${ttl}${row.isDropped(cell) || row.column(cell).isDropped ? ' (dropped)' : ''}`);
  }
  return parts.join(' ');
}

/** `range >= (5, "x") deleted …`. */
export function markerText({ clustering, closes, opens, closeDeletion, openDeletion }: RangeTombstoneMarker, { bytes, table }: PartitionUpdate): string {
  const values = clusteringTexts(clustering, bytes, table.clustering).join(' ');
  const ends = [closes ? `ends what was deleted ${deletionText(closeDeletion)}` : '', opens ? `deleted ${deletionText(openDeletion)}` : ''].filter((text) => text !== '');
  return `range ${BOUNDS[clustering.kind]}(${values}) ${ends.join(', ')}`;
}

export function deletionText({ markedForDeleteAtHigh, markedForDeleteAtLow }: DeletionTime): string {
  return formatMicros(markedForDeleteAtHigh, markedForDeleteAtLow);
}

function clusteringTexts({ size, starts, ends }: ClusteringPrefix, bytes: Buffer, columns: readonly ColumnMetadata[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i < size; i++) {
    texts.push(starts[i] < 0 ? `${identifier(columns[i].name)}=null` : columnText(columns[i], { bytes, start: starts[i], end: ends[i] }));
  }
  return texts;
}

function columnText(column: ColumnMetadata, value: Bytes): string {
  return `${identifier(column.name)}=${valueText(column.type, value)}`;
}

function cellText(row: Row, cell: number, bytes: Buffer): string {
  const column = row.column(cell);
  const name = identifier(column.name);
  const value = { bytes, start: row.valueStart(cell), end: row.valueEnd(cell) };
  const isTombstone = isCellTombstone(row, cell);
  if (row.pathStart(cell) < 0) return `${name}=${isTombstone ? 'null' : valueText(column.type, value)}`;
  const path = { bytes, start: row.pathStart(cell), end: row.pathEnd(cell) };
  const element = `${name}[${pathText(column.type, path)}]`;
  if (isTombstone) return `${element}=null`;
  const type = elementType(column.type, path);
  // The element of a set is its path, its value is empty.
  return type?.valueLengthIfFixed === 0 ? element : `${element}=${type === undefined ? `0x${bytes.hexSlice(value.start, value.end)}` : valueText(type, value)}`;
}

function pathText(type: AbstractType, path: Bytes): string {
  if (type instanceof UserType && path.end - path.start === 2) return identifier(type.fieldNames[path.bytes.readUInt16BE(path.start)] ?? '?');
  return valueText(type.cellPathType(), path);
}

function elementType(type: AbstractType, { bytes, start, end }: Bytes): AbstractType | undefined {
  try {
    return type.cellValueType(bytes, start, end);
  } catch {
    return undefined;
  }
}
