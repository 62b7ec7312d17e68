/**
 * Random CQL types with random values, for fast-check: what a type is called, values at its limits, and an arbitrary of
 * serialized ones, all of which AbstractType.validate accepts. Written from the serializers' formats alone.
 */
import fc from 'fast-check';

export interface GeneratedType {
  readonly className: string;
  /** As in system_schema.columns.type; UDTs by name (see `udt`). */
  readonly cqlName: string;
  /** Values that are worth a test each. */
  readonly extremes: readonly Buffer[];
  readonly value: fc.Arbitrary<Buffer>;
}

const MARSHAL = 'org.apache.cassandra.db.marshal.';
const EMPTY = Buffer.alloc(0);

export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function bytesOf(length: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
}

function someBytes(maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
}

/** Integers of every magnitude, not only the huge ones that random bytes are. */
function integers(bits: number): fc.Arbitrary<bigint> {
  return fc.tuple(fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n }), fc.nat(bits - 1)).map(([value, shift]) => value >> BigInt(shift));
}

const int64s = integers(64).map(int64);

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** BigInteger.toByteArray: the fewest bytes of two's complement. */
export function varint(value: bigint): Buffer {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return Buffer.from(BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, '0'), 'hex');
}

export function decimal(unscaled: bigint, scale: number): Buffer {
  return Buffer.concat([int32(scale), varint(unscaled)]);
}

/** VIntCoding.writeUnsignedVInt. */
export function unsignedVint(value: bigint): Buffer {
  for (let extra = 0; extra < 8; extra++) {
    if (value >= 1n << BigInt(7 * (extra + 1))) continue;
    const bytes = Buffer.from(value.toString(16).padStart(2 * (extra + 1), '0'), 'hex');
    bytes[0] |= ~(0xff >> extra) & 0xff;
    return bytes;
  }
  return Buffer.concat([Buffer.of(0xff), Buffer.from(value.toString(16).padStart(16, '0'), 'hex')]);
}

export function duration(months: number, days: number, nanos: bigint): Buffer {
  const zigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  return Buffer.concat([BigInt(months), BigInt(days), nanos].map((part) => unsignedVint(zigzag(part))));
}

const durations = fc.tuple(integers(32), integers(32), integers(64), fc.boolean()).map(([months, days, nanos, negative]) => {
  const signed = (value: bigint): bigint => ((value < 0n) === negative ? value : ~value);
  return duration(Number(signed(months)), Number(signed(days)), signed(nanos));
});

function timeUuid(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[6] = (copy[6] & 0x0f) | 0x10;
  return copy;
}

const TEXTS = ['', 'a', 'Grüße, 世界 😀', '"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080\u2028', 'x'.repeat(100), '\u{10ffff}\uffff', '\'; DROP TABLE t; --'];
const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 80 }), fc.constantFrom(...TEXTS))
  .map((text) => Buffer.from(text));

function simple(name: string, cqlName: string, extremes: readonly Buffer[], value: fc.Arbitrary<Buffer>): GeneratedType {
  return { className: MARSHAL + name, cqlName, extremes, value };
}

