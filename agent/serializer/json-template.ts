/** What is the same in every event of a table, rendered once. */
import type { ColumnMetadata, TableMetadata } from '../../parsers/index.js';
import type { AbstractType } from '../../parsers/marshal/abstract-type.js';
import { ListType, MapType, SetType } from '../../parsers/marshal/collections.js';
import { UserType, fieldLabel } from '../../parsers/marshal/tuple.js';
import { quoteJson } from '../../parsers/io/json-text.js';

/** How the cells of a non-frozen column become a delta. */
export type DeltaKind = 'set' | 'map' | 'list' | 'udt';

export interface ColumnTemplate {
  readonly type: AbstractType;
  /** `"name":` */
  readonly label: string;
  /** `,"name":` */
  readonly nextLabel: string;
  /** The table no longer has it. */
  readonly isHidden: boolean;
  /** Undefined for simple columns. */
  readonly delta: DeltaKind | undefined;
  /** Quoted names of a UDT's fields, by position. */
  readonly fields: readonly string[];
}

export class TableTemplate {
  readonly topic: string;
  readonly partitionKey: readonly ColumnTemplate[];
  readonly clustering: readonly ColumnTemplate[];
  /** From `"keyspace"` up to the segment id. */
  readonly source: string;
  readonly #columns = new WeakMap<readonly ColumnMetadata[], readonly ColumnTemplate[]>();
  #lastColumns: readonly ColumnMetadata[] | undefined;
  #last: readonly ColumnTemplate[] = [];

  constructor(table: TableMetadata, topicTemplate: string) {
    this.topic = topicTemplate.replaceAll('{keyspace}', table.keyspace).replaceAll('{table}', table.name);
    this.partitionKey = table.partitionKey.map(columnTemplate);
    this.clustering = table.clustering.map(columnTemplate);
    this.source = `"keyspace":${quoteJson(table.keyspace)},"table":${quoteJson(table.name)},"table_id":"${table.id}","segment":"`;
  }

  /** Of the columns of a row; rows of one shape share one list. */
  columns(columns: readonly ColumnMetadata[]): readonly ColumnTemplate[] {
    if (columns === this.#lastColumns) return this.#last;
    let templates = this.#columns.get(columns);
    if (templates === undefined) this.#columns.set(columns, (templates = columns.map(columnTemplate)));
    this.#lastColumns = columns;
    return (this.#last = templates);
  }
}

function columnTemplate(column: ColumnMetadata): ColumnTemplate {
  const { type, name, isDropped, isComplex } = column;
  const label = `${quoteJson(name)}:`;
  return {
    type,
    label,
    nextLabel: `,${label}`,
    isHidden: isDropped,
    delta: isComplex && !isDropped ? deltaKind(type) : undefined,
    fields: type instanceof UserType ? type.fieldNames.map(fieldLabel) : [],
  };
}

function deltaKind(type: AbstractType): DeltaKind {
  if (type instanceof SetType) return 'set';
  if (type instanceof MapType) return 'map';
  if (type instanceof ListType) return 'list';
  if (type instanceof UserType) return 'udt';
  throw new TypeError(`${type.className} has no cells of its own`);
}
