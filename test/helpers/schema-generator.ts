/** Random schemas: tables of every shape that Cassandra can have, within what a test can hand to the reader under test. */
import { compareColumnModels } from './model.js';
import type { ColumnModel, SchemaModel, TableModel, TypeModel, UserTypeModel } from './model.js';
import type { Rng } from './random.js';
import { COUNTER, EMPTY, list, map, SCALARS, set, tuple, userType, vector } from './type-models.js';

export interface SchemaOptions {
  readonly tables: number;
  /** Cassandra 5.0's vector type. */
  readonly vectors?: boolean;
  /** Only what `CREATE TABLE` accepts and what sorts in an order that the tests know, so that a real node can read it. */
  readonly forServer?: boolean;
}

const ORDERED = SCALARS.filter((type) => type.order === 'bytes' || type.order === 'signed');

export function randomSchema(rng: Rng, options: SchemaOptions): SchemaModel {
  const keyspaces = options.forServer === true ? ['model_a', 'model_b'] : ['model_a', 'Model B', 'schlüssel'];
  const users = keyspaces.map((keyspace) => Array.from({ length: 2 }, (_, i) => randomUserType(rng, keyspace, `udt_${i}`, options)));
  const makeKeys = Array.from({ length: 2 }, () => randomKeyTypes(rng));
  const tables = Array.from({ length: options.tables }, (_, i) => {
    const at = rng.below(keyspaces.length);
    return new TableMaker(rng, options, users[at]).table(keyspaces[at], `t_${i}`, rng.pick(makeKeys), i);
  });
  return { keyspaces, userTypes: users.flat(), tables };
}

/** Tables share partition keys of few shapes, so that a mutation can hold updates of several. */
function randomKeyTypes(rng: Rng): TypeModel[] {
  return Array.from({ length: rng.pick([1, 1, 2, 3]) }, () => rng.pick(SCALARS.filter((type) => type.cql !== 'duration')));
}

function randomUserType(rng: Rng, keyspace: string, name: string, options: SchemaOptions): UserTypeModel {
  const fields = Array.from({ length: rng.between(1, 5) }, (_, i) => ({ name: `f_${i}`, type: frozenType(rng, 1, [], options) }));
  return { keyspace, name, fields };
}

/** A type that holds one value: scalar, or a frozen one nested up to `depth`. */
function frozenType(rng: Rng, depth: number, users: readonly UserTypeModel[], options: SchemaOptions): TypeModel {
  const shape = depth === 0 ? 0 : rng.below(12);
  const next = (): TypeModel => frozenType(rng, depth - 1, users, options);
  switch (shape) {
    case 1:
      return list(next(), true);
    case 2:
      return set(noDuration(rng, next()), true);
    case 3:
      return map(noDuration(rng, next()), next(), true);
    case 4:
      return tuple(next(), next());
    case 5:
      return users.length === 0 ? rng.pick(SCALARS) : userType(rng.pick(users), true);
    case 6:
      return options.vectors === true ? vector(rng.pick(SCALARS), rng.between(1, 5)) : rng.pick(SCALARS);
    default:
      return rng.pick(SCALARS);
  }
}

/** Durations have no order: not in sets, map keys or clusterings. */
function noDuration(rng: Rng, type: TypeModel): TypeModel {
  return type.cql.includes('duration') || type.userTypes !== undefined && type.userTypes.length > 0 ? rng.pick(ORDERED) : type;
}

/** Time of every ALTER ... DROP; row generators write cells on both sides of it. */
export const DROPPED_AT = 1_700_000_000_000_000n;

class TableMaker {
  readonly #rng: Rng;
  readonly #options: SchemaOptions;
  readonly #users: readonly UserTypeModel[];

  constructor(rng: Rng, options: SchemaOptions, users: readonly UserTypeModel[]) {
    this.#rng = rng;
    this.#options = options;
    this.#users = users;
  }

