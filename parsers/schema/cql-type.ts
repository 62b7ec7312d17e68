/**
 * Types as system_schema writes them. Mirrors CQLTypeParser, CQL3Type.Raw and the comparatorType rule of the grammar.
 *
 *   <type> is <native name>
 *           | list<<type>> | set<<type>> | map<<type>, <type>> | tuple<<type>{, <type>}> | vector<<type>, <n>>
 *           | frozen<<type>>
 *           | [<keyspace>.]<user type>          names unquoted (lower-cased) or "quoted"
 *           | '<class name>'
 */
import { type AbstractType, MarshalError } from '../marshal/abstract-type.js';
import { ListType, MapType, SetType } from '../marshal/collections.js';
import { NATIVE_TYPES } from '../marshal/native-types.js';
import { TupleType } from '../marshal/tuple.js';
import { MAX_TYPE_DEPTH, parseClassName } from '../marshal/type-parser.js';
import { VectorType } from '../marshal/vector.js';

/** The user type of a name, not frozen; undefined when the keyspace has none. */
export type UserTypes = (name: string) => AbstractType | undefined;

const NO_USER_TYPES: UserTypes = () => undefined;
const TOKEN = /\s*(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([A-Za-z0-9_]+)|([<>,.]))\s*/y;

/** The type of `text`; throws MarshalError on a malformed text and on the name of a type that isn't there. */
export function parseCqlType(text: string, userTypes: UserTypes = NO_USER_TYPES): AbstractType {
  // the names of user types may be anything: as Cassandra does, look for the whole text first
  const native = NATIVE_TYPES.get(text.toLowerCase());
  if (native !== undefined) return native;
  const whole = userTypes(text.toLowerCase());
  if (whole !== undefined) return whole;
  const parser = new CqlTypeParser(text, userTypes);
  const type = parser.type(0);
  parser.checkEnd();
  return type;
}

interface Token {
  readonly kind: 'class' | 'quoted' | 'word' | 'symbol' | 'end';
  readonly text: string;
}

class CqlTypeParser {
  readonly #text: string;
  readonly #userTypes: UserTypes;
  #at = 0;
  #token: Token;

  constructor(text: string, userTypes: UserTypes) {
    this.#text = text;
    this.#userTypes = userTypes;
    this.#token = this.read();
  }

  type(depth: number): AbstractType {
    if (depth > MAX_TYPE_DEPTH) throw new MarshalError(`type nested more than ${MAX_TYPE_DEPTH} deep`);
    const token = this.next();
    if (token.kind === 'class') return parseClassName(token.text);
    if (token.kind === 'quoted') return this.userType(token.text);
    if (token.kind !== 'word') throw this.error('expecting a type');
    const word = token.text.toLowerCase();
    if (this.is('<')) return this.parameterized(word, depth);
    if (this.is('.')) return this.userType(word);
    return NATIVE_TYPES.get(word) ?? this.userType(word);
  }

  checkEnd(): void {
    if (this.#token.kind !== 'end') throw this.error('expecting the end');
  }

  private parameterized(word: string, depth: number): AbstractType {
    this.expect('<');
    const type = this.parameters(word, depth + 1);
    this.expect('>');
    return type;
  }

  private parameters(word: string, depth: number): AbstractType {
    const first = this.type(depth);
    switch (word) {
      case 'frozen': return first.freeze();
      case 'list': return new ListType(first, true);
      case 'set': return new SetType(first, true);
      case 'map':
        this.expect(',');
        return new MapType(first, this.type(depth), true);
      case 'vector':
        this.expect(',');
        return new VectorType(first, this.dimension());
      case 'tuple': {
        const types = [first];
        while (this.is(',')) {
          this.next();
          types.push(this.type(depth));
        }
        return new TupleType(types);
      }
      default: throw new MarshalError(`unknown type '${word}<…>'`);
    }
  }

  private userType(first: string): AbstractType {
    let name = first;
    if (this.is('.')) {
      this.next();
      const token = this.next();
      if (token.kind !== 'word' && token.kind !== 'quoted') throw this.error('expecting the name of a user type');
      name = token.kind === 'quoted' ? token.text : token.text.toLowerCase();
    }
    const type = this.#userTypes(name);
    if (type === undefined) throw new MarshalError(`unknown type '${name}'`);
    return type;
  }

  private dimension(): number {
    const token = this.next();
    if (token.kind !== 'word' || !/^\d+$/.test(token.text)) throw this.error('expecting the dimension of a vector');
    return Number(token.text);
  }

  private is(symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol;
  }

  private expect(symbol: string): void {
    if (!this.is(symbol)) throw this.error(`expecting '${symbol}'`);
    this.next();
  }

  private next(): Token {
    const token = this.#token;
    this.#token = this.read();
    return token;
  }

  private read(): Token {
    if (this.#at >= this.#text.length) return { kind: 'end', text: '' };
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw this.error('unexpected character');
    this.#at += match[0].length;
    if (match[1] !== undefined) return { kind: 'class', text: match[1].replaceAll('\'\'', '\'') };
    if (match[2] !== undefined) return { kind: 'quoted', text: match[2].replaceAll('""', '"') };
    if (match[3] !== undefined) return { kind: 'word', text: match[3] };
    return { kind: 'symbol', text: match[4] };
  }

  private error(what: string): MarshalError {
    return new MarshalError(`malformed type '${this.#text}': ${what} at character ${this.#at}`);
  }
}
