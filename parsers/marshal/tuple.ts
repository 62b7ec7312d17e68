/**
 * Tuples and user-defined types. Mirrors TupleType, UserType and their serializers.
 *
 *   <tuple> is <field>*                        fewer than declared: the rest are null
 *   <field> is <length:int32>{length bytes}    length < 0: null
 *
 * A UDT that isn't frozen has a cell for each field; the cell's path is the field's position, an int16.
 */
import { quoteJson } from '../io/json-text.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { quoteIdentifier } from './identifier.js';
import { ShortType } from './integers.js';

/** What tuples and UDTs share: a sequence of fields. */
abstract class FieldsType extends AbstractType {
  readonly types: readonly AbstractType[];

  constructor(types: readonly AbstractType[]) {
    super();
    this.types = types;
  }

  override validate(bytes: Buffer, start: number, end: number): void {
    let at = start;
    for (let i = 0; i < this.types.length; i++) {
      if (at === end) return;
      const length = fieldLength(bytes, at, end, i);
      at += 4;
      if (length < 0) continue;
      this.types[i].validateNested(bytes, at, at + length);
      at += length;
    }
    if (at !== end) throw new MarshalError(`Invalid remaining data after end of ${this.cqlName} value`);
  }

  /** JSON of the fields between `open` and `close`, each behind its label; missing ones are null. */
  protected fieldsJson(bytes: Buffer, start: number, end: number, options: JsonOptions, labels?: readonly string[]): string {
    let text = '';
    let at = start;
    for (let i = 0; i < this.types.length; i++) {
      if (i > 0) text += ', ';
      if (labels !== undefined) text += labels[i];
      const length = at === end ? -1 : fieldLength(bytes, at, end, i);
      if (at !== end) at += 4;
      if (length < 0) {
        text += 'null';
      } else {
        text += this.types[i].toJson(bytes, at, at + length, options);
        at += length;
      }
    }
    return text;
  }
}

/** Length of the field that starts at `at`, checked against what is left. */
function fieldLength(bytes: Buffer, at: number, end: number, field: number): number {
  if (end - at < 4) throw new MarshalError(`Not enough bytes to read size of component ${field}`);
  const length = bytes.readInt32BE(at);
  if (length > end - at - 4) throw new MarshalError(`Not enough bytes to read component ${field}`);
  return length;
}

/** Always frozen, though its name never says so in classes and always does in CQL. */
export class TupleType extends FieldsType {
  override readonly className: string;
  override readonly cqlName: string;

  constructor(types: readonly AbstractType[]) {
    super(types.map((type) => type.freeze()));
    this.className = `${MARSHAL_PACKAGE}TupleType(${this.types.map((type) => type.toClassName(true)).join(',')})`;
    this.cqlName = `frozen<tuple<${this.types.map((type) => type.cqlName).join(', ')}>>`;
  }

  /** An array; Cassandra fails on a tuple with fewer fields than declared, here the rest are null as in a UDT. */
  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return '[' + this.fieldsJson(bytes, start, end, options) + ']';
  }
}

export interface UserTypeInit {
  readonly keyspace: string;
  readonly name: string;
  readonly fieldNames: readonly string[];
  readonly types: readonly AbstractType[];
  readonly isMultiCell: boolean;
}

export class UserType extends FieldsType {
  readonly keyspace: string;
  readonly name: string;
  readonly fieldNames: readonly string[];
  override readonly isMultiCell: boolean;
  override readonly className: string;
  override readonly cqlName: string;
  readonly #unfrozenClassName: string;
  readonly #labels: readonly string[];

  constructor(init: UserTypeInit) {
    super(init.types);
    this.keyspace = init.keyspace;
    this.name = init.name;
    this.fieldNames = init.fieldNames;
    this.isMultiCell = init.isMultiCell;
    const field = (i: number, ignoreFreezing: boolean): string => `${hex(init.fieldNames[i])}:${init.types[i].toClassName(ignoreFreezing)}`;
    const named = (ignoreFreezing: boolean): string =>
      `${MARSHAL_PACKAGE}UserType(${[init.keyspace, hex(init.name), ...init.types.map((_, i) => field(i, ignoreFreezing))].join(',')})`;
    this.#unfrozenClassName = named(true);
    this.className = init.isMultiCell ? named(false) : `${MARSHAL_PACKAGE}FrozenType(${this.#unfrozenClassName})`;
    this.cqlName = init.isMultiCell ? quoteIdentifier(init.name) : `frozen<${quoteIdentifier(init.name)}>`;
    this.#labels = init.fieldNames.map((name) => fieldLabel(name) + ': ');
  }

  override toClassName(ignoreFreezing: boolean): string {
    return ignoreFreezing ? this.#unfrozenClassName : this.className;
  }

  override cellPathType(): AbstractType {
    return this.isMultiCell ? ShortType.instance : super.cellPathType();
  }

  override cellValueType(bytes: Buffer, pathStart: number, pathEnd: number): AbstractType {
    if (!this.isMultiCell) return super.cellValueType(bytes, pathStart, pathEnd);
    if (pathEnd - pathStart !== 2) throw new MarshalError(`Expected 2 bytes for the position of a field of ${this.cqlName} (${pathEnd - pathStart})`);
    const position = bytes.readInt16BE(pathStart);
    if (position < 0 || position >= this.types.length) throw new MarshalError(`${this.cqlName} has no field at position ${position}`);
    return this.types[position];
  }

  /** Not the fields: Cassandra leaves them as the type declares them, which is frozen or simple. */
  override freeze(): UserType {
    return this.isMultiCell ? new UserType({ keyspace: this.keyspace, name: this.name, fieldNames: this.fieldNames, types: this.types, isMultiCell: false }) : this;
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return '{' + this.fieldsJson(bytes, start, end, options, this.#labels) + '}';
  }
}

/** A field as member name: within quotation marks of its own unless it is all lower case. */
export function fieldLabel(name: string): string {
  return quoteJson(name === name.toLowerCase() ? name : '"' + name + '"');
}

function hex(name: string): string {
  return Buffer.from(name).toString('hex');
}
