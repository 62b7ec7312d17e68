/**
 * CQL types with valid random values, from the serializers of org.apache.cassandra.serializers: every value passes
 * AbstractType.validate. Values are bytes only; nothing here knows what they mean.
 */
import { DataWriter } from './data-writer.js';
import type { MultiCell, Order, TypeModel, UserTypeModel } from './model.js';
import type { Rng } from './random.js';

interface Scalar {
  readonly cql: string;
  readonly fixedLength?: number;
  readonly order?: Order;
  readonly allowsEmpty?: boolean;
  random(rng: Rng, size: number): Buffer;
}

function scalar(init: Scalar): TypeModel {
  return { fixedLength: -1, order: null, allowsEmpty: false, ...init };
}

/** Extremes more often than chance would give them. */
function integer(length: number): (rng: Rng) => Buffer {
  return (rng) => {
    const shape = rng.below(6);
    if (shape === 0) return Buffer.alloc(length);
    if (shape === 1) return Buffer.alloc(length, 0xff);
    if (shape === 2) return Buffer.concat([Buffer.of(0x80), Buffer.alloc(length - 1)]);
    if (shape === 3) return Buffer.concat([Buffer.of(0x7f), Buffer.alloc(length - 1, 0xff)]);
    if (shape === 4) return Buffer.concat([Buffer.alloc(length - 1), rng.bytes(1)]);
    return rng.bytes(length);
  };
}

function uuid(version: number): (rng: Rng) => Buffer {
  return (rng) => {
    const bytes = rng.bytes(16);
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes;
  };
}

const LETTERS = ['a', 'Z', '0', ' ', '"', '\\', '\n', '\u0000', 'é', 'ß', '中', '\uffff', '😀', '\u{10ffff}'];

function text(rng: Rng, size: number): Buffer {
  return Buffer.from(Array.from({ length: rng.below(size + 1) }, () => rng.pick(LETTERS)).join(''));
}

/** VIntCoding's signed form: zigzag, then an unsigned vint; here of small non-negative values only. */
function smallSignedVint(value: number): Buffer {
  return value < 64 ? Buffer.of(value * 2) : Buffer.of(0x80 | ((value * 2) >> 8), (value * 2) & 0xff);
}

const TIMEUUID = uuid(1);

export const SCALARS: readonly TypeModel[] = [
  scalar({ cql: 'ascii', order: 'bytes', allowsEmpty: true, random: (rng, size) => Buffer.from(rng.bytes(rng.below(size + 1)).map((byte) => byte & 0x7f)) }),
  scalar({ cql: 'text', order: 'bytes', allowsEmpty: true, random: text }),
  scalar({ cql: 'blob', order: 'bytes', allowsEmpty: true, random: (rng, size) => rng.bytes(rng.below(size + 1)) }),
  scalar({ cql: 'int', fixedLength: 4, order: 'signed', allowsEmpty: true, random: integer(4) }),
  scalar({ cql: 'bigint', fixedLength: 8, order: 'signed', allowsEmpty: true, random: integer(8) }),
  scalar({ cql: 'smallint', order: 'signed', random: integer(2) }),
  scalar({ cql: 'tinyint', order: 'signed', random: integer(1) }),
  scalar({ cql: 'boolean', fixedLength: 1, order: 'signed', allowsEmpty: true, random: (rng) => Buffer.of(rng.below(2)) }),
  scalar({ cql: 'timestamp', fixedLength: 8, order: 'signed', allowsEmpty: true, random: integer(8) }),
  scalar({ cql: 'date', order: 'bytes', random: integer(4) }),
  scalar({ cql: 'float', fixedLength: 4, allowsEmpty: true, random: integer(4) }),
  scalar({ cql: 'double', fixedLength: 8, allowsEmpty: true, random: integer(8) }),
  scalar({ cql: 'uuid', fixedLength: 16, allowsEmpty: true, random: uuid(4) }),
  scalar({ cql: 'timeuuid', fixedLength: 16, order: 'timeuuid', allowsEmpty: true, random: TIMEUUID }),
  scalar({ cql: 'time', order: 'bytes', random: (rng) => {
    const nanos = Buffer.alloc(8);
    nanos.writeBigInt64BE(BigInt.asUintN(64, rng.int64()) % 86_400_000_000_000n);
    return nanos;
  } }),
  scalar({ cql: 'inet', allowsEmpty: true, random: (rng) => rng.bytes(rng.pick([4, 16])) }),
  scalar({ cql: 'varint', allowsEmpty: true, random: (rng, size) => rng.bytes(rng.between(1, size + 1)) }),
  scalar({ cql: 'decimal', allowsEmpty: true, random: (rng, size) => Buffer.concat([integer(4)(rng), rng.bytes(rng.between(1, size + 1))]) }),
  scalar({ cql: 'duration', random: (rng) => Buffer.concat([rng.below(1000), rng.below(1000), rng.below(1000)].map(smallSignedVint)) }),
];

