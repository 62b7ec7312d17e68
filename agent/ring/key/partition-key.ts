/** The bytes of a partition key, as the log holds them and the token is made of, from what a person writes. */
import type { ColumnMetadata, TableMetadata } from '../../../parsers/index.js';
import { KeyError, parseLiteral, type Literal } from './literal.js';
import { valueBytes } from './value-bytes.js';

/** Types whose values stand for themselves, without quotation marks. */
const PLAIN = new Set(['text', 'ascii', 'timestamp', 'date', 'time', 'inet', 'uuid', 'timeuuid']);

/**
 * `texts`: one value for each column of the partition key; or a single one that holds all: a JSON object by column name
 * (an event's key is one), or a list. Throws KeyError.
 */
export function partitionKeyBytes({ partitionKey }: TableMetadata, texts: readonly string[]): Buffer {
  const values = literalsOf(partitionKey, texts);
  const bytes = partitionKey.map((column, i) => named(column, () => valueBytes(column.type, values[i])));
  if (bytes.length === 1) return bytes[0];
  // CompositeType: <length:uint16><bytes>0 for each.
  return Buffer.concat(bytes.flatMap((part, i) => {
    if (part.length > 0xffff) throw new KeyError(`${partitionKey[i].name} has more than 65,535 bytes`);
    return [Buffer.from([part.length >> 8, part.length & 0xff]), part, Buffer.from([0])];
  }));
}

function literalsOf(columns: readonly ColumnMetadata[], texts: readonly string[]): readonly Literal[] {
  const whole = texts.length === 1 ? wholeKey(columns, texts[0]) : null;
  if (whole !== null) return whole;
  if (texts.length !== columns.length) {
    throw new KeyError(`the partition key has ${columns.length === 1 ? 'one column' : `${columns.length} columns`} (${columns.map(({ name, type }) => `${name} ${type.cqlName}`).join(', ')}), and ${texts.length} value${texts.length === 1 ? ' was' : 's were'} given`);
  }
  return columns.map((column, i) => named(column, () => literalOf(column, texts[i])));
}

function literalOf({ type }: ColumnMetadata, text: string): Literal {
  return PLAIN.has(type.cqlName) && !/^\s*['"]/.test(text) && !/^0x/.test(text) ? { kind: 'text', text, isQuoted: true } : parseLiteral(text);
}

/** Null when the text is not all of the key. */
function wholeKey(columns: readonly ColumnMetadata[], text: string): readonly Literal[] | null {
  if (!/^\s*[{[(]/.test(text)) return null;
  const literal = parseLiteral(text);
  if (literal.kind === 'list' && columns.length > 1 && literal.items.length === columns.length) return literal.items;
  if (literal.kind !== 'map') return null;
  const byName = new Map(literal.entries.map(([name, value]) => [name.kind === 'text' ? name.text : '', value]));
  const values = columns.map(({ name }) => byName.get(name));
  return values.every((value) => value !== undefined) ? values : null;
}

function named<T>({ name }: ColumnMetadata, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof KeyError) throw new KeyError(`${name}: ${error.message}`);
    throw error;
  }
}