const INT64S = [0n, 1n, -1n, (1n << 63n) - 1n, -(1n << 63n), (1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, -(1n << 53n), -(1n << 53n) - 1n, 4294967296n, -4294967296n].map(int64);
const DOUBLES = [0, -0, 1, -1.5, 0.1, 1e-3, 9.99999999999999e-4, 1e7, 9999999.5, 1e23, 123456789.125, 5e-324, -1e-323, 2.2250738585072014e-308, 1.7976931348623157e308, 2 ** 53, 1e21, 1e-7, NaN, Infinity, -Infinity];
const TIMESTAMPS = [0n, -1n, 1795341600000n, 253402300799999n, 253402300800000n, -62135596800000n, -62135596800001n, -62167219200001n, 951782400000n, -(1n << 63n), (1n << 63n) - 1n, 8640000000000001n, -8640000000000001n].map(int64);
const IPV6 = ['00000000000000000000000000000001', '20010db8000000000000ff0000428329', '00000000000000000000ffff7f000001', '00000000000000000000000001020304', 'ffffffffffffffffffffffffffffffff'];

/** Every type without parameters, LegacyTimeUUIDType (not in 4.0) and counter apart. */
export const SIMPLE_TYPES: readonly GeneratedType[] = [
  simple('AsciiType', 'ascii', ['', 'a', '"\\\n\u0000\u007f', 'z'.repeat(70), 'it\'s'].map((text) => Buffer.from(text)), someBytes(80).map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f)))),
  simple('UTF8Type', 'text', TEXTS.map((text) => Buffer.from(text)), texts),
  simple('LongType', 'bigint', [...INT64S, EMPTY], int64s),
  simple('BytesType', 'blob', [EMPTY, hex('00'), hex('ff'), hex('deadbeef'), Buffer.alloc(300, 0xa5)], someBytes(40)),
  simple('BooleanType', 'boolean', ['00', '01', '02', '80', 'ff', ''].map(hex), bytesOf(1)),
  simple('SimpleDateType', 'date', ['80000000', '7fffffff', '00000000', 'ffffffff', '80004f5f', '7ff506c5', '7ff506c4', '802cc0a8'].map(hex), bytesOf(4)),
  simple('DecimalType', 'decimal', [EMPTY, decimal(0n, 0), decimal(0n, 7), decimal(-1n, 3), decimal(123n, -5), decimal(1n, 2147483647), decimal(-12345n, -2147483648),
    decimal(1n, 6), decimal(1n, 7), decimal(100n, 2), decimal(10n ** 60n + 7n, 30), decimal(-(2n ** 63n), 18)],
  fc.tuple(integers(200), fc.oneof(fc.integer({ min: -25, max: 40 }), fc.integer())).map(([unscaled, scale]) => decimal(unscaled, scale))),
  simple('DoubleType', 'double', [...DOUBLES.map(double), EMPTY], fc.oneof(bytesOf(8), fc.double().map(double), fc.integer({ min: -1e9, max: 1e9 }).map((n) => double(n / 1000)))),
  simple('DurationType', 'duration', [duration(0, 0, 0n), duration(1, 2, 3n), duration(-14, -1, -1_000_000_001n), duration(2147483647, 2147483647, (1n << 63n) - 1n),
    duration(-2147483648, -2147483648, -(1n << 63n)), duration(12, 0, 3_600_000_000_000n), Buffer.concat([duration(0, 0, 1n), hex('ffff')])], durations),
  simple('FloatType', 'float', [...DOUBLES, 1.4e-45, 3.4028234663852886e38, 16777216, 0.3, 33554432, 1.17549435e-38].map(float).concat(EMPTY), fc.oneof(bytesOf(4), fc.float().map(float), fc.integer({ min: -1e6, max: 1e6 }).map((n) => float(n / 100)))),
  simple('InetAddressType', 'inet', [EMPTY, hex('7f000001'), hex('00000000'), hex('ffffffff'), ...IPV6.map(hex)], fc.oneof(bytesOf(4), bytesOf(16))),
  simple('Int32Type', 'int', [0, 1, -1, 2147483647, -2147483648].map(int32).concat(EMPTY), integers(32).map((value) => int32(Number(value)))),
  simple('ShortType', 'smallint', ['0000', '0001', 'ffff', '7fff', '8000'].map(hex), bytesOf(2)),
  simple('ByteType', 'tinyint', ['00', '01', 'ff', '7f', '80'].map(hex), bytesOf(1)),
  simple('TimeType', 'time', [0n, 1n, 86_399_999_999_999n, 3_600_000_000_000n, 43_200_123_456_789n, 1_000_000_000n, -1n, -3_723_004_005_006n].map(int64), fc.bigInt({ min: -86_399_999_999_999n, max: 86_399_999_999_999n }).map(int64)),
  simple('TimestampType', 'timestamp', [...TIMESTAMPS, EMPTY], fc.oneof(int64s, fc.integer({ min: -2e9, max: 4e9 }).map((n) => int64(BigInt(n) * 1000n + BigInt(n & 1023))))),
  simple('TimeUUIDType', 'timeuuid', ['00000000000010000000000000000000', 'ffffffffffff1fffffffffffffffffff', '5a1c395eb41f11e59f22ba0be0483c18', '0000000000001000ffffffffffffffff', '13814000 1dd2 11b2 8080808080808080', ''].map(hex), bytesOf(16).map(timeUuid)),
  simple('UUIDType', 'uuid', ['00'.repeat(16), 'ff'.repeat(16), '5a1c395eb41f41e59f22ba0be0483c18', '0102030405060708090a0b0c0d0e0f10', ''].map(hex), bytesOf(16)),
  simple('IntegerType', 'varint', [0n, 1n, -1n, 127n, 128n, -128n, -129n, 2n ** 63n, -(2n ** 63n), 2n ** 47n, 2n ** 55n, 10n ** 100n, -(10n ** 100n)].map(varint).concat(EMPTY, hex('0000000000000000000001')), integers(300).map(varint)),
  simple('EmptyType', 'empty', [EMPTY], fc.constant(EMPTY)),
  simple('LexicalUUIDType', `'${MARSHAL}LexicalUUIDType'`, ['00'.repeat(16), 'ff'.repeat(16), '7f'.repeat(16), '80'.repeat(16), ''].map(hex), bytesOf(16)),
  simple('DateType', 'timestamp', TIMESTAMPS, int64s),
];