/** A global shard's context: header of one, then id, clock and count (CounterContext). */
export const COUNTER: TypeModel = {
  ...scalar({ cql: 'counter', random: (rng) => Buffer.concat([Buffer.of(0, 1, 0x80, 0), rng.bytes(16), rng.bytes(16)]) }),
  isCounter: true,
};

/** Compact storage's value column of a table that has none. */
export const EMPTY: TypeModel = scalar({ cql: 'empty', fixedLength: 0, allowsEmpty: true, random: () => Buffer.alloc(0) });

const withLength = (value: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(value.length);
  return Buffer.concat([length, value]);
};

function count(items: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(items.length);
  return Buffer.concat([length, ...items.map(withLength)]);
}

function usersOf(...types: readonly TypeModel[]): { userTypes: readonly UserTypeModel[] } {
  return { userTypes: [...new Set(types.flatMap((type) => type.userTypes ?? []))] };
}

function several(rng: Rng, make: () => Buffer): Buffer[] {
  return Array.from({ length: rng.below(4) }, make);
}

export function list(element: TypeModel, frozen: boolean): TypeModel {
  const cql = `list<${element.cql}>`;
  const random = (rng: Rng, size: number): Buffer => count(several(rng, () => element.random(rng, size)));
  if (frozen) return { ...scalar({ cql: `frozen<${cql}>`, random }), ...usersOf(element) };
  const multiCell: MultiCell = { kind: 'list', pathOrder: 'timeuuid', path: TIMEUUID, value: (rng) => element.random(rng, 12) };
  return { ...scalar({ cql, random }), ...usersOf(element), multiCell };
}

/** A frozen set or map is valid whatever its order; only its length is checked. */
export function set(element: TypeModel, frozen: boolean): TypeModel {
  const cql = `set<${element.cql}>`;
  const random = (rng: Rng, size: number): Buffer => count(several(rng, () => element.random(rng, size)));
  if (frozen) return { ...scalar({ cql: `frozen<${cql}>`, random }), ...usersOf(element) };
  const multiCell: MultiCell = { kind: 'set', pathOrder: element.order, path: (rng) => element.random(rng, 12), value: () => Buffer.alloc(0) };
  return { ...scalar({ cql, random }), ...usersOf(element), multiCell };
}

export function map(key: TypeModel, value: TypeModel, frozen: boolean): TypeModel {
  const cql = `map<${key.cql}, ${value.cql}>`;
  const random = (rng: Rng, size: number): Buffer => {
    const entries = several(rng, () => Buffer.concat([withLength(key.random(rng, size)), withLength(value.random(rng, size))]));
    const length = Buffer.alloc(4);
    length.writeInt32BE(entries.length);
    return Buffer.concat([length, ...entries]);
  };
  if (frozen) return { ...scalar({ cql: `frozen<${cql}>`, random }), ...usersOf(key, value) };
  const multiCell: MultiCell = { kind: 'map', pathOrder: key.order, path: (rng) => key.random(rng, 12), value: (rng) => value.random(rng, 12) };
  return { ...scalar({ cql, random }), ...usersOf(key, value), multiCell };
}

/** Null and missing trailing components included. */
function components(types: readonly TypeModel[]): (rng: Rng, size: number) => Buffer {
  return (rng, size) => {
    const present = rng.chance(0.8) ? types.length : rng.between(1, types.length);
    return Buffer.concat(types.slice(0, present).map((type) => (rng.chance(0.2) ? Buffer.alloc(4, 0xff) : withLength(type.random(rng, size)))));
  };
}

export function tuple(...types: readonly TypeModel[]): TypeModel {
  return { ...scalar({ cql: `frozen<tuple<${types.map((type) => type.cql).join(', ')}>>`, random: components(types) }), ...usersOf(...types) };
}

/** 5.0 only. Elements of fixed length stand side by side, others behind their vint length. */
export function vector(element: TypeModel, dimension: number): TypeModel {
  const isFixed = element.fixedLength >= 0;
  const random = (rng: Rng): Buffer => {
    const out = new DataWriter();
    for (let i = 0; i < dimension; i++) {
      const value = element.random(rng, 4);
      if (isFixed) out.raw(value);
      else out.withVintLength(value);
    }
    return out.take();
  };
  return scalar({ cql: `vector<${element.cql}, ${dimension}>`, fixedLength: isFixed ? element.fixedLength * dimension : -1, random });
}

export function userType(definition: UserTypeModel, frozen: boolean): TypeModel {
  const types = definition.fields.map((field) => field.type);
  const users = { userTypes: [...usersOf(...types).userTypes, definition] };
  const random = components(types);
  if (frozen) return { ...scalar({ cql: `frozen<${definition.name}>`, random }), ...users };
  const multiCell: MultiCell = {
    kind: 'udt',
    pathOrder: 'signed',
    path: (rng) => Buffer.of(0, rng.below(types.length)),
    value: (rng, path) => types[path[1]].random(rng, 12),
  };
  return { ...scalar({ cql: definition.name, random }), ...users, multiCell };
}
