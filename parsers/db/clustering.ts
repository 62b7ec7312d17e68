/**
 * Clustering values of a row, or of a range's bound. Mirrors org.apache.cassandra.db.ClusteringPrefix and its serializers.
 *
 *   <clustering> is (<header:vint><value>{1..32})*      a header per 32 values, two bits each: 1 empty, 2 null, 0 a value
 *   <bound>      is <kind:byte><size:short>[<clustering>]
 */
import type { DataInput } from '../io/data-input.js';

/** ClusteringPrefix.Kind by ordinal, which is what the log holds. */
export const CLUSTERING_KINDS = [
  'EXCL_END_BOUND',
  'INCL_START_BOUND',
  'EXCL_END_INCL_START_BOUNDARY',
  'STATIC_CLUSTERING',
  'CLUSTERING',
  'INCL_END_EXCL_START_BOUNDARY',
  'INCL_END_BOUND',
  'EXCL_START_BOUND',
] as const;

export type ClusteringKind = (typeof CLUSTERING_KINDS)[number];

const EXCL_END_INCL_START_BOUNDARY = 2;
const STATIC_CLUSTERING = 3;
const CLUSTERING = 4;
const INCL_END_EXCL_START_BOUNDARY = 5;

export class ClusteringPrefix {
  /** Ordinal in CLUSTERING_KINDS. */
  kind = CLUSTERING;
  size = 0;
  /** Where each value begins; -1 for null. */
  starts = new Int32Array(8);
  /** Where each value ends; equal to its start for an empty value. */
  ends = new Int32Array(8);

  get kindName(): ClusteringKind {
    return CLUSTERING_KINDS[this.kind];
  }

  get isBoundary(): boolean {
    return this.kind === EXCL_END_INCL_START_BOUNDARY || this.kind === INCL_END_EXCL_START_BOUNDARY;
  }

  clearStatic(): void {
    this.kind = STATIC_CLUSTERING;
    this.size = 0;
  }

  /** `valueLengths`: fixed lengths of the clustering columns' values, -1 where a length is written. */
  readClustering(input: DataInput, valueLengths: Int32Array): void {
    this.kind = CLUSTERING;
    this.readValues(input, valueLengths, valueLengths.length);
  }

  readBound(input: DataInput, valueLengths: Int32Array): void {
    const kind = input.readUnsignedByte();
    if (kind >= CLUSTERING_KINDS.length || kind === STATIC_CLUSTERING || kind === CLUSTERING) input.fail(`holds a range bound of unknown kind ${kind}`);
    this.kind = kind;
    const size = input.readUnsignedShort();
    if (size > valueLengths.length) input.fail(`holds a range bound of ${size} values where the table has ${valueLengths.length} clustering columns`);
    this.readValues(input, valueLengths, size);
  }

  private readValues(input: DataInput, valueLengths: Int32Array, size: number): void {
    this.size = size;
    if (size > this.starts.length) {
      this.starts = new Int32Array(size);
      this.ends = new Int32Array(size);
    }
    let headerHigh = 0;
    let headerLow = 0;
    for (let i = 0; i < size; i++) {
      if ((i & 31) === 0) {
        input.readUnsignedVInt();
        headerHigh = input.high;
        headerLow = input.low;
      }
      const two = (((i & 16) === 0 ? headerLow : headerHigh) >>> ((i & 15) * 2)) & 3;
      if (two === 0) {
        const fixed = valueLengths[i];
        const length = fixed >= 0 ? fixed : input.readLength();
        const start = input.take(length);
        this.starts[i] = start;
        this.ends[i] = start + length;
      } else {
        this.starts[i] = two >= 2 ? -1 : input.position;
        this.ends[i] = this.starts[i];
      }
    }
  }
}