/** Bytes that a length of four bytes stands before; null has length -1. */
export function sized(value: Buffer | null): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(value.length), value]);
}

function collection(values: readonly Buffer[], count: number): Buffer {
  return Buffer.concat([int32(count), ...values.map(sized)]);
}

function frozen(kind: string, className: string, cql: string): { className: string; cqlName: string } {
  return { className: `${MARSHAL}FrozenType(${MARSHAL}${kind}(${className}))`, cqlName: `frozen<${cql}>` };
}

export function list(elements: GeneratedType): GeneratedType {
  const many = elements.extremes.slice(0, 40);
  return {
    ...frozen('ListType', elements.className, `list<${elements.cqlName}>`),
    extremes: [collection([], 0), collection(many, many.length), int32(-5)],
    value: fc.array(elements.value, { maxLength: 5 }).map((values) => collection(values, values.length)),
  };
}

export function set(elements: GeneratedType): GeneratedType {
  return { ...list(elements), ...frozen('SetType', elements.className, `set<${elements.cqlName}>`) };
}

export function map(keys: GeneratedType, values: GeneratedType): GeneratedType {
  const extremes = keys.extremes.flatMap((key, i) => [key, values.extremes[i % values.extremes.length]]);
  return {
    ...frozen('MapType', `${keys.className},${values.className}`, `map<${keys.cqlName}, ${values.cqlName}>`),
    extremes: [collection([], 0), collection(extremes, extremes.length / 2)],
    value: fc.array(fc.tuple(keys.value, values.value), { maxLength: 4 }).map((entries) => collection(entries.flat(), entries.length)),
  };
}

function fieldValues(types: readonly GeneratedType[]): fc.Arbitrary<Buffer> {
  return fc.tuple(...types.map((type) => fc.option(type.value, { freq: 6 }))).map((fields) => Buffer.concat(fields.map(sized)));
}

function fieldExtremes(types: readonly GeneratedType[]): Buffer[] {
  const each = Array.from({ length: 6 }, (_, i) => Buffer.concat(types.map((type) => sized(type.extremes[i % type.extremes.length]))));
  return [...each, Buffer.concat(types.map(() => sized(null)))];
}

export function tuple(types: readonly GeneratedType[]): GeneratedType {
  return {
    className: `${MARSHAL}TupleType(${types.map((type) => type.className).join(',')})`,
    cqlName: `frozen<tuple<${types.map((type) => type.cqlName).join(', ')}>>`,
    extremes: fieldExtremes(types),
    value: fieldValues(types),
  };
}

