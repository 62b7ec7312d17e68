/** What is the same in every event of a table, rendered once. */
import type { ColumnMetadata, JsonOptions, TableMetadata } from '../../parsers/index.js';
import type { ColumnKind } from '../../parsers/schema/table-metadata.js';
import { quoteJson } from '../../parsers/io/json-text.js';
import type { AbstractType } from '../../parsers/marshal/abstract-type.js';
import { ListType, MapType, SetType } from '../../parsers/marshal/collections.js';
import { UserType, fieldLabel } from '../../parsers/marshal/tuple.js';
import { RECORD_TIMES, type TimeShape } from '../config/record-time.js';
import type { ColumnMask } from '../config/table-patterns.js';
import { EMBEDDED, HASHED, TEXT, valueShape, type ValueShape, type ValueTemplate } from './json-values.js';
import type { EventFeatures } from './event-features.js';
import { lineHead } from './json-line.js';
import { rendered, type Rendered } from './rendered.js';

/** How the cells of a non-frozen column become a delta. */
export type DeltaKind = 'set' | 'map' | 'list' | 'udt';

export interface ColumnTemplate extends ValueTemplate {
  /** `,"name":` */
  readonly label: Rendered;
  /** `{"name":` */
  readonly firstLabel: Rendered;
  readonly name: string;
  /** The configuration leaves it out. */
  readonly isHidden: boolean;
  /** Undefined for simple columns. */
  readonly delta: DeltaKind | undefined;
  /** Of a set's elements, a map's keys or a list's ids, which are never hashed: they order the list and say nothing. */
  readonly path: ValueTemplate | undefined;
  /** Quoted names of a UDT's fields, by position. */
  readonly fields: readonly string[];
}

export interface TimeColumn {
  readonly name: string;
  readonly shape: TimeShape;
}

export class TableTemplate {
  readonly topic: string;
  /** What a line begins with, up to the key. */
  readonly lineHead: Rendered;
  readonly partitionKey: readonly ColumnTemplate[];
  readonly clustering: readonly ColumnTemplate[];
  /** Column with the time of the record. */
  readonly timeColumn: TimeColumn | undefined;
  /** The configuration leaves columns out. */
  readonly leavesOut: boolean;
  readonly #options: JsonOptions;
  readonly #features: EventFeatures;
  readonly #table: string;
  readonly #source: string;
  readonly #columns = new WeakMap<readonly ColumnMetadata[], readonly ColumnTemplate[]>();
  #lastColumns: readonly ColumnMetadata[] | undefined;
  #last: readonly ColumnTemplate[] = [];
  #segment = -1;
  #sourceOfSegment = rendered('');
  #plainSourceOfSegment = rendered('');

  /** `source` is the part of the `source` block that is the same for all tables, up to a comma. */
  constructor(table: TableMetadata, render: { readonly topic: string; readonly values: JsonOptions; readonly source: string; readonly features: EventFeatures }) {
    this.#options = render.values;
    this.#features = render.features;
    this.#table = `${table.keyspace}.${table.name}`;
    this.timeColumn = this.#timeColumn(table);
    this.leavesOut = [...table.statics, ...table.regulars, ...table.dropped].some((column) => this.#maskOf(column) === 'drop');
    this.topic = render.topic.replaceAll('{keyspace}', table.keyspace).replaceAll('{table}', table.name);
    this.lineHead = lineHead(this.topic);
    this.partitionKey = table.partitionKey.map((column) => this.#column(column));
    this.clustering = table.clustering.map((column) => this.#column(column));
    this.#source = `${render.source}"keyspace":${quoteJson(table.keyspace)},"table":${quoteJson(table.name)},"table_id":"${table.id}",`;
  }

  /** Of the columns of a row; rows of one shape share one list. */
  columns(columns: readonly ColumnMetadata[]): readonly ColumnTemplate[] {
    if (columns === this.#lastColumns) return this.#last;
    let templates = this.#columns.get(columns);
    if (templates === undefined) this.#columns.set(columns, (templates = columns.map((column) => this.#column(column))));
    this.#lastColumns = columns;
    return (this.#last = templates);
  }

  /** `"source":{…"segment":"…","position":` */
  source(segment: number): Rendered {
    if (segment !== this.#segment) this.#render(segment);
    return this.#sourceOfSegment;
  }

  /** The same behind empty `cells` and `range`, as most events have them. */
  plainSource(segment: number): Rendered {
    if (segment !== this.#segment) this.#render(segment);
    return this.#plainSourceOfSegment;
  }

  #render(segment: number): void {
    const source = `${this.#source}"segment":"${segment}","position":`;
    this.#segment = segment;
    this.#sourceOfSegment = rendered(source);
    this.#plainSourceOfSegment = rendered(`,"cells":null,"range":null,${source}`);
  }

  /** Undefined where the column can't be one: the write time stands in. */
  #timeColumn(table: TableMetadata): TimeColumn | undefined {
    const name = this.#features.timeColumnOf(this.#table);
    const column = name === undefined ? undefined : table.column(name);
    const shape = column === undefined ? undefined : RECORD_TIMES.get(column.type.cqlName);
    return column === undefined || shape === undefined || this.#maskOf(column) !== 'show' ? undefined : { name: column.name, shape };
  }

  #maskOf({ name, kind }: ColumnMetadata): ColumnMask {
    return this.#features.maskOf(this.#table, name, isKeyKind(kind));
  }

  #shape({ type, name, kind }: ColumnMetadata, mask: ColumnMask): ValueShape {
    if (mask === 'hash') return HASHED;
    const shape = valueShape(type, this.#options);
    // In a key it would be other bytes whenever somebody formats it in another way.
    return shape === TEXT && !isKeyKind(kind) && this.#features.isJson(this.#table, name) ? EMBEDDED : shape;
  }

  #column(column: ColumnMetadata): ColumnTemplate {
    const { type, name, isComplex } = column;
    const mask = this.#maskOf(column);
    const delta = isComplex ? deltaKind(type) : undefined;
    const path = delta === undefined ? undefined : type.cellPathType();
    return {
      type,
      name,
      shape: this.#shape(column, mask),
      label: rendered(`,${quoteJson(name)}:`),
      firstLabel: rendered(`{${quoteJson(name)}:`),
      isHidden: mask === 'drop',
      delta,
      path: path === undefined ? undefined : { type: path, shape: mask === 'hash' && delta !== 'list' ? HASHED : valueShape(path, this.#options) },
      fields: type instanceof UserType ? type.fieldNames.map(fieldLabel) : [],
    };
  }
}

function isKeyKind(kind: ColumnKind): boolean {
  return kind === 'partition_key' || kind === 'clustering';
}

function deltaKind(type: AbstractType): DeltaKind {
  if (type instanceof SetType) return 'set';
  if (type instanceof MapType) return 'map';
  if (type instanceof ListType) return 'list';
  if (type instanceof UserType) return 'udt';
  throw new TypeError(`${type.className} has no cells of its own`);
}
