/**
 * The publisher port: what the rest of the agent knows of Kafka. `begin/append(records)/commit(position)/discard`, and
 * `recover`, the one answer to every fault.
 */
import type { CommitLogPosition } from '../../../parsers/commitlog/position.js';

/** One Kafka record, made by a serializer. Strings are written as UTF-8. */
export interface PublishRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Murmur2 of the bytes that decide the partition. */
  readonly partitionHint: number;
  /** Milliseconds since the epoch; the time of sending when it is absent. */
  readonly timestamp?: number;
}

export type RecordHeader = readonly [name: string, value: string | Uint8Array | null];

/** How far the log is published. */
export interface StreamPosition extends CommitLogPosition {
  /**
   * 0: everything up to and including the mutation that ends at `position` is published.
   * n > 0: of the mutation that ends at `position` only the first n events are.
   */
  readonly index: number;
}

/** What stands in Kafka beside the events. Unknown keys of the metadata are kept in `extra`. */
export interface StoredPosition extends StreamPosition {
  /** Random per process: tells who wrote it. */
  readonly instance: string;
  /** Oldest position that is still needed for any reason. */
  readonly low: CommitLogPosition | null;
  /** Running number of published events, the group offset. */
  readonly events: number;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface CommitPosition extends StreamPosition {
  readonly low?: CommitLogPosition | null;
}

export interface Publisher {
  /**
   * Makes a new producer, fences every older one of this transactional id, settles its transaction and reads the position
   * from which to go on (null = none was ever stored). Tries for ever, backing off; rejects only with what waiting can't mend.
   * Whatever was appended before is forgotten: the caller reads the log again from the position.
   */
  recover(signal?: AbortSignal): Promise<StoredPosition | null>;
  /** Opens the next transaction's batch; allowed while the one before it commits. */
  begin(): void;
  /** Adds records, in order. A promise comes back only when a topic has to be looked up first: wait for it before going on. */
  append(records: readonly PublishRecord[], from?: number, to?: number): Promise<void> | undefined;
  /** In the open batch. */
  readonly pendingEvents: number;
  /** Encoded, in the open batch. */
  readonly pendingBytes: number;
  /**
   * Publishes the open batch and the position in one transaction. Rejects with whatever went wrong: then the outcome is
   * unknown, and `recover` is the only way on.
   */
  commit(position: CommitPosition): Promise<StoredPosition>;
  /** Gives up: sockets are destroyed, an open transaction is left for the broker to abort. */
  discard(): void;
}
