/**
 * Composites of the Thrift age, still allowed as custom types. Mirrors AbstractCompositeType, CompositeType and
 * DynamicCompositeType.
 *
 *   <composite>      is [<static:FFFF>]<component>*                     static marker: CompositeType only
 *   <component>      is [<comparator>]<length:uint16>{length bytes}<end-of-component:int8>
 *   <comparator>     is <length:int16>{class name} | <8000 + alias:uint16>    DynamicCompositeType only
 *
 * Only the last component may have an end-of-component other than 0.
 * Cassandra 4.x reads <length> as signed and so lets a component of 32 KiB or more pass unread; 5.0 is followed here.
 * Cassandra can't print them as JSON (CASSANDRA-18177); here they print as blobs.
 */
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { blobJson } from './bytes.js';

const STATIC_MARKER = 0xffff;

abstract class AbstractCompositeType extends AbstractType {
  override readonly className: string;
  override readonly cqlName: string;

  constructor(className: string) {
    super();
    this.className = className;
    this.cqlName = `'${className}'`;
  }

  override validate(bytes: Buffer, start: number, end: number): void {
    let at = this.firstComponent(bytes, start, end);
    for (let i = 0; at < end; i++) {
      const comparator = this.comparatorAt(i, bytes, at, end);
      at += this.comparatorSize(bytes, at);
      if (end - at < 2) throw new MarshalError(`Not enough bytes to read value size of component ${i}`);
      const length = bytes.readUInt16BE(at);
      at += 2;
      if (end - at < length) throw new MarshalError(`Not enough bytes to read value of component ${i}`);
      comparator.validateNested(bytes, at, at + length);
      at += length;
      if (at === end) throw new MarshalError(`Not enough bytes to read the end-of-component byte of component ${i}`);
      if (bytes[at++] !== 0 && at !== end) throw new MarshalError(`Invalid bytes remaining after an end-of-component at component ${i}`);
    }
  }

  /** CompositeType.Serializer is a BytesSerializer: all bytes are legal. */
  override validateNested(): void {
    // not checked, as in Cassandra
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return blobJson(bytes, start, end, options);
  }

  protected abstract firstComponent(bytes: Buffer, start: number, end: number): number;
  /** Type of component `index`, whose comparator begins at `at`; throws when there is none. */
  protected abstract comparatorAt(index: number, bytes: Buffer, at: number, end: number): AbstractType;
  protected abstract comparatorSize(bytes: Buffer, at: number): number;
}

export class CompositeType extends AbstractCompositeType {
  readonly types: readonly AbstractType[];

  constructor(types: readonly AbstractType[]) {
    super(`${MARSHAL_PACKAGE}CompositeType(${types.map((type) => type.className).join(',')})`);
    this.types = types;
  }

  protected override firstComponent(bytes: Buffer, start: number, end: number): number {
    return end - start >= 2 && bytes.readUInt16BE(start) === STATIC_MARKER ? start + 2 : start;
  }

  protected override comparatorAt(index: number): AbstractType {
    if (index >= this.types.length) throw new MarshalError('Too many bytes for comparator');
    return this.types[index];
  }

  protected override comparatorSize(): number {
    return 0;
  }
}

export class DynamicCompositeType extends AbstractCompositeType {
  readonly aliases: ReadonlyMap<number, AbstractType>;
  readonly #parse: (className: string) => AbstractType;

  /** `aliases` by character code; `parse` reads the class names that stand in values. */
  constructor(aliases: ReadonlyMap<number, AbstractType>, parse: (className: string) => AbstractType) {
    const names = [...aliases].map(([alias, type]) => `${String.fromCharCode(alias)}=>${type.className}`);
    super(`${MARSHAL_PACKAGE}DynamicCompositeType(${names.join(',')})`);
    this.aliases = aliases;
    this.#parse = parse;
  }

  protected override firstComponent(_bytes: Buffer, start: number): number {
    return start;
  }

  protected override comparatorAt(index: number, bytes: Buffer, at: number, end: number): AbstractType {
    if (end - at < 2) throw new MarshalError(`Not enough bytes to header of the comparator part of component ${index}`);
    const header = bytes.readUInt16BE(at);
    if ((header & 0x8000) === 0) {
      if (end - at - 2 < header) throw new MarshalError(`Not enough bytes to read comparator name of component ${index}`);
      return this.#parse(bytes.utf8Slice(at + 2, at + 2 + header));
    }
    const comparator = this.aliases.get(header & 0xff);
    if (comparator === undefined) throw new MarshalError(`Cannot find comparator for component ${index}`);
    return comparator;
  }

  protected override comparatorSize(bytes: Buffer, at: number): number {
    const header = bytes.readUInt16BE(at);
    return (header & 0x8000) === 0 ? 2 + header : 2;
  }
}
