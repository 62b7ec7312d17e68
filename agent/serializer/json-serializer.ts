/**
 * The native JSON envelope (EVENTS.md). Text is joined from parts that were rendered once per table and values as
 * `SELECT JSON` prints them; nothing passes through JavaScript objects or doubles.
 */
import { CorruptError, type JsonOptions, type Row, type TableMetadata } from '../../parsers/index.js';
import { int64ToNumber, int64ToString } from '../../parsers/io/int64.js';
import { quoteJson } from '../../parsers/io/json-text.js';
import { MarshalError } from '../../parsers/marshal/abstract-type.js';
import type { ChangeEvent } from '../events/change-event.js';
import { hasOwnTimes, secondsJson, timesJson } from './json-cells.js';
import { DeltaWriter } from './json-delta.js';
import { rangeJson } from './json-range.js';
import { TableTemplate, type ColumnTemplate } from './json-template.js';
import { murmur2OfText, toPositive } from './murmur2.js';
import type { EventRecord, Serializer, SourceIdentity } from './serializer.js';

export interface JsonSerializerOptions {
  /** With `{keyspace}` and `{table}`. */
  readonly topic: string;
  readonly values: JsonOptions;
  /** Of the agent. */
  readonly version: string;
  readonly source: SourceIdentity;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class JsonSerializer implements Serializer {
  readonly #options: JsonSerializerOptions;
  readonly #values: JsonOptions;
  readonly #delta: DeltaWriter;
  /** `,"source":{` up to the table's part. */
  readonly #source: string;
  readonly #templates = new WeakMap<TableMetadata, TableTemplate>();
  #lastTable: TableMetadata | undefined;
  #template!: TableTemplate;
  /** The partition key that was rendered last, and of which update. */
  #keyEvent: ChangeEvent | undefined;
  #keyUpdate = -1;
  #partitionKey = '';
  #partitionHint = 0;
  /** Filled with `after` by `#touched`. */
  #cells = '';

  constructor(options: JsonSerializerOptions) {
    this.#options = options;
    this.#values = options.values;
    this.#delta = new DeltaWriter(options.values);
    const { cluster, datacenter, hostId } = options.source;
    const name = (text: string | null): string => (text === null ? 'null' : quoteJson(text));
    this.#source = `,"source":{"version":${quoteJson(options.version)},"cluster":${name(cluster)},"datacenter":${name(datacenter)},"host_id":${name(hostId)},`;
  }

  /** Throws CorruptError `value_invalid` when bytes are not a value of their column's type. */
  serialize(event: ChangeEvent): EventRecord {
    try {
      return this.#record(event);
    } catch (error) {
      if (!(error instanceof MarshalError)) throw error;
      const { keyspace, name } = event.table;
      throw new CorruptError('value_invalid', event.position, `a value of ${keyspace}.${name} in the entry before position ${event.position} is not of its column's type: ${error.message}`, { cause: error });
    }
  }

  #record(event: ChangeEvent): EventRecord {
    const template = this.#template = event.table === this.#lastTable ? this.#template : this.#templateOf(event.table);
    if (event !== this.#keyEvent || event.updateNumber !== this.#keyUpdate) this.#renderPartitionKey(event, template);
    const { op, scope, id } = event;
    const ts = int64ToString(event.timestampHigh, event.timestampLow);
    const key = scope === 'row' ? this.#partitionKey + this.#clustering(event, template) : this.#partitionKey;
    this.#cells = '';
    const touched = op === 'd' ? '' : this.#touched(event, event.row, template);
    const cells = this.#cells === '' ? 'null' : '{' + this.#cells.slice(1) + '}';
    const range = scope === 'range' ? rangeJson(event, template.clustering, this.#values) : 'null';
    const value = '{"id":"' + id + '","op":"' + op + '","scope":"' + scope + '","ts_us":' + ts
      + ',"after":{' + key + touched + '},"row":' + this.#row(event, ts) + ',"cells":' + cells + ',"range":' + range
      + this.#source + template.source + event.segment + '","position":' + event.position + ',"index":' + event.index
      + ',"token":"' + event.token + '","snapshot":false},"ts_ms":' + this.#options.now() + '}';
    return {
      topic: template.topic,
      key: '{' + key + '}',
      value,
      headers: { 'cdc.id': id, 'cdc.op': op, 'cdc.scope': scope },
      partitionHint: this.#partitionHint,
      timestamp: Math.max(0, Math.floor(int64ToNumber(event.timestampHigh, event.timestampLow) / 1000)),
    };
  }

  #templateOf(table: TableMetadata): TableTemplate {
    let template = this.#templates.get(table);
    if (template === undefined) this.#templates.set(table, (template = new TableTemplate(table, this.#options.topic)));
    this.#lastTable = table;
    return template;
  }

  #renderPartitionKey(event: ChangeEvent, { partitionKey }: TableTemplate): void {
    const { key, bytes } = event;
    let text = '';
    for (let i = 0; i < partitionKey.length; i++) {
      const { label, nextLabel, type } = partitionKey[i];
      text += (i === 0 ? label : nextLabel) + type.toJson(bytes, key.starts[i], key.ends[i], this.#values);
    }
    this.#partitionKey = text;
    this.#partitionHint = toPositive(murmur2OfText('{' + text + '}'));
    this.#keyEvent = event;
    this.#keyUpdate = event.updateNumber;
  }

  #clustering({ bytes, row }: ChangeEvent, { clustering }: TableTemplate): string {
    const { starts, ends, size } = row.clustering;
    let text = '';
    for (let i = 0; i < size; i++) {
      text += clustering[i].nextLabel + (starts[i] < 0 ? 'null' : clustering[i].type.toJson(bytes, starts[i], ends[i], this.#values));
    }
    return text;
  }

  /** The columns that the row touches; leaves their times in `#cells`. */
  #touched(event: ChangeEvent, row: Row, template: TableTemplate): string {
    const columns = template.columns(row.columns);
    const { bytes } = event;
    let text = '';
    for (let cell = 0; cell < row.cellCount; cell++) {
      if (row.pathStart(cell) >= 0) continue;
      const column = columns[row.columnIndex(cell)];
      if (column.isHidden || row.isDropped(cell)) continue;
      text += column.nextLabel + (row.isTombstone(cell) ? 'null' : column.type.toJson(bytes, row.valueStart(cell), row.valueEnd(cell), this.#values));
      if (hasOwnTimes(event, row, cell)) this.#cells += column.nextLabel + timesJson(row, cell);
    }
    return row.complexCount === 0 ? text : text + this.#deltas(event, row, columns);
  }

  #deltas(event: ChangeEvent, row: Row, columns: readonly ColumnTemplate[]): string {
    const delta = this.#delta;
    let text = '';
    for (let complex = 0; complex < row.complexCount; complex++) {
      const column = columns[complexColumnIndex(row, complex)];
      if (column.isHidden || !delta.write(event, complex, column)) continue;
      text += column.nextLabel + delta.delta;
      if (delta.cells !== '') this.#cells += column.nextLabel + delta.cells;
    }
    return text;
  }

  #row({ op, row, deletion, timestampHigh, timestampLow }: ChangeEvent, ts: string): string {
    if (op === 'd') return `{"ts_us":${ts},"local_delete_time":${secondsJson(deletion.localDeletionTime)}}`;
    if (op === 'u') return 'null';
    const { liveness } = row;
    const isSame = liveness.timestampHigh === timestampHigh && liveness.timestampLow === timestampLow;
    const own = '{"ts_us":' + (isSame ? ts : int64ToString(liveness.timestampHigh, liveness.timestampLow));
    return liveness.ttl === 0 ? own + '}' : `${own},"ttl":${liveness.ttl},"expires_at":${secondsJson(liveness.localExpirationTime)}}`;
  }
}

/** Index in `row.columns` of a complex column. */
function complexColumnIndex(row: Row, complex: number): number {
  const first = row.complexFirstCell(complex);
  return first < row.complexCellsEnd(complex) ? row.columnIndex(first) : row.columns.indexOf(row.complexColumn(complex));
}
