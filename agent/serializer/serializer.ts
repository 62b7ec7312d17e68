/** The port between events and publishers: an event becomes a record. One implementation per format. */
import type { ChangeEvent } from '../events/change-event.js';

/** What a publisher sends. Strings are sent as UTF-8. */
export interface EventRecord {
  readonly topic: string;
  readonly key: string | Buffer;
  readonly value: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** A non-negative 31-bit hash of the partition key: record goes to partition `partitionHint % partitions`. */
  readonly partitionHint: number;
  /** Milliseconds since 1970, 0 for anything before. */
  readonly timestamp: number;
}

export interface Serializer {
  /** The record of the event that the cursor stands at. */
  serialize(event: ChangeEvent): EventRecord;
}

/** Where events come from, as far as it is known: a recorded directory knows none of it. */
export interface SourceIdentity {
  readonly cluster: string | null;
  readonly datacenter: string | null;
  readonly hostId: string | null;
}

export const UNKNOWN_SOURCE: SourceIdentity = { cluster: null, datacenter: null, hostId: null };
