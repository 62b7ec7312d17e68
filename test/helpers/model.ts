/**
 * Schemas and mutations as plain values: what the generators make, the independent encoder writes and the raw contract
 * is computed from. Times are bigint microseconds, local deletion times are numbers of seconds.
 */
import type { Rng } from './random.js';

/** How values of a type sort in clusterings and cell paths; null where no test needs it to be right. */
export type Order = 'bytes' | 'signed' | 'timeuuid' | null;

export interface TypeModel {
  /** As in system_schema.columns.type. */
  readonly cql: string;
  /** AbstractType.valueLengthIfFixed; -1 when a length is written before each value. */
  readonly fixedLength: number;
  readonly order: Order;
  /** Zero-length values are valid (AbstractType.allowsEmpty). */
  readonly allowsEmpty: boolean;
  readonly isCounter?: boolean;
  /** The parts of a non-frozen collection or user type, else absent. */
  readonly multiCell?: MultiCell;
  /** User types that the type names, itself included. */
  readonly userTypes?: readonly UserTypeModel[];
  /** A valid value, never null; `size` is a hint at its length. */
  random(rng: Rng, size: number): Buffer;
}

export interface MultiCell {
  readonly kind: 'list' | 'set' | 'map' | 'udt';
  readonly pathOrder: Order;
  /** Paths in no particular order, perhaps repeated. */
  path(rng: Rng): Buffer;
  value(rng: Rng, path: Buffer): Buffer;
}

export interface UserTypeModel {
  readonly keyspace: string;
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: TypeModel }[];
}

export interface ColumnModel {
  readonly name: string;
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular';
  /** Place in the partition key or clustering; -1 otherwise. */
  readonly position: number;
  readonly type: TypeModel;
  /** Clustering order DESC. */
  readonly reversed: boolean;
  /** Time of an ALTER ... DROP of a column of this name, null if none. */
  readonly droppedTime: bigint | null;
  /** The table has no such column any more. */
  readonly isDropped: boolean;
}

export interface TableModel {
  readonly keyspace: string;
  readonly name: string;
  readonly id: string;
  readonly partitionKey: readonly ColumnModel[];
  readonly clustering: readonly ColumnModel[];
  /** With the dropped ones, which old mutations still name. */
  readonly statics: readonly ColumnModel[];
  readonly regulars: readonly ColumnModel[];
  readonly isCounter: boolean;
}

export interface SchemaModel {
  readonly keyspaces: readonly string[];
  readonly userTypes: readonly UserTypeModel[];
  readonly tables: readonly TableModel[];
}

export interface DeletionModel {
  readonly markedForDeleteAt: bigint;
  readonly localDeletionTime: number;
}

export interface LivenessModel {
  readonly timestamp: bigint;
  /** 0: does not expire. */
  readonly ttl: number;
  readonly localExpirationTime: number;
}

export interface CellModel {
  readonly kind: 'live' | 'expiring' | 'tombstone';
  readonly timestamp: bigint;
  readonly ttl: number;
  /** Unused for live cells. */
  readonly localDeletionTime: number;
  /** null for simple columns. */
  readonly path: Buffer | null;
  readonly value: Buffer;
}

export interface ColumnDataModel {
  readonly column: ColumnModel;
  /** Multi-cell columns only. */
  readonly deletion: DeletionModel | null;
  /** Exactly one for simple columns. */
  readonly cells: readonly CellModel[];
}

export interface RowModel {
  readonly item: 'row';
  /** Empty for static rows; null and zero-length components are different things. */
  readonly clustering: readonly (Buffer | null)[];
  readonly liveness: LivenessModel | null;
  readonly deletion: DeletionModel | null;
  readonly isShadowable: boolean;
  /** In the order of the update's columns. */
  readonly columns: readonly ColumnDataModel[];
}

/** ClusteringPrefix.Kind of range tombstone markers, with its ordinal. */
export const BOUND_KINDS = {
  EXCL_END_BOUND: 0,
  INCL_START_BOUND: 1,
  EXCL_END_INCL_START_BOUNDARY: 2,
  INCL_END_EXCL_START_BOUNDARY: 5,
  INCL_END_BOUND: 6,
  EXCL_START_BOUND: 7,
} as const;

export type BoundKind = keyof typeof BOUND_KINDS;

export interface MarkerModel {
  readonly item: 'marker';
  readonly kind: BoundKind;
  /** A prefix of the clustering. */
  readonly values: readonly (Buffer | null)[];
  readonly close: DeletionModel | null;
  readonly open: DeletionModel | null;
}

export interface EncodingStatsModel {
  readonly minTimestamp: bigint;
  readonly minLocalDeletionTime: number;
  readonly minTtl: number;
}

export interface UpdateModel {
  readonly table: TableModel;
  readonly key: Buffer;
  readonly deletion: DeletionModel | null;
  readonly staticRow: RowModel | null;
  /** Columns of the serialization header, in Cassandra's order; rows use subsets of them. */
  readonly staticColumns: readonly ColumnModel[];
  readonly regularColumns: readonly ColumnModel[];
  readonly items: readonly (RowModel | MarkerModel)[];
  /** Encoding stats other than the true minima; absent: the minima, as Cassandra collects them. */
  readonly stats?: EncodingStatsModel;
}

export interface MutationModel {
  readonly updates: readonly UpdateModel[];
}

/** Simple columns before multi-cell ones, then by name bytes (ColumnMetadata.compareTo within one kind). */
export function compareColumnModels(a: ColumnModel, b: ColumnModel): number {
  const complex = Number(a.type.multiCell !== undefined) - Number(b.type.multiCell !== undefined);
  return complex !== 0 ? complex : Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

/** Nothing but the key: written with the IS_EMPTY flag (UnfilteredRowIterator.isEmpty). */
export function isEmptyUpdate(update: UpdateModel): boolean {
  return update.deletion === null && update.staticRow === null && update.items.length === 0;
}

/** Partition key bytes of its component values: the value itself, or CompositeType's length, bytes, zero. */
export function partitionKeyBytes(components: readonly Buffer[]): Buffer {
  if (components.length === 1) return components[0];
  return Buffer.concat(components.flatMap((component) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(component.length);
    return [length, component, Buffer.of(0)];
  }));
}
