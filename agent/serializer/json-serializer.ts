/**
 * The native JSON envelope (EVENTS.md), written as bytes from parts that were rendered once per table and values as
 * `SELECT JSON` prints them; nothing passes through JavaScript objects or doubles.
 */
import { CorruptError, type JsonOptions, type Row, type TableMetadata } from '../../parsers/index.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import { quoteJson } from '../../parsers/io/json-text.js';
import { MarshalError } from '../../parsers/marshal/abstract-type.js';
import type { ChangeEvent, Op, Scope } from '../events/change-event.js';
import type { ChunkMemory } from './chunk-memory.js';
import { columnHeaders, timeOfColumn } from './column-of-event.js';
import { NO_FEATURES, type EventFeatures } from './event-features.js';
import { JsonBytes } from './json-bytes.js';
import { DeltaWriter } from './json-delta.js';
import { PathWriter } from './json-paths.js';
import { RangeWriter } from './json-range.js';
import { LineWriter } from './json-line.js';
import { ID_BYTES, JsonLine, JsonRecord } from './json-record.js';
import { TableTemplate, type ColumnTemplate } from './json-template.js';
import { TimesWriter, complexColumnIndex } from './json-times.js';
import { ValueWriter } from './json-values.js';
import { rendered, type Rendered } from './rendered.js';
import { murmur2At, toPositive } from './murmur2.js';
import { RecordHeaders } from './record-headers.js';
import type { EventRecord, Serializer, SourceIdentity } from './serializer.js';

const ID = rendered('{"id":"');
const AFTER = rendered(',"after":{');
const ROW = rendered('},"row":');
const CELLS = rendered(',"cells":');
const NO_CELLS_RANGE = rendered(',"cells":null,"range":');
const NO_RANGE = rendered(',"range":null,');
const NULL = rendered('null');
const INDEX = rendered(',"index":');
const TOKEN = rendered(',"token":"');
/** Of the first event of a mutation, which most have no second of. */
const FIRST_INDEX = rendered(',"index":0,"token":"');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

/** `","op":"…","scope":"…","ts_us":` */
const KINDS: Readonly<Record<Op, Readonly<Record<Scope, Rendered>>>> = { c: kindsOf('c'), u: kindsOf('u'), d: kindsOf('d') };
const ROW_INSERTED = KINDS.c.row;
const ROW_UPDATED = KINDS.u.row;

function kindsOf(op: Op): Record<Scope, Rendered> {
  const kind = (scope: Scope): Rendered => rendered(`","op":"${op}","scope":"${scope}","ts_us":`);
  return { row: kind('row'), static: kind('static'), partition: kind('partition'), range: kind('range') };
}

/** A member whose name is in a variable is looked up each time: not for the two that most events are. */
function kindOf(op: Op, scope: Scope): Rendered {
  if (scope === 'row' && op !== 'd') return op === 'c' ? ROW_INSERTED : ROW_UPDATED;
  return KINDS[op][scope];
}

export interface JsonSerializerOptions {
  /** With `{keyspace}` and `{table}`. */
  readonly topic: string;
  readonly values: JsonOptions;
  /** Of the agent. */
  readonly version: string;
  readonly source: SourceIdentity;
  readonly features?: EventFeatures;
  /** Each record stands in a line of its own (NDJSON). */
  readonly lines?: boolean;
  /** Where records are written; not given: memory of its own. */
  readonly memory?: ChunkMemory | undefined;
}

export class JsonSerializer implements Serializer {
  readonly #render: { readonly topic: string; readonly values: JsonOptions; readonly source: string; readonly features: EventFeatures };
  readonly #out: JsonBytes;
  readonly #values: ValueWriter;
  readonly #deltas: DeltaWriter;
  readonly #times: TimesWriter;
  readonly #ranges: RangeWriter;
  readonly #headers: RecordHeaders;
  readonly #line: LineWriter | undefined;
  readonly #templates = new WeakMap<TableMetadata, TableTemplate>();
  /** Headers that need a value of the row. */
  readonly #hasExtras: boolean;
  /** What ends every event of entries that were read at the same time. */
  #end = rendered('');
  #readAtText = '';
  #lastTable: TableMetadata | undefined;
  #lastTemplate!: TableTemplate;