/** Frozen, in keyspace `ks`. */
export function udt(name: string, fields: readonly (readonly [string, GeneratedType])[]): GeneratedType {
  const types = fields.map(([, type]) => type);
  const words = ['ks', Buffer.from(name).toString('hex'), ...fields.map(([field, type]) => `${Buffer.from(field).toString('hex')}:${type.className}`)];
  return {
    className: `${MARSHAL}FrozenType(${MARSHAL}UserType(${words.join(',')}))`,
    cqlName: `frozen<"${name.replaceAll('"', '""')}">`,
    extremes: [...fieldExtremes(types), EMPTY, sized(types[0].extremes[0])],
    value: fc.tuple(fieldValues(types), fc.boolean()).map(([value, cut]) => (cut ? value.subarray(0, firstFieldEnd(value)) : value)),
  };
}

function firstFieldEnd(value: Buffer): number {
  return 4 + Math.max(0, value.readInt32BE(0));
}

const FIXED_LENGTHS = /^[\w.]*\.(Int32Type|LongType|BooleanType|DoubleType|FloatType|TimestampType|DateType|U\w*IDType|TimeUUIDType|LexicalUUIDType|VectorType\(.*FloatType.*)$/;

/** Elements of fixed length stand side by side (a nested vector only of floats, here); others each behind a vint. */
export function vector(elements: GeneratedType, dimension: number): GeneratedType {
  const isFixed = FIXED_LENGTHS.test(elements.className);
  const pack = (values: readonly Buffer[]): Buffer => Buffer.concat(values.flatMap((value) => (isFixed ? [value] : [unsignedVint(BigInt(value.length)), value])));
  const usable = elements.extremes.filter((value) => value.length > 0);
  const filler = usable.length > 0 ? usable : [EMPTY];
  return {
    className: `${MARSHAL}VectorType(${elements.className} , ${dimension})`,
    cqlName: `vector<${elements.cqlName}, ${dimension}>`,
    extremes: [0, 1, 2, 3, 4].map((from) => pack(Array.from({ length: dimension }, (_, i) => filler[(from + i) % filler.length]))),
    value: fc.array(elements.value, { minLength: dimension, maxLength: dimension }).map(pack),
  };
}

const scalars = fc.constantFrom(...SIMPLE_TYPES.filter((type) => !type.className.endsWith('EmptyType')));
const fieldNames = fc.uniqueArray(fc.constantFrom('a', 'b', 'cQ', 'D', 'e"f', 'ü', 'x y', 'id'), { minLength: 1, maxLength: 4 });

/** Types nested up to `depth` deep; everything that is nested is frozen. */
export function anyType(depth: number): fc.Arbitrary<GeneratedType> {
  if (depth === 0) return scalars;
  const inner = anyType(depth - 1);
  return fc.oneof(
    scalars,
    inner.map(list),
    inner.map(set),
    fc.tuple(inner, inner).map(([keys, values]) => map(keys, values)),
    fc.array(inner, { minLength: 1, maxLength: 4 }).map(tuple),
    fc.tuple(fieldNames, fc.array(inner, { minLength: 4, maxLength: 4 })).map(([names, types]) => udt('U', names.map((name, i) => [name, types[i]] as const))),
    fc.tuple(scalars, fc.integer({ min: 1, max: 5 })).map(([type, dimension]) => vector(type, dimension)),
  );
}

/** Something that may or may not be a value: cut, lengthened, with a byte or a length changed, or random. */
export function damaged(value: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc.oneof(
    fc.tuple(value, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1))),
    fc.tuple(value, someBytes(5)).map((parts) => Buffer.concat(parts)),
    fc.tuple(value, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => changed(bytes, at, byte)),
    fc.tuple(value, fc.nat(), fc.constantFrom(-1, 0, 1, 2, 4, 255, 65536, -2147483648, 2147483647)).map(([bytes, at, length]) => relength(bytes, at, length)),
    someBytes(24),
  );
}

function changed(bytes: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at % copy.length] = byte;
  return copy;
}

function relength(bytes: Buffer, at: number, length: number): Buffer {
  if (bytes.length < 4) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeInt32BE(length, at % (copy.length - 3));
  return copy;
}
