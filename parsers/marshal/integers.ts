/**
 * int, bigint, smallint, tinyint: two's complement, big-endian. Mirrors Int32Type, LongType, ShortType and ByteType
 * with their serializers. Zero-length values: int and bigint allow them (printed as ""), smallint and tinyint don't.
 *
 * smallint and tinyint have a length before each value: ShortType and ByteType don't override valueLengthIfFixed.
 */
import { int64ToString } from '../io/int64.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { checkLength, emptyJson } from './length.js';

export class Int32Type extends AbstractType {
  static readonly instance = new Int32Type();
  override readonly className = MARSHAL_PACKAGE + 'Int32Type';
  override readonly cqlName = 'int';
  override readonly valueLengthIfFixed = 4;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 4, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 4) return emptyJson(this, start, end);
    return '' + bytes.readInt32BE(start);
  }
}

export class LongType extends AbstractType {
  static readonly instance = new LongType();
  override readonly className = MARSHAL_PACKAGE + 'LongType';
  override readonly cqlName = 'bigint';
  override readonly valueLengthIfFixed = 8;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 8, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end - start !== 8) return emptyJson(this, start, end);
    const digits = int64ToString(bytes.readInt32BE(start), bytes.readInt32BE(start + 4));
    return options.int64 === 'string' ? '"' + digits + '"' : digits;
  }
}

export class ShortType extends AbstractType {
  static readonly instance = new ShortType();
  override readonly className = MARSHAL_PACKAGE + 'ShortType';
  override readonly cqlName = 'smallint';

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end - start !== 2) throw new MarshalError(`Expected 2 bytes for a smallint (${end - start})`);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 2) return emptyJson(this, start, end);
    return '' + bytes.readInt16BE(start);
  }
}

export class ByteType extends AbstractType {
  static readonly instance = new ByteType();
  override readonly className = MARSHAL_PACKAGE + 'ByteType';
  override readonly cqlName = 'tinyint';

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end - start !== 1) throw new MarshalError(`Expected 1 byte for a tinyint (${end - start})`);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 1) return emptyJson(this, start, end);
    return '' + bytes.readInt8(start);
  }
}
