/** inet: 4 or 16 bytes. Mirrors InetAddressType, InetAddressSerializer and java.net.InetAddress.getHostAddress. */
import { AbstractType, MarshalError, MARSHAL_PACKAGE } from './abstract-type.js';
import { emptyJson } from './length.js';

export class InetAddressType extends AbstractType {
  static readonly instance = new InetAddressType();
  override readonly className = MARSHAL_PACKAGE + 'InetAddressType';
  override readonly cqlName = 'inet';

  override validate(_bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (size !== 0 && size !== 4 && size !== 16) throw new MarshalError(`Expected 4 or 16 bytes for inet (${size})`);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    const size = end - start;
    if (size === 4) return quoteIPv4(bytes, start);
    if (size !== 16) return emptyJson(this, start, end);
    // Java makes an Inet4Address of ::ffff:a.b.c.d
    if (isIPv4Mapped(bytes, start)) return quoteIPv4(bytes, start + 12);
    let text = '"';
    for (let i = start; i < end; i += 2) {
      if (i > start) text += ':';
      text += ((bytes[i] << 8) | bytes[i + 1]).toString(16);
    }
    return text + '"';
  }
}

function quoteIPv4(bytes: Buffer, at: number): string {
  return `"${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}"`;
}

function isIPv4Mapped(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < 10; i++) {
    if (bytes[at + i] !== 0) return false;
  }
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}
