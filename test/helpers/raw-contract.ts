/**
 * What any right reader must say about a model: the raw contract of `inspect --dump`, computed from the model and not by
 * way of bytes. Local deletion times follow how Cassandra's own readers decode them.
 */
import { createHash } from 'node:crypto';
import { collectStats, DELETION_TIME_EPOCH } from './encoding-stats.js';
import type { CellModel, ColumnDataModel, ColumnModel, DeletionModel, EncodingStatsModel, MarkerModel, RowModel, UpdateModel } from './model.js';
import { referenceToken } from './murmur3-reference.js';

export type RawDeletion = readonly [markedForDeleteAt: string, localDeletionTime: number];

export interface RawCell {
  readonly c: string;
  readonly p?: string;
  readonly ts: string;
  readonly ttl?: number;
  readonly ldt?: number;
  readonly x?: 1;
  readonly v?: string;
  readonly dropped?: 1;
}

export interface RawRow {
  readonly t: 'row';
  readonly ck?: readonly (string | null)[] | null;
  readonly live?: readonly [string] | readonly [string, number, number];
  readonly del?: RawDeletion;
  readonly shadowable?: 1;
  readonly cells?: readonly RawCell[];
  readonly cdel?: readonly { readonly c: string; readonly del: RawDeletion; readonly dropped?: 1 }[];
}

export interface RawMarker {
  readonly t: 'rt';
  readonly kind: string;
  readonly ck?: readonly (string | null)[];
  readonly close?: RawDeletion;
  readonly open?: RawDeletion;
}

export interface RawUpdate {
  readonly ks: string;
  readonly tbl: string;
  readonly id: string;
  readonly key: string;
  readonly token: string;
  readonly del?: RawDeletion;
  readonly static?: RawRow;
  readonly items?: readonly (RawRow | RawMarker)[];
}

/**
 * Whose reading: 4.0 and 4.1 take local deletion times as Java ints that wrap; 5.0 as unsigned ints, where what cannot be
 * in a version-7 file becomes INVALID_DELETION_TIME. `v8-by-5` is 5.0.6 to the letter: it adds the epoch to the minimum
 * in int arithmetic (EncodingStats.Serializer.deserialize), so that an update without any time before 2038 has its
 * deletions read as invalid. `v8` is what was written.
 */
export type ReaderView = 'v7-by-4' | 'v7-by-5' | 'v8' | 'v8-by-5';

export const INVALID_DELETION_TIME = 4_294_967_294;
const MAX_DELETION_TIME = 4_294_967_293;
const EXPIRED_LIVENESS_TTL = 0x7fff_ffff;

export function rawBytes(bytes: Buffer): string {
  if (bytes.length <= 4096) return bytes.toString('hex');
  return `#${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function expectedUpdate(update: UpdateModel, view: ReaderView): RawUpdate {
  const times = new Times(collectStats(update), view);
  return {
    ks: update.table.keyspace,
    tbl: update.table.name,
    id: update.table.id,
    key: rawBytes(update.key),
    token: String(referenceToken(update.key)),
    ...(update.deletion === null ? {} : { del: times.deletion(update.deletion) }),
    ...(update.staticRow === null ? {} : { static: expectedRow(update.staticRow, true, times) }),
    items: update.items.map((item) => (item.item === 'row' ? expectedRow(item, false, times) : expectedMarker(item, times))),
  };
}

function expectedRow(row: RowModel, isStatic: boolean, times: Times): RawRow {
  const cdel = row.columns.flatMap(({ column, deletion }) => (deletion === null ? [] : [
    { c: column.name, del: times.deletion(deletion), ...(isDropped(column, deletion.markedForDeleteAt) ? { dropped: 1 as const } : {}) },
  ]));
  return {
    t: 'row',
    ck: isStatic ? null : row.clustering.map((value) => (value === null ? null : rawBytes(value))),
    ...(row.liveness === null ? {} : {
      live: row.liveness.ttl === 0
        ? [String(row.liveness.timestamp)]
        : [String(row.liveness.timestamp), row.liveness.ttl, times.expiration(row.liveness.localExpirationTime, row.liveness.ttl)],
    }),
    ...(row.deletion === null ? {} : { del: times.deletion(row.deletion), ...(row.isShadowable ? { shadowable: 1 as const } : {}) }),
    cells: row.columns.flatMap((data) => data.cells.map((cell) => expectedCell(data, cell, times))),
    cdel,
  };
}

function expectedCell(data: ColumnDataModel, cell: CellModel, times: Times): RawCell {
  return {
    c: data.column.name,
    ...(cell.path === null ? {} : { p: rawBytes(cell.path) }),
    ts: String(cell.timestamp),
    ...(cell.kind === 'expiring' ? { ttl: cell.ttl } : {}),
    ...(cell.kind === 'live' ? {} : { ldt: times.expiration(cell.localDeletionTime, cell.kind === 'expiring' ? cell.ttl : 0) }),
    ...(cell.kind === 'tombstone' ? { x: 1 as const } : { v: rawBytes(cell.value) }),
    ...(isDropped(data.column, cell.timestamp) ? { dropped: 1 as const } : {}),
  };
}

/** The table has the column no more, or had it dropped after this was written. */
function isDropped(column: ColumnModel, timestamp: bigint): boolean {
  return column.isDropped || (column.droppedTime !== null && timestamp <= column.droppedTime);
}

function expectedMarker(marker: MarkerModel, times: Times): RawMarker {
  return {
    t: 'rt',
    kind: marker.kind,
    ck: marker.values.map((value) => (value === null ? null : rawBytes(value))),
    ...(marker.close === null ? {} : { close: times.deletion(marker.close) }),
    ...(marker.open === null ? {} : { open: times.deletion(marker.open) }),
  };
}

/** SerializationHeader.readLocalDeletionTime, DeletionTime.build and Cell.decodeLocalDeletionTime. */
class Times {
  readonly #min: number;
  readonly #view: ReaderView;

  constructor(stats: EncodingStatsModel, view: ReaderView) {
    this.#min = stats.minLocalDeletionTime;
    this.#view = view;
  }

  #read(time: number): number {
    const exact = toInt(this.#min - DELETION_TIME_EPOCH) + DELETION_TIME_EPOCH;
    const minimum = this.#view === 'v8' ? exact : toInt(exact);
    const read = toInt(time - this.#min) + minimum;
    return this.#view === 'v7-by-4' ? toInt(read) : read;
  }

  deletion(deletion: DeletionModel): RawDeletion {
    const read = this.#read(deletion.localDeletionTime);
    const isInvalid = this.#view !== 'v7-by-4' && (read < 0 || read > MAX_DELETION_TIME);
    return [String(deletion.markedForDeleteAt), isInvalid ? INVALID_DELETION_TIME : read];
  }

  expiration(time: number, ttl: number): number {
    const read = this.#read(time);
    if (this.#view === 'v7-by-4' || read >= ttl) return read;
    if (read < 0) return this.#view === 'v8' || this.#view === 'v8-by-5' ? read + 2 ** 32 : INVALID_DELETION_TIME;
    return ttl === EXPIRED_LIVENESS_TTL ? read : INVALID_DELETION_TIME;
  }
}

function toInt(value: number): number {
  return Number(BigInt.asIntN(32, BigInt(value)));
}

/** Drops what the contract calls the same (absent, null and empty fields), sorts the keys. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== null && field !== undefined && field !== false && !(Array.isArray(field) && field.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, canonical(field)]));
}

/** One line per update that is equal for equal updates. */
export function canonicalUpdate(update: unknown): string {
  return JSON.stringify(canonical(update));
}
