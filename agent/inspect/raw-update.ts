/**
 * Updates as JSON of the raw contract (`inspect --dump`): values as hex, 64-bit numbers as decimal strings, in Cassandra's
 * order, without interpretation.
 *
 *   UPDATE {"ks","tbl","id","key","token","del":DEL,"static":ROW,"items":[ROW|RT..]}
 *   ROW    {"t":"row","ck":[hex|null..]|null,"live":[ts]|[ts,ttl,localExpirationTime],"del":DEL,"shadowable":1,"cells":[CELL..],"cdel":[{"c","del":DEL}]}
 *   CELL   {"c","p","ts","ttl","ldt","x":1|"v","dropped":1}
 *   RT     {"t":"rt","kind","ck":[hex|null..],"close":DEL,"open":DEL}
 *   DEL    ["markedForDeleteAt",localDeletionTime]
 */
import { hash } from 'node:crypto';
import { NO_DELETION_TIME, localDeletionSeconds, tokenOf, type ClusteringPrefix, type ColumnMetadata, type DeletionTime, type PartitionUpdate, type RangeTombstoneMarker, type Row, type TableMetadata } from '../../parsers/index.js';
import { int64ToString } from '../../parsers/io/int64.js';
import { uuidToString } from '../../parsers/marshal/uuid.js';
import type { UpdateSink } from './entry-decoder.js';
import { complexDeletionOf, hasLiveness, isBare, isCellTombstone } from './visibility.js';

/** Longer byte strings are given by length and digest. */
const LONGEST = 4096;

export function rawHex(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  return length <= LONGEST ? bytes.hexSlice(start, end) : `#${length}:${hash('sha256', bytes.subarray(start, end))}`;
}

export class RawUpdateWriter implements UpdateSink {
  /** The UPDATEs since `clear()`, comma-separated. */
  text = '';
  #static = '';
  #items = '';
  readonly #token = { hi: 0, lo: 0 };
  readonly #columnHeads = new WeakMap<ColumnMetadata, string>();
  readonly #tableHeads = new WeakMap<TableMetadata, string>();

  clear(): void {
    this.text = '';
  }

  beginUpdate(update: PartitionUpdate): void {
    this.#static = '';
    this.#items = '';
    const { bytes, table, keyStart, keyEnd } = update;
    let text = `${this.#tableHead(table)},"key":"${rawHex(bytes, keyStart, keyEnd)}","token":"${this.#tokenText(update)}"`;
    if (update.hasPartitionDeletion && !update.partitionDeletion.isLive) text += `,"del":${deletionJson(update.partitionDeletion)}`;
    this.text += this.text === '' ? text : `,${text}`;
  }

  row(update: PartitionUpdate, row: Row): void {
    // Cassandra skips rows that hold nothing (UnfilteredSerializer.deserialize).
    if (isBare(row)) return;
    const json = this.#rowJson(row, update.bytes);
    if (row.isStatic) this.#static = json;
    else this.#item(json);
  }

  marker({ bytes }: PartitionUpdate, marker: RangeTombstoneMarker): void {
    const { clustering, closeDeletion, openDeletion } = marker;
    let json = `{"t":"rt","kind":"${clustering.kindName}","ck":${clusteringJson(clustering, bytes)}`;
    if (!closeDeletion.isLive) json += `,"close":${deletionJson(closeDeletion)}`;
    if (!openDeletion.isLive) json += `,"open":${deletionJson(openDeletion)}`;
    this.#item(`${json}}`);
  }

  endUpdate(): void {
    if (this.#static !== '') this.text += `,"static":${this.#static}`;
    this.text += this.#items === '' ? '}' : `,"items":[${this.#items}]}`;
  }

  #item(json: string): void {
    this.#items += this.#items === '' ? json : `,${json}`;
  }

