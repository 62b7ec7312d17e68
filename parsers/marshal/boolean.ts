/** boolean: one byte, zero is false and everything else true. Mirrors BooleanType and BooleanSerializer. */
import { AbstractType, MarshalError, MARSHAL_PACKAGE } from './abstract-type.js';
import { emptyJson } from './length.js';

export class BooleanType extends AbstractType {
  static readonly instance = new BooleanType();
  override readonly className = MARSHAL_PACKAGE + 'BooleanType';
  override readonly cqlName = 'boolean';
  override readonly valueLengthIfFixed = 1;

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end - start > 1) throw new MarshalError(`Expected 1 or 0 bytes for boolean (${end - start})`);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end - start !== 1) return emptyJson(this, start, end);
    return bytes[start] === 0 ? 'false' : 'true';
  }
}
