/** Random mutations over a random schema: several updates, statics, rows and range tombstones in clustering order. */
import { partitionKeyBytes } from './model.js';
import type { BoundKind, ColumnModel, DeletionModel, MarkerModel, MutationModel, RowModel, SchemaModel, TableModel, UpdateModel } from './model.js';
import type { Rng } from './random.js';
import { RowGenerator, sortKey, valueSize } from './row-generator.js';
import { deletion, MIN_INT64 } from './time-models.js';
import type { TimeOptions } from './time-models.js';

export interface MutationOptions extends TimeOptions {
  /** Most rows and range ends of one update. */
  readonly items: number;
  /** Null clustering components, as dense tables of old have them; a node refuses them elsewhere. */
  readonly nullClustering: boolean;
}

type Values = readonly (Buffer | null)[];

export class MutationGenerator {
  readonly #rng: Rng;
  readonly #options: MutationOptions;
  /** Tables that can stand in one mutation: same keyspace, same partition key. */
  readonly #groups: TableModel[][];
  readonly #rows: RowGenerator;

  constructor(rng: Rng, schema: SchemaModel, options: MutationOptions) {
    this.#rng = rng;
    this.#options = options;
    this.#rows = new RowGenerator(rng, options);
    const groups = new Map<string, TableModel[]>();
    for (const table of schema.tables) {
      const key = [table.keyspace, ...table.partitionKey.map((column) => column.type.cql)].join('\n');
      groups.set(key, [...(groups.get(key) ?? []), table]);
    }
    this.#groups = [...groups.values()];
  }

  mutation(): MutationModel {
    const rng = this.#rng;
    const group = rng.pick(this.#groups);
    const tables = rng.chance(0.85) ? [rng.pick(group)] : rng.subset(group, 0.7);
    const chosen = tables.length === 0 ? [group[0]] : tables;
    const key = this.#key(chosen[0]);
    return { updates: chosen.map((table) => this.update(table, key)) };
  }

  #key(table: TableModel): Buffer {
    const rng = this.#rng;
    // A partition key of no bytes at all is refused by CQL and by Cassandra's reader.
    const components = table.partitionKey.map((column) => column.type.random(rng, valueSize(rng)));
    return components.length === 1 && components[0].length === 0 ? this.#key(table) : partitionKeyBytes(components);
  }

  update(table: TableModel, key: Buffer): UpdateModel {
    const rng = this.#rng;
    const partitionDeletion = rng.chance(0.1) ? deletion(rng, this.#options) : null;
    const staticColumns = this.#headerColumns(table.statics);
    const regularColumns = this.#headerColumns(table.regulars);
    const staticRow = staticColumns.length > 0 && rng.chance(0.5)
      ? this.#rows.row({ clustering: [], columns: staticColumns, isStatic: true })
      : null;
    const items = rng.chance(0.05) ? [] : this.#items(table, regularColumns);
    const update: UpdateModel = { table, key, deletion: partitionDeletion, staticRow, staticColumns, regularColumns, items };
    return rng.chance(0.03) ? { ...update, stats: { minTimestamp: 0n, minLocalDeletionTime: 0, minTtl: 0 } } : update;
  }

  #headerColumns(columns: readonly ColumnModel[]): readonly ColumnModel[] {
    const rng = this.#rng;
    return rng.chance(0.6) ? columns : rng.subset(columns, rng.pick([0.1, 0.5, 0.95]));
  }

