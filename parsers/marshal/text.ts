/** text (varchar) and ascii: bytes as they are. Mirrors UTF8Type and AsciiType with their serializers. */
import { quoteUtf8 } from '../io/json-text.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE } from './abstract-type.js';
import { isCassandraUtf8 } from './utf8-validator.js';

export class UTF8Type extends AbstractType {
  static readonly instance = new UTF8Type();
  override readonly className = MARSHAL_PACKAGE + 'UTF8Type';
  override readonly cqlName = 'text';

  override validate(bytes: Buffer, start: number, end: number): void {
    if (!isCassandraUtf8(bytes, start, end)) throw new MarshalError('String didn\'t validate as UTF-8');
  }

  /**
   * Cassandra's validate lets some sequences pass that aren't UTF-8 (C0 80, surrogates, F5-F7); its SELECT JSON then
   * fails. Here they become U+FFFD: a row that a client could write must be printable.
   */
  override toJson(bytes: Buffer, start: number, end: number): string {
    return quoteUtf8(bytes, start, end);
  }
}

export class AsciiType extends AbstractType {
  static readonly instance = new AsciiType();
  override readonly className = MARSHAL_PACKAGE + 'AsciiType';
  override readonly cqlName = 'ascii';

  override validate(bytes: Buffer, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      if (bytes[i] > 0x7f) throw new MarshalError(`Invalid byte for ascii: ${bytes[i] - 256}`);
    }
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    return quoteUtf8(bytes, start, end);
  }
}
