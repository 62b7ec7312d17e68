/**
 * A table as the commit log needs it: columns by their serialized name, in Cassandra's order, with the dropped ones.
 * Mirrors org.apache.cassandra.schema.TableMetadata and ColumnMetadata. Immutable.
 */
import type { AbstractType } from '../marshal/abstract-type.js';

export type ColumnKind = 'partition_key' | 'clustering' | 'static' | 'regular';

export interface ColumnMetadata {
  readonly name: string;
  /** The name's bytes as written in serialization headers (UTF-8; anything in compact-storage tables). */
  readonly nameBytes: Buffer;
  readonly kind: ColumnKind;
  /** Place in the partition key or clustering; -1 for static and regular columns. */
  readonly position: number;
  readonly type: AbstractType;
  /** Multi-cell: the column's data is a list of cells with paths, behind an optional deletion. */
  readonly isComplex: boolean;
  /** Only in dropped_columns: the table no longer has it. */
  readonly isDropped: boolean;
  /**
   * Cells written at or before this time (microseconds, as two signed 32-bit halves) belong to a column of this name
   * that was dropped; null when none was (DeserializationHelper.isDropped).
   */
  readonly droppedTime: { readonly hi: number; readonly lo: number } | null;
}

export interface TableMetadataInit {
  readonly keyspace: string;
  readonly name: string;
  /** Table id in UUID notation. */
  readonly id: string;
  readonly partitionKey: readonly ColumnMetadata[];
  readonly clustering: readonly ColumnMetadata[];
  /** Any order. */
  readonly statics: readonly ColumnMetadata[];
  readonly regulars: readonly ColumnMetadata[];
  /** Dropped and not re-added. */
  readonly dropped: readonly ColumnMetadata[];
  readonly isCounter: boolean;
  /** Table option `cdc`. */
  readonly isCdc: boolean;
  /** Materialized view or index table: never events. */
  readonly isView: boolean;
}

export class TableMetadata {
  readonly keyspace: string;
  readonly name: string;
  readonly id: string;
  readonly idBytes: Buffer;
  readonly partitionKey: readonly ColumnMetadata[];
  readonly clustering: readonly ColumnMetadata[];
  /** Fixed length of each clustering column's values, -1 where a length is written before each. */
  readonly clusteringValueLengths: Int32Array;
  readonly statics: readonly ColumnMetadata[];
  readonly regulars: readonly ColumnMetadata[];
  readonly dropped: readonly ColumnMetadata[];
  readonly isCounter: boolean;
  readonly isCdc: boolean;
  readonly isView: boolean;
  readonly #byName: ReadonlyMap<string, ColumnMetadata>;

  constructor(init: TableMetadataInit) {
    this.keyspace = init.keyspace;
    this.name = init.name;
    this.id = init.id;
    this.idBytes = Buffer.from(init.id.replaceAll('-', ''), 'hex');
    this.partitionKey = init.partitionKey;
    this.clustering = init.clustering;
    this.clusteringValueLengths = Int32Array.from(init.clustering, ({ type }) => type.valueLengthIfFixed);
    this.statics = [...init.statics].sort(compareColumns);
    this.regulars = [...init.regulars].sort(compareColumns);
    this.dropped = init.dropped;
    this.isCounter = init.isCounter;
    this.isCdc = init.isCdc;
    this.isView = init.isView;
    const byName = new Map<string, ColumnMetadata>();
    for (const column of init.dropped) byName.set(column.nameBytes.toString('latin1'), column);
    for (const column of [...init.partitionKey, ...init.clustering, ...this.statics, ...this.regulars]) byName.set(column.nameBytes.toString('latin1'), column);
    this.#byName = byName;
  }

  /** The column that a serialization header means: a current one first, else a dropped one (Columns.Serializer.deserialize). */
  columnByNameBytes(bytes: Buffer, start: number, end: number): ColumnMetadata | undefined {
    return this.#byName.get(bytes.latin1Slice(start, end));
  }

  column(name: string): ColumnMetadata | undefined {
    return this.#byName.get(Buffer.from(name).toString('latin1'));
  }
}

/** Order of columns inside a row: simple before complex, then by name bytes (ColumnMetadata.compareTo within one kind). */
export function compareColumns(a: ColumnMetadata, b: ColumnMetadata): number {
  if (a.isComplex !== b.isComplex) return a.isComplex ? 1 : -1;
  return Buffer.compare(a.nameBytes, b.nameBytes);
}
