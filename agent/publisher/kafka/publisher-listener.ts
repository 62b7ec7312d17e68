/** What the publisher tells: each becomes a log line and a metric elsewhere. */
import type { OperatorError } from '../../errors.js';
import type { StoredPosition } from './port.js';

export interface PublisherListener {
  /** A transaction or a start failed, for the `failures`th time in a row. */
  fault?(what: { readonly error: OperatorError; readonly failures: number }): void;
  /** A producer is ready, at this position. */
  recovered?(what: { readonly position: StoredPosition | null; readonly failures: number; readonly protocol: string }): void;
  /** The first commit after faults. */
  healthy?(what: { readonly failures: number; readonly ms: number }): void;
  committed?(what: { readonly position: StoredPosition; readonly events: number; readonly bytes: number; readonly ms: number }): void;
  deadLettered?(what: { readonly topic: string; readonly event: string }): void;
}