  #items(table: TableModel, columns: readonly ColumnModel[]): (RowModel | MarkerModel)[] {
    const rng = this.#rng;
    if (table.clustering.length === 0) {
      const row = this.#rows.row({ clustering: [], columns, isStatic: false });
      return row === null ? [] : [row];
    }
    const points = this.#points(table, rng.between(1, this.#options.items));
    const walk = new RangeWalk(rng, () => deletion(rng, this.#options), rng.chance(0.4));
    points.forEach((point, i) => {
      const before = i === 0 ? null : points[i - 1];
      const after = i === points.length - 1 ? null : points[i + 1];
      walk.before(point, before);
      const row = walk.isRangeEnd(0.3) ? null : this.#rows.row({ clustering: point, columns, isStatic: false });
      if (row !== null) walk.row(row);
      walk.after(point, after);
    });
    return walk.finish();
  }

  /** Distinct clusterings in the table's order. */
  #points(table: TableModel, count: number): Values[] {
    const rng = this.#rng;
    const draw = (column: ColumnModel): Buffer | null => {
      if (this.#options.nullClustering && rng.chance(0.03)) return null;
      if (column.type.allowsEmpty && rng.chance(0.05)) return Buffer.alloc(0);
      return column.type.random(rng, valueSize(rng) % 64);
    };
    const points: Values[] = [];
    for (let i = 0; i < count; i++) {
      // Shared prefixes with the point before make prefix bounds and near neighbours.
      const shared = i === 0 ? 0 : rng.below(table.clustering.length);
      points.push(table.clustering.map((column, position) => (position < shared ? points[i - 1][position] : draw(column))));
    }
    const unique = new Map(points.map((point) => [point.map((value) => (value === null ? '-' : value.toString('hex'))).join('/'), point]));
    return [...unique.values()].sort((a, b) => compareClusterings(table.clustering, a, b));
  }
}

function compareClusterings(columns: readonly ColumnModel[], a: Values, b: Values): number {
  for (let i = 0; i < columns.length; i++) {
    const left = a[i];
    const right = b[i];
    if (left === null || right === null) {
      if (left === right) continue;
      return left === null ? -1 : 1;
    }
    const compared = Buffer.compare(sortKey(left, columns[i].type.order), sortKey(right, columns[i].type.order));
    if (compared !== 0) return columns[i].reversed ? -compared : compared;
  }
  return 0;
}

/**
 * Lays range tombstone markers between and around rows so that ranges never overlap, always close, and touching ranges
 * meet in a boundary of two different deletions, as RangeTombstoneList keeps them.
 */
class RangeWalk {
  readonly #rng: Rng;
  readonly #deletion: () => DeletionModel;
  readonly #hasRanges: boolean;
  readonly #items: (RowModel | MarkerModel)[] = [];
  #open: DeletionModel | null = null;

  constructor(rng: Rng, makeDeletion: () => DeletionModel, hasRanges: boolean) {
    this.#rng = rng;
    this.#deletion = makeDeletion;
    this.#hasRanges = hasRanges;
    if (hasRanges && rng.chance(0.2)) this.#marker('INCL_START_BOUND', [], null, this.#fresh());
  }

  /** Not a row but only a place where ranges begin or end. */
  isRangeEnd(probability: number): boolean {
    return this.#hasRanges && this.#rng.chance(probability);
  }

  /** Just before every row that begins with a prefix of `point`. */
  before(point: Values, previous: Values | null): void {
    const values = this.#prefix(point, previous);
    if (!this.#wanted() || values === null) return;
    if (this.#open === null) this.#marker('INCL_START_BOUND', values, null, this.#fresh());
    else if (this.#rng.chance(0.5)) this.#marker('EXCL_END_BOUND', values, this.#open, null);
    else this.#marker('EXCL_END_INCL_START_BOUNDARY', values, this.#open, this.#fresh());
  }

  row(row: RowModel): void {
    this.#items.push(row);
  }

  /** Just after every row that begins with a prefix of `point`. */
  after(point: Values, next: Values | null): void {
    const values = this.#prefix(point, next);
    if (!this.#wanted() || values === null) return;
    if (this.#open === null) {
      // Nothing may open behind the last row without room for it to close: the top does.
      this.#marker('EXCL_START_BOUND', values, null, this.#fresh());
    } else if (this.#rng.chance(0.5)) this.#marker('INCL_END_BOUND', values, this.#open, null);
    else this.#marker('INCL_END_EXCL_START_BOUNDARY', values, this.#open, this.#fresh());
  }

  finish(): (RowModel | MarkerModel)[] {
    if (this.#open !== null) this.#marker('INCL_END_BOUND', [], this.#open, null);
    return this.#items;
  }

  #wanted(): boolean {
    return this.#hasRanges && this.#rng.chance(0.4);
  }

  /** Some prefix of the point that its neighbour does not share. */
  #prefix(point: Values, neighbour: Values | null): Values | null {
    let shared = 0;
    if (neighbour !== null) {
      while (shared < point.length && same(point[shared], neighbour[shared])) shared++;
    }
    return shared >= point.length ? null : point.slice(0, this.#rng.between(shared + 1, point.length));
  }

  #fresh(): DeletionModel {
    for (;;) {
      const made = this.#deletion();
      const isLive = made.markedForDeleteAt === MIN_INT64;
      if (!isLive && made.markedForDeleteAt !== this.#open?.markedForDeleteAt) return made;
    }
  }

  #marker(kind: BoundKind, values: Values, close: DeletionModel | null, open: DeletionModel | null): void {
    this.#items.push({ item: 'marker', kind, values, close, open });
    this.#open = open;
  }
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
