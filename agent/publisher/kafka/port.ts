/** What the delivery needs of a publisher beyond the common port: positions that come back, and the one answer to every fault. */
import type { CommitLogPosition } from '../../../parsers/commitlog/position.js';
import type { EventRecord } from '../../serializer/serializer.js';
import type { Publisher, StreamPosition } from '../publisher.js';

export type { StreamPosition };

/**
 * One Kafka record: key and value are parts of `bytes`. A negative `keyStart` or `valueStart` is a null key or value (a
 * tombstone).
 */
export type PublishRecord = Pick<EventRecord, 'topic' | 'bytes' | 'keyStart' | 'keyEnd' | 'valueStart' | 'valueEnd' | 'headers' | 'partitionHint' | 'timestamp'>;

/** What stands in Kafka beside the events. Unknown keys of the metadata are kept in `extra`. */
export interface StoredPosition extends StreamPosition {
  /** Random per process: tells who wrote it. */
  readonly instance: string;
  /** Oldest position that is still needed for any reason. */
  readonly low: CommitLogPosition | null;
  /** Entries up to here are judged for good; what stands between it and the position is judged again when the ring turns out to have changed meanwhile. Not given: by the position. */
  readonly settled?: CommitLogPosition;
  /** Latest write time that was read in front of the position's section, ms since 1970: what stands behind was appended later. */
  readonly written?: number;
  /** Running number of published events, the group offset. */
  readonly events: number;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface CommitPosition extends StreamPosition {
  readonly low?: CommitLogPosition | null;
  readonly settled?: CommitLogPosition | undefined;
  readonly written?: number | undefined;
}

export interface RecoverablePublisher extends Publisher {
  /**
   * Makes a new producer, fences every older one of this transactional id, settles its transaction and reads the position
   * from which to go on (null = none was ever stored). Tries for ever, backing off; rejects only with what waiting can't mend.
   * Whatever was appended before is forgotten: the caller reads the log again from the position.
   */
  recover(signal?: AbortSignal): Promise<StoredPosition | null>;
  /** Allowed while the batch before it commits. */
  begin(): void;
  /** Adds `records[from..to)`. A promise comes back only when a topic has to be looked up first. */
  append(records: readonly PublishRecord[], from?: number, to?: number): Promise<void> | undefined;
  /** In the open batch. */
  readonly pendingEvents: number;
  /** Encoded, in the open batch. */
  readonly pendingBytes: number;
  /**
   * Publishes the open batch and the position in one transaction. Rejects with RetryableError when the outcome is unknown:
   * `recover` is the only way on.
   */
  commit(position: CommitPosition): Promise<StoredPosition>;
  /** Gives up: sockets are destroyed, an open transaction is left for the broker to abort. */
  discard(): void;
}
