/** Statements as the mutations that Cassandra makes of them, spelled out by hand: a small language for expectations. */
import type { CellModel, ColumnDataModel, ColumnModel, DeletionModel, MarkerModel, RowModel, TableModel, TypeModel, UpdateModel } from '../../helpers/model.js';
import { partitionKeyBytes } from '../../helpers/model.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import { SCALARS } from '../../helpers/type-models.js';

/** Microseconds of the statement, and its node's clock in seconds. */
export const TS = 1_795_360_528_612_000n;
export const NOW = 1_795_360_528;

export function scalar(cql: string): TypeModel {
  const found = SCALARS.find((type) => type.cql === cql);
  if (found === undefined) throw new Error(`no type ${cql}`);
  return found;
}

export function column(name: string, type: TypeModel, rest: Partial<ColumnModel> = {}): ColumnModel {
  return { name, kind: 'regular', position: -1, type, reversed: false, droppedTime: null, isDropped: false, ...rest };
}

export interface TableInit {
  readonly name: string;
  readonly key: readonly ColumnModel[];
  readonly clustering?: readonly ColumnModel[];
  readonly statics?: readonly ColumnModel[];
  readonly regulars: readonly ColumnModel[];
}

export function table({ name, key, clustering = [], statics = [], regulars }: TableInit): TableModel {
  return {
    keyspace: 'shop', name, id: `5be4c000-0000-1000-8000-0000000${Buffer.from(name).toString('hex').slice(0, 5).padEnd(5, '0')}`, isCounter: false,
    partitionKey: key.map((one, position) => ({ ...one, kind: 'partition_key', position })),
    clustering: clustering.map((one, position) => ({ ...one, kind: 'clustering', position })),
    statics: statics.map((one) => ({ ...one, kind: 'static' })),
    regulars,
  };
}

export const int = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeInt32BE(value);
  return out;
};
export const bigint = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(value);
  return out;
};
export const text = (value: string): Buffer => Buffer.from(value);

export const live = (value: Buffer, rest: Partial<CellModel> = {}): CellModel =>
  ({ kind: 'live', timestamp: TS, ttl: 0, localDeletionTime: 0, path: null, value, ...rest });
export const expiring = (value: Buffer, ttl: number, rest: Partial<CellModel> = {}): CellModel =>
  live(value, { kind: 'expiring', ttl, localDeletionTime: NOW + ttl, ...rest });
export const tombstone = (rest: Partial<CellModel> = {}): CellModel => live(Buffer.alloc(0), { kind: 'tombstone', localDeletionTime: NOW, ...rest });
export const deletionAt = (markedForDeleteAt: bigint = TS): DeletionModel => ({ markedForDeleteAt, localDeletionTime: NOW });

/** Cells of one column; `wipe` is the deletion that an assignment to a collection writes first. */
export function data(of: TableModel, name: string, cells: readonly CellModel[], wipe: DeletionModel | null = null): ColumnDataModel {
  const found = [...of.statics, ...of.regulars].find((one) => one.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return { column: found, deletion: wipe, cells };
}

export const row = (clustering: readonly (Buffer | null)[], columns: readonly ColumnDataModel[], rest: Partial<RowModel> = {}): RowModel =>
  ({ item: 'row', clustering, liveness: null, deletion: null, isShadowable: false, columns, ...rest });
export const inserted = { liveness: { timestamp: TS, ttl: 0, localExpirationTime: 0 } } as const;
export const marker = (kind: MarkerModel['kind'], values: readonly Buffer[], ends: { readonly close?: DeletionModel; readonly open?: DeletionModel }): MarkerModel =>
  ({ item: 'marker', kind, values, close: ends.close ?? null, open: ends.open ?? null });

/** An update of one partition. */
export function update(of: TableModel, key: readonly Buffer[], rest: Partial<UpdateModel>): UpdateModel {
  return {
    table: of, key: partitionKeyBytes(key), deletion: null, staticRow: null, staticColumns: of.statics, regularColumns: of.regulars, items: [], ...rest,
  };
}

export function mutation(...updates: readonly UpdateModel[]): Buffer {
  return encodeMutation({ updates }, '4');
}
