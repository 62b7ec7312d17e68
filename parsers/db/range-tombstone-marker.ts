/**
 * One end of a deleted range, or a boundary between two. Mirrors org.apache.cassandra.db.rows.RangeTombstoneMarker.
 *
 *   <marker> is <bound><deletion>{1,2}       a boundary closes one range and opens the next
 */
import type { DataInput } from '../io/data-input.js';
import { ClusteringPrefix } from './clustering.js';
import { DeletionTime } from './deletion-time.js';
import type { EncodingStats } from './encoding-stats.js';

/** Kinds by ordinal that open a range only (ClusteringPrefix.Kind.isOpen). */
const INCL_START_BOUND = 1;
const EXCL_START_BOUND = 7;

export class RangeTombstoneMarker {
  readonly clustering = new ClusteringPrefix();
  /** Of the range that ends here; live when none does. */
  readonly closeDeletion = new DeletionTime();
  /** Of the range that begins here; live when none does. */
  readonly openDeletion = new DeletionTime();
  closes = false;
  opens = false;

  read(input: DataInput, valueLengths: Int32Array, stats: EncodingStats): void {
    this.clustering.readBound(input, valueLengths);
    const { kind, isBoundary } = this.clustering;
    this.opens = isBoundary || kind === INCL_START_BOUND || kind === EXCL_START_BOUND;
    this.closes = isBoundary || !this.opens;
    if (this.closes) this.closeDeletion.read(input, stats);
    else this.closeDeletion.clear();
    if (this.opens) this.openDeletion.read(input, stats);
    else this.openDeletion.clear();
  }
}
