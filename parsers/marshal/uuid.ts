/** uuid, timeuuid and their older classes: 16 bytes. Mirrors UUIDType, TimeUUIDType, LegacyTimeUUIDType, LexicalUUIDType. */
import { AbstractType, MarshalError, MARSHAL_PACKAGE } from './abstract-type.js';
import { checkLength, emptyJson } from './length.js';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The 16 bytes at `at` in UUID notation. */
export function uuidToString(b: Buffer, at: number): string {
  return HEX[b[at]] + HEX[b[at + 1]] + HEX[b[at + 2]] + HEX[b[at + 3]] + '-' + HEX[b[at + 4]] + HEX[b[at + 5]] + '-'
    + HEX[b[at + 6]] + HEX[b[at + 7]] + '-' + HEX[b[at + 8]] + HEX[b[at + 9]] + '-' + HEX[b[at + 10]] + HEX[b[at + 11]]
    + HEX[b[at + 12]] + HEX[b[at + 13]] + HEX[b[at + 14]] + HEX[b[at + 15]];
}

abstract class AnyUUIDType extends AbstractType {
  override readonly valueLengthIfFixed = 16;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 16, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 16) return emptyJson(this, start, end);
    return '"' + uuidToString(bytes, start) + '"';
  }
}

export class UUIDType extends AnyUUIDType {
  static readonly instance = new UUIDType();
  override readonly className = MARSHAL_PACKAGE + 'UUIDType';
  override readonly cqlName = 'uuid';
}

export class TimeUUIDType extends AnyUUIDType {
  static readonly instance = new TimeUUIDType();
  override readonly className = MARSHAL_PACKAGE + 'TimeUUIDType';
  override readonly cqlName = 'timeuuid';

  /** Version 1 only (TimeUUID.AbstractSerializer). */
  override validate(bytes: Buffer, start: number, end: number): void {
    super.validate(bytes, start, end);
    if (end - start === 16 && (bytes[start + 6] & 0xf0) !== 0x10) throw new MarshalError(`Invalid version for TimeUUID type: ${bytes[start + 6] >> 4}`);
  }
}

/** The type of timeuuid arguments of user functions: any version. */
export class LegacyTimeUUIDType extends AnyUUIDType {
  static readonly instance = new LegacyTimeUUIDType();
  override readonly className = MARSHAL_PACKAGE + 'LegacyTimeUUIDType';
  override readonly cqlName = 'timeuuid';
}

/** Thrift's uuid, sorted by its bytes. */
export class LexicalUUIDType extends AnyUUIDType {
  static readonly instance = new LexicalUUIDType();
  override readonly className = MARSHAL_PACKAGE + 'LexicalUUIDType';
  override readonly cqlName = `'${MARSHAL_PACKAGE}LexicalUUIDType'`;
}
