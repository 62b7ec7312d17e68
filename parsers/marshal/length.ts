/** Lengths of values: the checks that nearly every TypeSerializer makes. */
import { MarshalError, type AbstractType } from './abstract-type.js';

/** Exactly `length` bytes, or none at all. */
export function checkLength(type: AbstractType, length: number, start: number, end: number): void {
  const size = end - start;
  if (size !== length && size !== 0) throw new MarshalError(`Expected ${length} or 0 bytes for ${type.cqlName} (${size})`);
}

/**
 * Text of a value that hasn't the length of its type: "" for a zero-length one. Cassandra prints the same for most types
 * and fails with a NullPointerException for boolean, tinyint and counter.
 */
export function emptyJson(type: AbstractType, start: number, end: number): string {
  if (end === start) return '""';
  throw new MarshalError(`${end - start} bytes are not a value of ${type.cqlName}`);
}
