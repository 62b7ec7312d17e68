/**
 * duration: months, days and nanoseconds apart. Mirrors DurationType, DurationSerializer and cql3.Duration.
 *
 *   <duration> is <months:vint><days:vint><nanoseconds:vint>    signed vints (zigzag)
 */
import { AbstractType, MarshalError, MARSHAL_PACKAGE } from './abstract-type.js';
import { emptyJson } from './length.js';

const MONTHS_PER_YEAR = 12;
const SUFFIXES = ['h', 'm', 's', 'ms', 'us', 'ns'] as const;
const NANOS: readonly bigint[] = [3_600_000_000_000n, 60_000_000_000n, 1_000_000_000n, 1_000_000n, 1_000n, 1n];

export class DurationType extends AbstractType {
  static readonly instance = new DurationType();
  override readonly className = MARSHAL_PACKAGE + 'DurationType';
  override readonly cqlName = 'duration';

  /** What stands behind the third number is ignored, as Cassandra does. */
  override validate(bytes: Buffer, start: number, end: number): void {
    if (end - start < 3) throw new MarshalError(`Expected at least 3 bytes for a duration (${end - start})`);
    read(bytes, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number): string {
    if (end === start) return emptyJson(this, start, end);
    const { months, days, nanos } = read(bytes, start, end);
    // Math.abs(Integer.MIN_VALUE) is negative in Java, and Duration.toString leaves negative parts out; so for long
    let text = months < 0 || days < 0 || nanos < 0n ? '"-' : '"';
    if (months !== -0x80000000) {
      const all = Math.abs(months);
      const years = Math.floor(all / MONTHS_PER_YEAR);
      if (years > 0) text += years + 'y';
      if (all % MONTHS_PER_YEAR > 0) text += (all % MONTHS_PER_YEAR) + 'mo';
    }
    if (days !== -0x80000000 && days !== 0) text += Math.abs(days) + 'd';
    if (nanos !== 0n && nanos !== -0x8000000000000000n) text += nanosText(nanos < 0n ? -nanos : nanos);
    return text + '"';
  }
}

function nanosText(nanos: bigint): string {
  let text = '';
  let rest = nanos;
  for (let i = 0; i < NANOS.length; i++) {
    if (rest >= NANOS[i]) text += (rest / NANOS[i]).toString() + SUFFIXES[i];
    rest %= NANOS[i];
  }
  return text;
}

interface Duration {
  readonly months: number;
  readonly days: number;
  readonly nanos: bigint;
}

function read(bytes: Buffer, start: number, end: number): Duration {
  const daysAt = start + vintSize(bytes, start, end);
  const nanosAt = daysAt + vintSize(bytes, daysAt, end);
  vintSize(bytes, nanosAt, end);
  const months = int32(readVInt(bytes, start), 'months');
  const days = int32(readVInt(bytes, daysAt), 'days');
  const nanos = readVInt(bytes, nanosAt);
  const positive = months >= 0 && days >= 0 && nanos >= 0n;
  if (!positive && !(months <= 0 && days <= 0 && nanos <= 0n)) {
    throw new MarshalError(`The duration months, days and nanoseconds must be all of the same sign (${months}, ${days}, ${nanos})`);
  }
  return { months, days, nanos };
}

function int32(value: bigint, part: string): number {
  if (BigInt.asIntN(32, value) !== value) throw new MarshalError(`The duration ${part} must be a 32 bits integer but was: ${value}`);
  return Number(value);
}

/** Bytes of the vint at `at`: one, and one for each leading 1 bit of the first (VIntCoding). */
function vintSize(bytes: Buffer, at: number, end: number): number {
  const size = at < end ? Math.clz32(~(bytes[at] << 24)) + 1 : 1;
  if (at + size > end) throw new MarshalError('Not enough bytes to read a duration');
  return size;
}

/** Durations are rare: BigInt is cheap enough here. */
function readVInt(bytes: Buffer, at: number): bigint {
  const extra = Math.clz32(~(bytes[at] << 24));
  let value = extra >= 8 ? 0n : BigInt(bytes[at] & (0xff >> extra));
  for (let i = 1; i <= extra; i++) value = (value << 8n) | BigInt(bytes[at + i]);
  return (value >> 1n) ^ -(value & 1n);
}
