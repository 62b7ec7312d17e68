/** The port between the pipeline and where events go: records and the position behind them, in one step. */
import type { CommitLogPosition } from '../../parsers/index.js';
import type { EventRecord } from '../serializer/serializer.js';

/** How far the log is published. */
export interface StreamPosition extends CommitLogPosition {
  /**
   * 0: everything up to and including the mutation that ends at `position` is published.
   * n > 0: of the mutation that ends at `position`, only the events with an index below n.
   */
  readonly index: number;
}

export interface Publisher {
  /** Opens the next batch. */
  begin(): void;
  /** Adds records, in order, and copies what it needs of them. A promise means: wait for it before going on. */
  append(records: readonly EventRecord[]): Promise<void> | undefined;
  /** Publishes the batch, with the position, for good. */
  commit(position: StreamPosition): Promise<unknown>;
  /** Gives up the batch. */
  discard(): void;
}