  table(keyspace: string, name: string, keyTypes: readonly TypeModel[], index: number): TableModel {
    const rng = this.#rng;
    const isCounter = rng.chance(0.08);
    const clusteringCount = rng.chance(0.05) ? rng.between(33, 70) : rng.pick([0, 0, 1, 1, 2, 3, 5]);
    const clustering = Array.from({ length: clusteringCount }, (_, i) => this.#clusteringColumn(i));
    const statics = clusteringCount === 0 ? [] : this.#columns('static', rng.chance(0.05) ? 70 : rng.pick([0, 0, 1, 3]), isCounter);
    const regulars = this.#columns('regular', rng.chance(0.15) ? rng.pick([30, 63, 64, 65, 130]) : rng.pick([0, 1, 1, 2, 4, 8]), isCounter);
    return {
      keyspace,
      name,
      id: tableId(rng, index),
      partitionKey: keyTypes.map((type, i) => column(`pk_${i}`, 'partition_key', i, type)),
      clustering,
      statics,
      regulars,
      isCounter,
    };
  }

  #clusteringColumn(position: number): ColumnModel {
    const rng = this.#rng;
    const anyType = this.#options.forServer === true ? rng.pick(ORDERED) : noDuration(rng, frozenType(rng, 2, [], this.#options));
    const type = rng.chance(0.6) ? rng.pick(ORDERED) : anyType;
    return { ...column(`ck_${position}`, 'clustering', position, type), reversed: rng.chance(0.4) };
  }

  #columns(kind: 'static' | 'regular', count: number, isCounter: boolean): ColumnModel[] {
    const rng = this.#rng;
    const names = new Set<string>();
    while (names.size < count) names.add(`${kind[0]}_${this.#name()}`);
    const columns = [...names].map((name) => {
      if (isCounter) return column(name, kind, -1, COUNTER);
      const type = rng.chance(0.3) ? this.#multiCell() : this.#simple();
      // dropped_columns holds user types as tuples, and Cassandra refuses to drop a non-frozen one: leave them out.
      const mayDrop = (type.userTypes ?? []).length === 0;
      const droppedTime = mayDrop && rng.chance(0.12) ? DROPPED_AT : null;
      return { ...column(name, kind, -1, type), droppedTime, isDropped: droppedTime !== null && rng.chance(0.5) };
    });
    return columns.sort(compareColumnModels);
  }

  #name(): string {
    const rng = this.#rng;
    const odd = ['ä', '中', 'A', '"', '😀', ' '];
    const base = rng.below(100_000).toString(36);
    return this.#options.forServer !== true && rng.chance(0.1) ? base + rng.pick(odd) : base;
  }

  #simple(): TypeModel {
    const rng = this.#rng;
    if (this.#options.forServer !== true && rng.chance(0.03)) return EMPTY;
    return frozenType(rng, rng.pick([0, 0, 0, 1, 2]), this.#users, this.#options);
  }

  #multiCell(): TypeModel {
    const rng = this.#rng;
    const server = this.#options.forServer === true;
    const key = (): TypeModel => (server ? rng.pick(ORDERED) : noDuration(rng, frozenType(rng, 1, this.#users, this.#options)));
    switch (rng.below(4)) {
      case 0:
        return list(frozenType(rng, 1, this.#users, this.#options), false);
      case 1:
        return set(key(), false);
      case 2:
        return map(key(), frozenType(rng, 1, this.#users, this.#options), false);
      default:
        return userType(rng.pick(this.#users), false);
    }
  }
}

function column(name: string, kind: ColumnModel['kind'], position: number, type: TypeModel): ColumnModel {
  return { name, kind, position, type, reversed: false, droppedTime: null, isDropped: false };
}

/** Ids that differ in any byte, some in the last ones only. */
function tableId(rng: Rng, index: number): string {
  const bytes = rng.chance(0.5) ? rng.bytes(16) : Buffer.alloc(16, 0x11);
  bytes.writeUInt16BE(index, 14);
  bytes[6] = (bytes[6] & 0x0f) | 0x10;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