  constructor({ topic, values, version, source, features = NO_FEATURES, lines = false, memory }: JsonSerializerOptions) {
    this.#out = new JsonBytes(memory);
    const name = (text: string | null): string => (text === null ? 'null' : quoteJson(text));
    this.#render = { topic, values, features, source: `"source":{"version":${quoteJson(version)},"cluster":${name(source.cluster)},"datacenter":${name(source.datacenter)},"host_id":${name(source.hostId)},` };
    this.#values = new ValueWriter(this.#out, values);
    this.#values.hashKey = features.hashKey;
    this.#values.onNotJson = (column) => this.#notJson(column as ColumnTemplate);
    this.#hasExtras = features.columnHeaders.length > 0;
    const paths = new PathWriter(this.#out, this.#values);
    this.#deltas = new DeltaWriter(this.#out, this.#values, paths);
    this.#times = new TimesWriter(this.#out, paths);
    this.#ranges = new RangeWriter(this.#out, this.#values);
    this.#headers = new RecordHeaders(features.fixedHeaders);
    this.#line = lines ? new LineWriter(this.#out) : undefined;
  }

  shows(event: ChangeEvent): boolean {
    const template = this.#templateFor(event.table);
    return !template.leavesOut || event.op !== 'u' || this.#showsColumns(event, template.columns(event.row.columns));
  }

  /** Throws CorruptError `value_invalid` when bytes are not a value of their column's type. */
  serialize(event: ChangeEvent): EventRecord {
    try {
      return this.#record(event, this.#templateFor(event.table));
    } catch (error) {
      if (!(error instanceof MarshalError)) throw error;
      const { keyspace, name } = event.table;
      throw new CorruptError('value_invalid', event.position, `a value of ${keyspace}.${name} in the entry before position ${event.position} is not of its column's type: ${error.message}`, { cause: error });
    }
  }

  release(): void {
    this.#out.release();
  }

  #templateFor(table: TableMetadata): TableTemplate {
    return table === this.#lastTable ? this.#lastTemplate : this.#templateOf(table);
  }

  #templateOf(table: TableMetadata): TableTemplate {
    let template = this.#templates.get(table);
    if (template === undefined) this.#templates.set(table, (template = new TableTemplate(table, this.#render)));
    this.#lastTable = table;
    return (this.#lastTemplate = template);
  }

