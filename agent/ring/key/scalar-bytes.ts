/** The bytes of values of simple types, from the text that CQL, JSON and the agent's events write. As the types' serializers in Cassandra. */
import { isIP } from 'node:net';
import { civilDate, daysFromCivil } from '../../../parsers/marshal/calendar.js';
import { KeyError } from './literal.js';

/** By CQL name. Throws KeyError. */
export const SCALAR_BYTES: ReadonlyMap<string, (text: string) => Buffer> = new Map([
  ['text', (text) => Buffer.from(text)],
  ['ascii', asciiBytes],
  ['tinyint', (text) => integerBytes(text, 1)],
  ['smallint', (text) => integerBytes(text, 2)],
  ['int', (text) => integerBytes(text, 4)],
  ['bigint', (text) => integerBytes(text, 8)],
  ['varint', (text) => varintBytes(integer(text))],
  ['decimal', decimalBytes],
  ['float', (text) => floatBytes(text, 4)],
  ['double', (text) => floatBytes(text, 8)],
  ['boolean', booleanBytes],
  ['blob', blobBytes],
  ['uuid', uuidBytes],
  ['timeuuid', uuidBytes],
  ['inet', inetBytes],
  ['date', dateBytes],
  ['time', timeBytes],
  ['timestamp', timestampBytes],
]);

const HEX = /^0x((?:[0-9a-f]{2})*)$/i;
const INTEGER = /^-?\d{1,400}$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,10}))?$/i;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE = /^([+-]?\d{4,7})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?\s*(Z|[+-]\d\d:?\d\d)$/i;
const DAY_MS = 86_400_000;

/** Bytes written as 0x…, for any type; null for any other text. */
export function hexBytes(text: string): Buffer | null {
  const digits = HEX.exec(text)?.[1];
  return digits === undefined ? null : Buffer.from(digits, 'hex');
}

function bad(text: string, type: string, example: string): KeyError {
  return new KeyError(`${text} is no ${type}: write it as ${example}`);
}

function integer(text: string): bigint {
  if (!INTEGER.test(text)) throw new KeyError(`${text} is no integer`);
  return BigInt(text);
}

function integerBytes(text: string, size: number): Buffer {
  const value = integer(text);
  if (BigInt.asIntN(size * 8, value) !== value) throw new KeyError(`${text} does not fit into ${size * 8} bits`);
  return Buffer.from(BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, '0'), 'hex');
}

/** BigInteger.toByteArray: the fewest bytes of two's complement. */
function varintBytes(value: bigint): Buffer {
  const bits = (value < 0n ? ~value : value).toString(2).length + 1;
  const size = value === 0n || value === -1n ? 1 : Math.ceil(bits / 8);
  return Buffer.from(BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, '0'), 'hex');
}

/** As BigDecimal(String): 1.0 and 1.00 are different keys. */
function decimalBytes(text: string): Buffer {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole + fraction === '') throw bad(text, 'decimal', '12.50');
  const scale = fraction.length - Number(exponent);
  if ((scale | 0) !== scale) throw bad(text, 'decimal', '12.50');
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(scale);
  const unscaled = BigInt(whole + fraction);
  return Buffer.concat([bytes, varintBytes(sign === '-' ? -unscaled : unscaled)]);
}

function floatBytes(text: string, size: 4 | 8): Buffer {
  const special = /^(?:NaN|[+-]?Infinity)$/i.exec(text)?.[0].toLowerCase();
  if (special === undefined && !FLOAT.test(text)) throw bad(text, size === 4 ? 'float' : 'double', '1.5');
  const value = special === undefined ? Number(text) : special === 'nan' ? NaN : special.startsWith('-') ? -Infinity : Infinity;
  const bytes = Buffer.alloc(size);
  if (size === 4) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

function booleanBytes(text: string): Buffer {
  if (!/^(?:true|false)$/i.test(text)) throw bad(text, 'boolean', 'true or false');
  return Buffer.from([text.toLowerCase() === 'true' ? 1 : 0]);
}

function asciiBytes(text: string): Buffer {
  if (!/^[\0-\x7f]*$/.test(text)) throw new KeyError(`${text} is not ASCII`);
  return Buffer.from(text);
}

function blobBytes(text: string): Buffer {
  const bytes = hexBytes(text);
  if (bytes === null) throw bad(text, 'blob', '0x00ff');
  return bytes;
}

function uuidBytes(text: string): Buffer {
  if (!UUID.test(text)) throw bad(text, 'UUID', '01234567-89ab-4cde-8f01-23456789abcd');
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

/** An IPv4 address within IPv6 (::ffff:1.2.3.4) becomes IPv4, as java.net.InetAddress has it. */
function inetBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  if (isIP(text) !== 6 || text.includes('%')) throw bad(text, 'address', '127.0.0.1 or ::1');
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const parts = dotted === null ? text : dotted[1] + (Buffer.from(dotted[2].split('.').map(Number)).toString('hex').match(/.{4}/g) as string[]).join(':');
  const [head, tail = ''] = parts.split('::');
  const groups = (side: string): string[] => (side === '' ? [] : side.split(':')).map((group) => group.padStart(4, '0'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const bytes = Buffer.from([...groups(head), ...Array<string>(missing).fill('0000'), ...groups(tail)].join(''), 'hex');
  return bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex')) ? bytes.subarray(12) : bytes;
}

/** Days with 1970-01-01 at 2^31; a plain number is that very count, as in CQL. */
function dateBytes(text: string): Buffer {
  if (/^\d+$/.test(text)) {
    if (BigInt(text) > 0xffffffffn) throw bad(text, 'date', '2026-11-22');
    return integerBytes((BigInt.asIntN(32, BigInt(text))).toString(), 4);
  }
  const day = epochDay(text);
  if (day === null || day < -(2 ** 31) || day >= 2 ** 31) throw bad(text, 'date', '2026-11-22');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(day + 2 ** 31);
  return bytes;
}

/** Days since 1970; null when there is no such day. */
function epochDay(text: string): number | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return null;
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const { year: sameYear, monthDay } = civilDate(days);
  return sameYear === Number(year) && monthDay === `${month}-${day}` ? days : null;
}

/** Nanoseconds of the day; a plain number is that very count, as in CQL. */
function timeBytes(text: string): Buffer {
  if (INTEGER.test(text)) return integerBytes(text, 8);
  const [, hours, minutes, seconds, fraction = ''] = TIME.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) throw bad(text, 'time', '10:30:00.000000001');
  const nanos = BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return integerBytes(nanos.toString(), 8);
}

/** Milliseconds since 1970. Without a zone the node would take its own, which nobody knows here. */
function timestampBytes(text: string): Buffer {
  if (INTEGER.test(text)) return integerBytes(text, 8);
  const [, date, minute, seconds = '00', fraction = '', zone = ''] = TIMESTAMP.exec(text) ?? [];
  const day = date === undefined ? null : epochDay(date);
  const time = date === undefined ? NaN : Date.parse(`1970-01-01T${minute}:${seconds}.${fraction.padEnd(3, '0')}${/^z$/i.test(zone) ? 'Z' : zone.replace(/(\d\d):?(\d\d)$/, '$1:$2')}`);
  if (day === null || Number.isNaN(time)) throw bad(text, 'timestamp with a zone', '2026-11-22 10:00:00.000Z');
  return integerBytes(String(day * DAY_MS + time), 8);
}
