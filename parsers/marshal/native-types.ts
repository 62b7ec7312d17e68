/** The types that have no parameters, by CQL name (CQL3Type.Native) and by class name. */
import type { AbstractType } from './abstract-type.js';
import { DecimalType, IntegerType } from './arbitrary-precision.js';
import { BooleanType } from './boolean.js';
import { BytesType, EmptyType } from './bytes.js';
import { CounterColumnType } from './counter.js';
import { DurationType } from './duration.js';
import { DoubleType, FloatType } from './floats.js';
import { InetAddressType } from './inet.js';
import { ByteType, Int32Type, LongType, ShortType } from './integers.js';
import { DateType, SimpleDateType, TimestampType, TimeType } from './temporal.js';
import { AsciiType, UTF8Type } from './text.js';
import { LegacyTimeUUIDType, LexicalUUIDType, TimeUUIDType, UUIDType } from './uuid.js';

const NATIVE: readonly AbstractType[] = [
  AsciiType.instance, LongType.instance, BytesType.instance, BooleanType.instance, CounterColumnType.instance,
  SimpleDateType.instance, DecimalType.instance, DoubleType.instance, DurationType.instance, EmptyType.instance,
  FloatType.instance, InetAddressType.instance, Int32Type.instance, ShortType.instance, UTF8Type.instance,
  TimeType.instance, TimestampType.instance, TimeUUIDType.instance, ByteType.instance, UUIDType.instance,
  IntegerType.instance,
];

/** Classes that CQL has no name for, or gives the name of another. */
const LEGACY: readonly AbstractType[] = [DateType.instance, LegacyTimeUUIDType.instance, LexicalUUIDType.instance];

/** By name as in system_schema.columns.type, lower case. */
export const NATIVE_TYPES: ReadonlyMap<string, AbstractType> = new Map([
  ...NATIVE.map((type): [string, AbstractType] => [type.cqlName, type]),
  ['varchar', UTF8Type.instance],
]);

/** By full class name. */
export const SIMPLE_CLASSES: ReadonlyMap<string, AbstractType> = new Map(
  [...NATIVE, ...LEGACY].map((type): [string, AbstractType] => [type.className, type]),
);