  #record(event: ChangeEvent, template: TableTemplate): EventRecord {
    const out = this.#out;
    const line = this.#line;
    out.begin();
    this.#values.source = event.bytes;
    line?.open(template.lineHead);
    const keyStart = out.length;
    const partitionHint = this.#key(event, template, keyStart);
    const keyEnd = out.length;
    const own = this.#headers.of(event);
    const headers = this.#hasExtras ? [...own, ...columnHeaders(event, template, this.#render)] : own;
    const timestamp = timestampOf(event, template);
    line?.between(event.digest, headers, timestamp);
    const valueStart = out.length;
    this.#value(event, template, { keyStart, keyEnd });
    const valueEnd = out.length;
    line?.close();
    const parts = { topic: template.topic, keyStart, keyEnd, valueStart, valueEnd, partitionHint, headers, timestamp };
    return line === undefined ? new JsonRecord(out, parts) : new JsonLine(out, parts);
  }

  #notJson({ name }: ColumnTemplate): void {
    const table = this.#lastTable;
    if (table !== undefined) this.#render.features.onNotJson(`${table.keyspace}.${table.name}`, name);
  }

  /** Writes the key, which is the record's from `keyStart`; returns the hash of the partition key's own JSON. */
  #key(event: ChangeEvent, { partitionKey, clustering }: TableTemplate, keyStart: number): number {
    const out = this.#out;
    const values = this.#values;
    const { starts, ends } = event.key;
    for (let i = 0; i < partitionKey.length; i++) {
      const column = partitionKey[i];
      out.raw(column.label);
      values.write(column, starts[i], ends[i]);
    }
    out.patch(keyStart, OPEN);
    out.byte(CLOSE);
    const hint = toPositive(murmur2At(out.view, out.start + keyStart, out.at));
    if (event.scope !== 'row') return hint;
    out.back(1);
    const { clustering: prefix } = event.row;
    for (let i = 0; i < prefix.size; i++) {
      out.raw(clustering[i].label);
      if (prefix.starts[i] < 0) out.raw(NULL);
      else values.write(clustering[i], prefix.starts[i], prefix.ends[i]);
    }
    out.byte(CLOSE);
    return hint;
  }

  #value(event: ChangeEvent, template: TableTemplate, { keyStart, keyEnd }: { readonly keyStart: number; readonly keyEnd: number }): void {
    const out = this.#out;
    const { op, scope } = event;
    out.raw(ID);
    out.hex(event.digest, ID_BYTES);
    out.raw(kindOf(op, scope));
    out.micros(event.timestampHigh, event.timestampLow);
    out.raw(AFTER);
    out.again(keyStart + 1, keyEnd - 1);
    if (op === 'd') this.#deletion(event, template);
    else this.#write(event, template);
    this.#place(event);
  }

  /** From behind the key to the position: of a write. */
  #write(event: ChangeEvent, template: TableTemplate): void {
    const out = this.#out;
    const { row } = event;
    const columns = template.columns(row.columns);
    if (row.isPlain && !template.leavesOut) this.#plain(row, columns);
    else this.#touched(event, row, columns);
    out.raw(ROW);
    this.#times.writeRow(event);
    if (event.isUniform) {
      out.raw(template.plainSource(event.segment));
      return;
    }
    out.raw(CELLS);
    this.#times.writeCells(event, columns);
    out.raw(NO_RANGE);
    out.raw(template.source(event.segment));
  }

  /** The same of a deletion. */
  #deletion(event: ChangeEvent, template: TableTemplate): void {
    const out = this.#out;
    out.raw(ROW);
    this.#times.writeRow(event);
    if (event.scope !== 'range') {
      out.raw(template.plainSource(event.segment));
      return;
    }
    out.raw(NO_CELLS_RANGE);
    this.#ranges.write(event, template.clustering);
    out.byte(COMMA);
    out.raw(template.source(event.segment));
  }

  #place(event: ChangeEvent): void {
    const out = this.#out;
    out.int(event.position);
    if (event.index === 0) {
      out.raw(FIRST_INDEX);
    } else {
      out.raw(INDEX);
      out.int(event.index);
      out.raw(TOKEN);
    }
    const { token } = event;
    out.int64(token.hi, token.lo);
    if (event.readAtText !== this.#readAtText) this.#renderEnd(event.readAtText);
    out.raw(this.#end);
  }

  #renderEnd(readAtText: string): void {
    this.#readAtText = readAtText;
    this.#end = rendered(`","snapshot":false},"ts_ms":${readAtText}}`);
  }

  /** Whether `#touched` would write anything. */
  #showsColumns(event: ChangeEvent, columns: readonly ColumnTemplate[]): boolean {
    const { row } = event;
    for (let cell = 0; cell < row.cellCount; cell++) {
      if (row.pathStart(cell) < 0 && !columns[row.columnIndex(cell)].isHidden && !event.isHidden(cell)) return true;
    }
    for (let complex = 0; complex < row.complexCount; complex++) {
      if (!columns[complexColumnIndex(row, complex)].isHidden && this.#deltas.isShown(event, complex)) return true;
    }
    return false;
  }

  /** The columns of a plain row, of which none is left out: what `#touched` writes, without asking what each is. */
  #plain(row: Row, columns: readonly ColumnTemplate[]): void {
    const out = this.#out;
    const values = this.#values;
    const { cellCount } = row;
    for (let cell = 0; cell < cellCount; cell++) {
      const column = columns[row.columnIndex(cell)];
      out.raw(column.label);
      values.write(column, row.valueStart(cell), row.valueEnd(cell));
    }
  }

  /** The columns that the row touches. */
  #touched(event: ChangeEvent, row: Row, columns: readonly ColumnTemplate[]): void {
    const out = this.#out;
    const values = this.#values;
    for (let cell = 0; cell < row.cellCount; cell++) {
      if (row.pathStart(cell) >= 0) continue;
      const column = columns[row.columnIndex(cell)];
      if (column.isHidden || event.isHidden(cell)) continue;
      out.raw(column.label);
      if (row.isTombstone(cell)) out.raw(NULL);
      else values.write(column, row.valueStart(cell), row.valueEnd(cell));
    }
    for (let complex = 0; complex < row.complexCount; complex++) {
      if (!this.#deltas.isShown(event, complex)) continue;
      const column = columns[complexColumnIndex(row, complex)];
      if (column.isHidden) continue;
      out.raw(column.label);
      this.#deltas.write(event, complex, column);
    }
  }
}

/** Of the record, ms since 1970: the time of the column that is meant to tell it, or the write time; 0 for anything before. */
function timestampOf(event: ChangeEvent, template: TableTemplate): number {
  const ofColumn = template.timeColumn === undefined ? undefined : timeOfColumn(event, template, template.timeColumn);
  return Math.max(0, ofColumn ?? Math.floor(int64ToNumber(event.timestampHigh, event.timestampLow) / 1000));
}
