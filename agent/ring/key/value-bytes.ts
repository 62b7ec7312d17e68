/** The bytes of a value of any type that a partition key may have, from a literal. */
import type { AbstractType } from '../../../parsers/index.js';
import { ListType, MapType, SetType } from '../../../parsers/marshal/collections.js';
import { TupleType, UserType } from '../../../parsers/marshal/tuple.js';
import { VectorType } from '../../../parsers/marshal/vector.js';
import { KeyError, parseLiteral, type Literal } from './literal.js';
import { hexBytes, SCALAR_BYTES } from './scalar-bytes.js';

/** Throws KeyError. Bytes as 0x… are taken for any type. */
export function valueBytes(type: AbstractType, literal: Literal): Buffer {
  const raw = literal.kind === 'text' && !literal.isQuoted ? hexBytes(literal.text) : null;
  if (raw !== null) return raw;
  if (type instanceof ListType) return collection(itemsOf(literal, type).map((item) => valueBytes(type.elements, item)));
  if (type instanceof SetType) return collection(sorted(itemsOf(literal, type).map((item) => [valueBytes(type.elements, item)]), type.elements).flat());
  if (type instanceof MapType) return mapBytes(type, literal);
  if (type instanceof TupleType) return fields(itemsOf(literal, type).map((item, i) => fieldOf(type.types[i], item, type)));
  if (type instanceof UserType) return userBytes(type, literal);
  if (type instanceof VectorType) return vectorBytes(type, itemsOf(literal, type));
  const toBytes = type.cqlName.startsWith('\'') ? undefined : SCALAR_BYTES.get(type.cqlName);
  if (toBytes === undefined) throw new KeyError(`values of the type ${type.cqlName} are given as bytes: 0x…`);
  if (literal.kind !== 'text' || (literal.text === 'null' && !literal.isQuoted)) throw new KeyError(`a ${type.cqlName} is wanted`);
  return toBytes(literal.text);
}

function itemsOf(literal: Literal, type: AbstractType): readonly Literal[] {
  if (literal.kind === 'list' || literal.kind === 'set') return literal.items;
  throw new KeyError(`a ${type.cqlName} is written as [1, 2]`);
}

/** <count:int32>(<length:int32><bytes>)* */
function collection(values: readonly Buffer[], count = values.length): Buffer {
  return Buffer.concat([int32(count), fields(values)]);
}

function fields(values: readonly (Buffer | null)[]): Buffer {
  return Buffer.concat(values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value])));
}

function fieldOf(type: AbstractType | undefined, literal: Literal, tuple: AbstractType): Buffer | null {
  if (type === undefined) throw new KeyError(`more values than a ${tuple.cqlName} has`);
  return literal.kind === 'text' && literal.text === 'null' && !literal.isQuoted ? null : valueBytes(type, literal);
}

function mapBytes(type: MapType, literal: Literal): Buffer {
  const entries = literal.kind === 'map' ? literal.entries : literal.kind === 'set' && literal.items.length === 0 ? [] : null;
  if (entries === null) throw new KeyError(`a ${type.cqlName} is written as {"a": 1}`);
  const pairs = sorted(entries.map(([key, value]) => [valueBytes(type.keys, nestedKey(type.keys, key)), valueBytes(type.values, value)]), type.keys);
  return collection(pairs.flat(), pairs.length);
}

/** In JSON the name of a member is a string, also of a value with parts of its own. */
function nestedKey(type: AbstractType, literal: Literal): Literal {
  return literal.kind === 'text' && literal.isQuoted && !SCALAR_BYTES.has(type.cqlName) ? parseLiteral(literal.text) : literal;
}

/** Fields by name, in any order; those that are missing are null. */
function userBytes(type: UserType, literal: Literal): Buffer {
  if (literal.kind !== 'map') throw new KeyError(`a ${type.cqlName} is written as {field: 1}`);
  const given = new Map(literal.entries.map(([name, value]) => [name.kind === 'text' ? name.text.replace(/^"(.*)"$/s, '$1') : '', value]));
  for (const name of given.keys()) if (!type.fieldNames.includes(name)) throw new KeyError(`${type.cqlName} has no field ${name}`);
  return fields(type.fieldNames.map((name, i) => {
    const value = given.get(name);
    return value === undefined ? null : fieldOf(type.types[i], value, type);
  }));
}

function vectorBytes({ elements, dimension, cqlName }: VectorType, items: readonly Literal[]): Buffer {
  if (items.length !== dimension) throw new KeyError(`a ${cqlName} has ${dimension} elements, not ${items.length}`);
  if (elements.valueLengthIfFixed < 0) throw new KeyError(`values of the type ${cqlName} are given as bytes: 0x…`);
  return Buffer.concat(items.map((item) => valueBytes(elements, item)));
}

/** Types whose values compare as their bytes do, and those that compare as signed numbers. */
const BY_BYTES = new Set(['text', 'ascii', 'blob', 'boolean']);
const BY_NUMBER = new Set(['tinyint', 'smallint', 'int', 'bigint', 'varint']);

/** Cassandra stores sets and maps in the order of the type, each once; a wrong order would be another key. */
function sorted(entries: readonly (readonly Buffer[])[], type: AbstractType): readonly (readonly Buffer[])[] {
  if (entries.length < 2) return entries;
  const compare = BY_BYTES.has(type.cqlName) ? (a: Buffer, b: Buffer): number => Buffer.compare(a, b) : BY_NUMBER.has(type.cqlName) ? compareNumbers : null;
  if (compare === null) throw new KeyError(`a set or map with several keys of the type ${type.cqlName} is given as bytes: 0x…`);
  const inOrder = [...entries].sort(([a], [b]) => compare(a, b));
  return inOrder.filter(([key], i) => i === inOrder.length - 1 || compare(key, inOrder[i + 1][0]) !== 0);
}

function compareNumbers(a: Buffer, b: Buffer): number {
  const [x, y] = [a, b].map((bytes) => BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`)));
  return x < y ? -1 : x > y ? 1 : 0;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
