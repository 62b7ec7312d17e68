/**
 * Random rows as a node writes them: no cell or liveness that the row's own deletion covers, cells of a column in the
 * order of their paths, each path once.
 */
import type { CellModel, ColumnDataModel, ColumnModel, DeletionModel, LivenessModel, Order, RowModel } from './model.js';
import type { Rng } from './random.js';
import { deletion, expiration, localDeletionTime, timestamp, timestampAbove, ttl } from './time-models.js';
import type { TimeOptions } from './time-models.js';

/** Most values are short; few are long enough for another vint size or for the hashed form of the raw contract. */
export function valueSize(rng: Rng): number {
  const shape = rng.below(200);
  if (shape === 0) return rng.pick([127, 128, 200, 300]);
  if (shape === 1) return rng.pick([4095, 4097, 8000, 12_000]);
  return rng.pick([0, 1, 4, 8, 20]);
}

export interface RowInput {
  readonly clustering: readonly (Buffer | null)[];
  readonly columns: readonly ColumnModel[];
  readonly isStatic: boolean;
}

export class RowGenerator {
  readonly #rng: Rng;
  readonly #times: TimeOptions;

  constructor(rng: Rng, times: TimeOptions) {
    this.#rng = rng;
    this.#times = times;
  }

  /** null when nothing came of it: Cassandra writes no empty rows. */
  row(input: RowInput): RowModel | null {
    const rng = this.#rng;
    const isCounter = input.columns.some((column) => column.type.isCounter === true);
    const rowDeletion = !input.isStatic && rng.chance(0.2) ? deletion(rng, this.#times) : null;
    const isShadowable = rowDeletion !== null && rng.chance(0.1);
    const floor = rowDeletion?.markedForDeleteAt ?? null;
    const liveness = input.isStatic || isCounter || isShadowable || rng.chance(0.3) ? null : this.#liveness(floor);
    const columns = this.#subset(input.columns).flatMap((column) => {
      const data = column.type.multiCell === undefined ? this.#simple(column, floor, liveness) : this.#complex(column, floor, liveness);
      return data === null ? [] : [data];
    });
    if (liveness === null && rowDeletion === null && columns.length === 0) return null;
    return { item: 'row', clustering: input.clustering, liveness, deletion: rowDeletion, isShadowable, columns };
  }

  #subset(columns: readonly ColumnModel[]): readonly ColumnModel[] {
    const rng = this.#rng;
    const share = rng.pick([0, 0.02, 0.3, 0.5, 0.7, 0.98, 1, 1]);
    return share === 1 ? columns : rng.subset(columns, share);
  }

  #liveness(floor: bigint | null): LivenessModel | null {
    const rng = this.#rng;
    const written = timestampAbove(rng, floor);
    if (written === null) return null;
    const seconds = rng.chance(0.25) ? ttl(rng) : 0;
    return { timestamp: written, ttl: seconds, localExpirationTime: seconds === 0 ? 0 : expiration(rng, seconds, this.#times) };
  }

  #simple(column: ColumnModel, floor: bigint | null, liveness: LivenessModel | null): ColumnDataModel | null {
    const cell = this.#cell({ column, floor, liveness, path: null });
    return cell === null ? null : { column, deletion: null, cells: [cell] };
  }

  #complex(column: ColumnModel, floor: bigint | null, liveness: LivenessModel | null): ColumnDataModel | null {
    const rng = this.#rng;
    const { multiCell } = column.type;
    if (multiCell === undefined) return null;
    const columnDeletion = rng.chance(0.3) ? this.#complexDeletion(floor) : null;
    const cellFloor = columnDeletion === null ? floor : columnDeletion.markedForDeleteAt - 1n;
    const paths = sortPaths(Array.from({ length: rng.pick([0, 1, 1, 2, 5]) }, () => multiCell.path(rng)), multiCell.pathOrder);
    const cells = paths.flatMap((path) => this.#cell({ column, floor: cellFloor, liveness, path }) ?? []);
    return cells.length === 0 && columnDeletion === null ? null : { column, deletion: columnDeletion, cells };
  }

  #complexDeletion(floor: bigint | null): DeletionModel | null {
    const made = deletion(this.#rng, this.#times);
    return floor !== null && made.markedForDeleteAt <= floor ? null : made;
  }

  #cell(input: { column: ColumnModel; floor: bigint | null; liveness: LivenessModel | null; path: Buffer | null }): CellModel | null {
    const rng = this.#rng;
    const { column, floor, liveness, path } = input;
    const isCounter = column.type.isCounter === true;
    const useRow = liveness !== null && rng.chance(0.7) && (floor === null || liveness.timestamp > floor);
    const written = useRow ? liveness.timestamp : timestampAbove(rng, floor);
    if (written === null) return null;
    if (rng.chance(0.15)) {
      return { kind: 'tombstone', timestamp: written, ttl: 0, localDeletionTime: localDeletionTime(rng, this.#times), path, value: Buffer.alloc(0) };
    }
    const value = this.#value(column, path);
    if (!isCounter && liveness !== null && liveness.ttl !== 0 && rng.chance(0.7)) {
      return { kind: 'expiring', timestamp: written, ttl: liveness.ttl, localDeletionTime: liveness.localExpirationTime, path, value };
    }
    if (!isCounter && rng.chance(0.15)) {
      const seconds = ttl(rng);
      return { kind: 'expiring', timestamp: written, ttl: seconds, localDeletionTime: expiration(rng, seconds, this.#times), path, value };
    }
    return { kind: 'live', timestamp: written, ttl: 0, localDeletionTime: 0, path, value };
  }

  #value(column: ColumnModel, path: Buffer | null): Buffer {
    const rng = this.#rng;
    if (path !== null && column.type.multiCell !== undefined) return column.type.multiCell.value(rng, path);
    return column.type.allowsEmpty && rng.chance(0.05) ? Buffer.alloc(0) : column.type.random(rng, valueSize(rng));
  }
}

/** Bytes that sort, byte by byte, as the type's comparator sorts values (empty ones first). */
export function sortKey(value: Buffer, order: Order): Buffer {
  if (value.length === 0) return value;
  if (order === 'signed') return Buffer.concat([Buffer.of(value[0] ^ 0x80), value.subarray(1)]);
  if (order === 'timeuuid') return Buffer.concat([Buffer.of(value[6] & 0x0f, value[7], value[4], value[5]), value.subarray(0, 4), Buffer.from(value.subarray(8).map((byte) => byte ^ 0x80))]);
  return value;
}

function sortPaths(paths: readonly Buffer[], order: Order): Buffer[] {
  const unique = new Map(paths.map((path) => [path.toString('hex'), path]));
  return [...unique.values()].sort((a, b) => Buffer.compare(sortKey(a, order), sortKey(b, order)));
}

/** A timestamp-only row, for callers that need one that is surely there. */
export function minimalRow(rng: Rng, clustering: readonly (Buffer | null)[]): RowModel {
  const liveness = { timestamp: timestamp(rng), ttl: 0, localExpirationTime: 0 };
  return { item: 'row', clustering, liveness, deletion: null, isShadowable: false, columns: [] };
}
