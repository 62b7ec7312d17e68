/**
 * list, set and map. Mirrors ListType, SetType and MapType with their serializers.
 *
 *   <frozen list or set> is <count:int32><value>{count}
 *   <frozen map>         is <count:int32>(<value><value>){count}
 *   <value>              is <length:int32>{length bytes}
 *
 * Not frozen, each element is a cell: its path is a timeuuid (list), the element (set) or the key (map), its value the
 * element (list), nothing (set) or the value (map). The cells' values have a length before each, whatever their type.
 */
import { quoteJson } from '../io/json-text.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { EmptyType } from './bytes.js';
import { TimeUUIDType } from './uuid.js';

export abstract class CollectionType extends AbstractType {
  override readonly isMultiCell: boolean;
  override readonly className: string;
  override readonly cqlName: string;
  readonly #kind: string;
  readonly #unfrozenClassName: string;

  protected constructor(kind: 'list' | 'set' | 'map', types: readonly AbstractType[], isMultiCell: boolean) {
    super();
    const name = MARSHAL_PACKAGE + { list: 'ListType', set: 'SetType', map: 'MapType' }[kind];
    const named = (ignoreFreezing: boolean): string => `${name}(${types.map((type) => type.toClassName(ignoreFreezing)).join(',')})`;
    const cql = `${kind}<${types.map((type) => type.cqlName).join(', ')}>`;
    this.#kind = kind;
    this.#unfrozenClassName = named(true);
    this.isMultiCell = isMultiCell;
    this.className = isMultiCell ? named(false) : `${MARSHAL_PACKAGE}FrozenType(${this.#unfrozenClassName})`;
    this.cqlName = isMultiCell ? cql : `frozen<${cql}>`;
  }

  override toClassName(ignoreFreezing: boolean): string {
    return ignoreFreezing ? this.#unfrozenClassName : this.className;
  }

  /** Cassandra reads the count as signed and takes a negative one for zero. */
  protected count(bytes: Buffer, start: number, end: number): number {
    if (end - start < 4) throw new MarshalError(`Not enough bytes to read a ${this.#kind}`);
    return bytes.readInt32BE(start);
  }

  /** Where the value ends whose length stands at `at`. */
  protected valueEnd(bytes: Buffer, at: number, end: number): number {
    if (end - at < 4) throw new MarshalError(`Not enough bytes to read a ${this.#kind}`);
    const length = bytes.readInt32BE(at);
    if (length < 0) throw new MarshalError('Null value read when not allowed');
    if (length > end - at - 4) throw new MarshalError(`Not enough bytes to read a ${this.#kind}`);
    return at + 4 + length;
  }

  protected checkEnd(at: number, end: number): void {
    if (at !== end) throw new MarshalError(`Unexpected extraneous bytes after ${this.#kind} value`);
  }
}

/** What lists and sets share. */
abstract class ElementsType extends CollectionType {
  readonly elements: AbstractType;

  constructor(kind: 'list' | 'set', elements: AbstractType, isMultiCell: boolean) {
    super(kind, [elements], isMultiCell);
    this.elements = elements;
  }

  override validate(bytes: Buffer, start: number, end: number): void {
    let at = start + 4;
    for (let left = this.count(bytes, start, end); left > 0; left--) {
      const next = this.valueEnd(bytes, at, end);
      this.elements.validateNested(bytes, at + 4, next);
      at = next;
    }
    this.checkEnd(at, end);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    let text = '[';
    let at = start + 4;
    for (let left = this.count(bytes, start, end); left > 0; left--) {
      const next = this.valueEnd(bytes, at, end);
      if (text.length > 1) text += ', ';
      text += this.elements.toJson(bytes, at + 4, next, options);
      at = next;
    }
    return text + ']';
  }
}

export class ListType extends ElementsType {
  constructor(elements: AbstractType, isMultiCell: boolean) {
    super('list', elements, isMultiCell);
  }

  override cellPathType(): AbstractType {
    return this.isMultiCell ? TimeUUIDType.instance : super.cellPathType();
  }

  override cellValueType(bytes: Buffer, pathStart: number, pathEnd: number): AbstractType {
    return this.isMultiCell ? this.elements : super.cellValueType(bytes, pathStart, pathEnd);
  }

  override freeze(): ListType {
    return this.isMultiCell ? new ListType(this.elements.freeze(), false) : this;
  }
}

export class SetType extends ElementsType {
  constructor(elements: AbstractType, isMultiCell: boolean) {
    super('set', elements, isMultiCell);
  }

  override cellPathType(): AbstractType {
    return this.isMultiCell ? this.elements : super.cellPathType();
  }

  override cellValueType(bytes: Buffer, pathStart: number, pathEnd: number): AbstractType {
    return this.isMultiCell ? EmptyType.instance : super.cellValueType(bytes, pathStart, pathEnd);
  }

  override freeze(): SetType {
    return this.isMultiCell ? new SetType(this.elements.freeze(), false) : this;
  }
}

export class MapType extends CollectionType {
  readonly keys: AbstractType;
  readonly values: AbstractType;

  constructor(keys: AbstractType, values: AbstractType, isMultiCell: boolean) {
    super('map', [keys, values], isMultiCell);
    this.keys = keys;
    this.values = values;
  }

  override cellPathType(): AbstractType {
    return this.isMultiCell ? this.keys : super.cellPathType();
  }

  override cellValueType(bytes: Buffer, pathStart: number, pathEnd: number): AbstractType {
    return this.isMultiCell ? this.values : super.cellValueType(bytes, pathStart, pathEnd);
  }

  override freeze(): MapType {
    return this.isMultiCell ? new MapType(this.keys.freeze(), this.values.freeze(), false) : this;
  }

  override validate(bytes: Buffer, start: number, end: number): void {
    let at = start + 4;
    for (let left = this.count(bytes, start, end); left > 0; left--) {
      const keyEnd = this.valueEnd(bytes, at, end);
      this.keys.validateNested(bytes, at + 4, keyEnd);
      const next = this.valueEnd(bytes, keyEnd, end);
      this.values.validateNested(bytes, keyEnd + 4, next);
      at = next;
    }
    this.checkEnd(at, end);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    let text = '{';
    let at = start + 4;
    for (let left = this.count(bytes, start, end); left > 0; left--) {
      const keyEnd = this.valueEnd(bytes, at, end);
      const next = this.valueEnd(bytes, keyEnd, end);
      if (text.length > 1) text += ', ';
      text += mapKeyJson(this.keys.toJson(bytes, at + 4, keyEnd, options));
      text += ': ' + this.values.toJson(bytes, keyEnd + 4, next, options);
      at = next;
    }
    return text + '}';
  }
}

/** JSON text as the name of a member: strings stay, anything else becomes the string of its text. */
export function mapKeyJson(json: string): string {
  return json.startsWith('"') ? json : quoteJson(json);
}
