/** The port between events and publishers: an event becomes a record. One implementation per format. */
import type { ChangeEvent } from '../events/change-event.js';

/**
 * What a publisher sends. Key and value are parts of `bytes`, for those who copy them anyway, or views of their own, for
 * the others: a view costs as much as copying a kilobyte.
 */
export interface EventRecord {
  readonly topic: string;
  readonly bytes: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Of the line around them in `bytes`, where the serializer writes lines. */
  readonly lineStart?: number;
  readonly lineEnd?: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly headers: readonly RecordHeader[];
  /** Kafka's murmur2 of the partition key's JSON, made positive: the record goes to partition `partitionHint % partitions`. */
  readonly partitionHint: number;
  /** Milliseconds since 1970, 0 for anything before. */
  readonly timestamp: number;
}

export type RecordHeader = readonly [name: string, value: string];

export interface Serializer {
  /** False of an update that touches nothing but columns that the configuration leaves out: it is no event. */
  shows(event: ChangeEvent): boolean;
  /** The record of the event that the cursor stands at; valid until `release`. */
  serialize(event: ChangeEvent): EventRecord;
  /** All records made so far have been copied or sent: their memory may be used again. */
  release(): void;
}

/** Where events come from, as far as it is known: a recorded directory knows none of it. */
export interface SourceIdentity {
  readonly cluster: string | null;
  readonly datacenter: string | null;
  readonly hostId: string | null;
}

export const UNKNOWN_SOURCE: SourceIdentity = { cluster: null, datacenter: null, hostId: null };
