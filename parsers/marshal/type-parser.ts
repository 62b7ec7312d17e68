/**
 * Types by Cassandra class name, as serialization headers of sstables, custom columns and dynamic composites have them.
 * Mirrors TypeParser.
 *
 *   <type>       is <class>["(" <parameters> ")"]        a class without package is one of Cassandra's own
 *   <parameters> is <type>{,<type>}                       FrozenType ReversedType ListType SetType MapType TupleType CompositeType
 *                 | <keyspace>,<hex name>{,<hex field>:<type>}                                              UserType
 *                 | <type> , <dimension>                                                                    VectorType
 *                 | <alias>=><type>{,<alias>=><type>}                                                       DynamicCompositeType
 *                 | reversed=true                         any class without parameters of its own
 */
import { type AbstractType, MARSHAL_PACKAGE, MarshalError } from './abstract-type.js';
import { BytesType, CustomType } from './bytes.js';
import { ListType, MapType, SetType } from './collections.js';
import { CompositeType, DynamicCompositeType } from './composite.js';
import { SIMPLE_CLASSES } from './native-types.js';
import { ReversedType } from './reversed.js';
import { TupleType, UserType } from './tuple.js';
import { VectorType } from './vector.js';

/** Types within types: far beyond any schema, and well within the stack. */
export const MAX_TYPE_DEPTH = 64;

const IDENTIFIER = /[0-9a-zA-Z\-+._&]*/y;

/**
 * The type of a class name. No name at all is BytesType; a class of somebody else's is a {@link CustomType}, its bytes
 * a blob. Throws MarshalError on a malformed name and on one in Cassandra's package that isn't a type.
 */
export function parseClassName(text: string): AbstractType {
  const parser = new ClassNameParser(text);
  return parser.isBlank() ? BytesType.instance : parser.type(0);
}

/** As {@link parseClassName}, for names that stand in values: a class that Cassandra hasn't is an error. */
function parseKnownClassName(text: string): AbstractType {
  const type = parseClassName(text);
  if (type instanceof CustomType) throw new MarshalError(`Unable to find abstract-type class '${type.className}'`);
  return type;
}

class ClassNameParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.skipBlank();
  }

  /** Nothing that begins a class name: TypeParser.parse takes it for BytesType. */
  isBlank(): boolean {
    const at = this.#at;
    const name = this.identifier();
    this.#at = at;
    return name === '';
  }

  type(depth: number): AbstractType {
    if (depth > MAX_TYPE_DEPTH) throw new MarshalError(`Type nested more than ${MAX_TYPE_DEPTH} deep: ${this.#text.slice(0, 100)}`);
    this.skipBlank();
    const begin = this.#at;
    const name = this.identifier();
    if (name === '') throw this.error('expecting a class name');
    const className = name.includes('.') ? name : MARSHAL_PACKAGE + name;
    this.skipBlank();
    const hasParameters = this.peek() === '(';
    if (className.startsWith(MARSHAL_PACKAGE)) {
      const own = this.ownClass(className.slice(MARSHAL_PACKAGE.length), hasParameters, depth);
      if (own !== undefined) return own;
    }
    const simple = SIMPLE_CLASSES.get(className);
    if (simple !== undefined) return hasParameters && this.isReversed() ? new ReversedType(simple) : simple;
    if (className.startsWith(MARSHAL_PACKAGE) && className !== MARSHAL_PACKAGE + 'PartitionerDefinedOrder') {
      throw new MarshalError(`Unable to find abstract-type class '${className}'`);
    }
    if (hasParameters) this.skipParentheses();
    return new CustomType(className + this.#text.slice(begin + name.length, this.#at).trim());
  }

  /** Cassandra's classes that take types; undefined for any other. */
  private ownClass(name: string, hasParameters: boolean, depth: number): AbstractType | undefined {
    switch (name) {
      case 'FrozenType': return this.only(name, this.types(hasParameters, depth)).freeze();
      case 'ReversedType': return new ReversedType(this.only(name, this.types(hasParameters, depth)));
      case 'ListType': return new ListType(this.only(name, this.types(hasParameters, depth)).freeze(), true);
      case 'SetType': return new SetType(this.only(name, this.types(hasParameters, depth)).freeze(), true);
      case 'MapType': return this.map(this.types(hasParameters, depth));
      case 'TupleType': return new TupleType(this.types(hasParameters, depth));
      case 'CompositeType': return this.composite(this.types(hasParameters, depth));
      case 'DynamicCompositeType': return new DynamicCompositeType(hasParameters ? this.aliases(depth) : new Map(), parseKnownClassName);
      case 'UserType': return this.userType(depth);
      case 'VectorType': return this.vector(depth);
      default: return undefined;
    }
  }

  private only(name: string, types: readonly AbstractType[]): AbstractType {
    if (types.length !== 1) throw new MarshalError(`${name} takes exactly 1 type parameter, ${types.length} given`);
    return types[0];
  }

  private map(types: readonly AbstractType[]): AbstractType {
    if (types.length !== 2) throw new MarshalError(`MapType takes exactly 2 type parameters, ${types.length} given`);
    return new MapType(types[0].freeze(), types[1].freeze(), true);
  }

  private composite(types: readonly AbstractType[]): AbstractType {
    if (types.length === 0) throw new MarshalError('CompositeType takes at least 1 type parameter');
    return new CompositeType(types);
  }

  private types(hasParameters: boolean, depth: number): AbstractType[] {
    const types: AbstractType[] = [];
    if (!hasParameters) return types;
    this.#at++;
    while (this.more()) types.push(this.type(depth + 1));
    return types;
  }

  private aliases(depth: number): Map<number, AbstractType> {
    const aliases = new Map<number, AbstractType>();
    this.#at++;
    while (this.more()) {
      const alias = this.identifier();
      if (alias.length !== 1) throw this.error(`an alias is a single character, not '${alias}'`);
      this.skipBlank();
      this.expect('=>');
      aliases.set(alias.charCodeAt(0), this.type(depth + 1));
    }
    return aliases;
  }

  private userType(depth: number): AbstractType {
    this.expect('(');
    this.more();
    const keyspace = this.identifier();
    this.more();
    const name = this.hexText();
    const fieldNames: string[] = [];
    const types: AbstractType[] = [];
    while (this.more()) {
      fieldNames.push(this.hexText());
      this.skipBlank();
      this.expect(':');
      types.push(this.type(depth + 1));
    }
    return new UserType({ keyspace, name, fieldNames, types, isMultiCell: true });
  }

  private vector(depth: number): AbstractType {
    this.expect('(');
    const elements = this.type(depth + 1).freeze();
    this.skipBlank();
    this.expect(',');
    this.skipBlank();
    const dimension = this.identifier();
    if (!/^\d+$/.test(dimension)) throw this.error(`expecting the dimension of a vector, not '${dimension}'`);
    this.expect(')');
    return new VectorType(elements, Number(dimension));
  }

  /** Key-value parameters, of which only `reversed` means anything. */
  private isReversed(): boolean {
    const parameters = this.skipParentheses();
    return /[(,\s]reversed\s*(=\s*true\s*)?[,)]/.test(parameters);
  }

  /** From an opening parenthesis to behind its closing one. */
  private skipParentheses(): string {
    const begin = this.#at;
    let open = 0;
    do {
      const c = this.peek();
      if (c === '') throw this.error('unexpected end of string');
      if (c === '(') open++;
      else if (c === ')') open--;
      this.#at++;
    } while (open > 0);
    return this.#text.slice(begin, this.#at);
  }

  /** Skips blanks and one comma; false behind the closing parenthesis, which it takes. */
  private more(): boolean {
    this.skipBlank();
    if (this.peek() === ',') this.#at++;
    this.skipBlank();
    if (this.peek() === '') throw this.error('unexpected end of string');
    if (this.peek() !== ')') return true;
    this.#at++;
    return false;
  }

  private hexText(): string {
    const hex = this.identifier();
    if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw this.error(`'${hex}' is not hexadecimal`);
    return Buffer.from(hex, 'hex').toString();
  }

  private identifier(): string {
    IDENTIFIER.lastIndex = this.#at;
    const name = IDENTIFIER.exec(this.#text)?.[0] ?? '';
    this.#at += name.length;
    return name;
  }

  private expect(token: string): void {
    if (!this.#text.startsWith(token, this.#at)) throw this.error(`expecting '${token}'`);
    this.#at += token.length;
  }

  private skipBlank(): void {
    while (this.#at < this.#text.length && ' \t\n'.includes(this.#text[this.#at])) this.#at++;
  }

  private peek(): string {
    return this.#at < this.#text.length ? this.#text[this.#at] : '';
  }

  private error(what: string): MarshalError {
    return new MarshalError(`Syntax error parsing '${this.#text.slice(0, 200)}' at char ${this.#at}: ${what}`);
  }
}
