/**
 * Minima that the rest of a partition update is written against. Mirrors org.apache.cassandra.db.rows.EncodingStats.
 *
 *   <stats> is <minTimestamp:vint><minLocalDeletionTime:vint><minTTL:vint>
 *     all three minus the epoch of 22 September 2015 (the summit), which keeps them short
 */
import type { DataInput } from '../io/data-input.js';

/** 1,442,880,000,000,000 µs in two halves. */
const TIMESTAMP_EPOCH_HIGH = 335946;
const TIMESTAMP_EPOCH_LOW = -1_378_189_312;
const DELETION_TIME_EPOCH = 1_442_880_000;

export class EncodingStats {
  minTimestampHigh = 0;
  minTimestampLow = 0;
  minLocalDeletionTime = 0;
  minTTL = 0;

  read(input: DataInput): void {
    input.readUnsignedVInt();
    const low = (input.low >>> 0) + (TIMESTAMP_EPOCH_LOW >>> 0);
    this.minTimestampLow = low | 0;
    this.minTimestampHigh = (input.high + TIMESTAMP_EPOCH_HIGH + (low > 0xffffffff ? 1 : 0)) | 0;
    this.minLocalDeletionTime = input.readUnsignedVInt32() + DELETION_TIME_EPOCH;
    this.minTTL = input.readUnsignedVInt32();
  }

  /** Leaves a timestamp (microseconds) in `input.high` and `input.low` (SerializationHeader.readTimestamp). */
  readTimestamp(input: DataInput): void {
    input.readUnsignedVInt();
    const low = (input.low >>> 0) + (this.minTimestampLow >>> 0);
    input.high = (input.high + this.minTimestampHigh + (low > 0xffffffff ? 1 : 0)) | 0;
    input.low = low | 0;
  }

  /** Seconds since 1970 as written, negative after an overflow (SerializationHeader.readLocalDeletionTime). */
  readLocalDeletionTime(input: DataInput): number {
    return input.readUnsignedVInt32() + this.minLocalDeletionTime;
  }

  readTTL(input: DataInput): number {
    const ttl = (input.readUnsignedVInt32() + this.minTTL) | 0;
    if (ttl < 0) input.fail(`holds a TTL of ${ttl}`);
    return ttl;
  }
}