  #rowJson(row: Row, bytes: Buffer): string {
    const { liveness } = row;
    let json = `{"t":"row","ck":${row.isStatic ? 'null' : clusteringJson(row.clustering, bytes)}`;
    if (hasLiveness(liveness)) {
      json += `,"live":["${int64ToString(liveness.timestampHigh, liveness.timestampLow)}"`;
      json += liveness.ttl === 0 ? ']' : `,${liveness.ttl},${localDeletionSeconds(liveness.localExpirationTime)}]`;
    }
    if (row.hasDeletion && !row.deletion.isLive) json += `,"del":${deletionJson(row.deletion)}`;
    if (row.isShadowable) json += ',"shadowable":1';
    if (row.cellCount > 0) {
      json += ',"cells":[';
      for (let cell = 0; cell < row.cellCount; cell++) json += this.#cellJson(row, cell, bytes);
      json += ']';
    }
    return `${json}${complexDeletionsJson(row)}}`;
  }

  #cellJson(row: Row, cell: number, bytes: Buffer): string {
    const column = row.column(cell);
    const pathStart = row.pathStart(cell);
    const ttl = row.ttl(cell);
    const time = row.localDeletionTime(cell);
    let json = cell === 0 ? this.#columnHead(column) : `,${this.#columnHead(column)}`;
    if (pathStart >= 0) json += `,"p":"${rawHex(bytes, pathStart, row.pathEnd(cell))}"`;
    json += `,"ts":"${int64ToString(row.timestampHigh(cell), row.timestampLow(cell))}"`;
    if (ttl !== 0) json += `,"ttl":${ttl}`;
    if (time !== NO_DELETION_TIME) json += `,"ldt":${localDeletionSeconds(time)}`;
    json += isCellTombstone(row, cell) ? ',"x":1' : `,"v":"${rawHex(bytes, row.valueStart(cell), row.valueEnd(cell))}"`;
    return row.isDropped(cell) || column.isDropped ? `${json},"dropped":1}` : `${json}}`;
  }

  #columnHead(column: ColumnMetadata): string {
    let head = this.#columnHeads.get(column);
    if (head === undefined) this.#columnHeads.set(column, (head = `{"c":${JSON.stringify(column.name)}`));
    return head;
  }

  #tableHead(table: TableMetadata): string {
    let head = this.#tableHeads.get(table);
    if (head === undefined) this.#tableHeads.set(table, (head = `{"ks":${JSON.stringify(table.keyspace)},"tbl":${JSON.stringify(table.name)},"id":"${table.id}"`));
    return head;
  }

  #tokenText({ bytes, table, keyStart, keyEnd }: PartitionUpdate): string {
    if (hasLocalPartitioner(table) && keyEnd - keyStart === 16) return uuidToString(bytes, keyStart);
    const token = tokenOf(bytes, keyStart, keyEnd, this.#token);
    return int64ToString(token.hi, token.lo);
  }
}

/** system.batches alone is kept in order of its keys, which are their own tokens (SystemKeyspace, LocalPartitioner). */
function hasLocalPartitioner({ keyspace, name }: TableMetadata): boolean {
  return name === 'batches' && keyspace === 'system';
}

function clusteringJson({ size, starts, ends }: ClusteringPrefix, bytes: Buffer): string {
  let json = '[';
  for (let i = 0; i < size; i++) {
    if (i > 0) json += ',';
    json += starts[i] < 0 ? 'null' : `"${rawHex(bytes, starts[i], ends[i])}"`;
  }
  return `${json}]`;
}

function complexDeletionsJson(row: Row): string {
  let json = '';
  for (let index = 0; index < row.complexCount; index++) {
    const deletion = complexDeletionOf(row, index);
    if (deletion === undefined) continue;
    const column = row.complexColumn(index);
    const dropped = row.isComplexDeletionDropped(index) || column.isDropped ? ',"dropped":1' : '';
    json += `${json === '' ? ',"cdel":[' : ','}{"c":${JSON.stringify(column.name)},"del":${deletionJson(deletion)}${dropped}}`;
  }
  return json === '' ? '' : `${json}]`;
}

function deletionJson(deletion: DeletionTime): string {
  return `["${int64ToString(deletion.markedForDeleteAtHigh, deletion.markedForDeleteAtLow)}",${localDeletionSeconds(deletion.localDeletionTime)}]`;
}
