/**
 * One change as consumers get it: to one row, one static row, one range of rows or one whole partition.
 *
 * A view on the cursor that reads the mutation: nothing is copied, all offsets point into `bytes`, and what it shows is
 * valid until the cursor (`MutationEvents`) moves on.
 */
import { tokenOf, type ClusteringPrefix, type DeletionTime, type Row, type TableMetadata, type Token } from '../../parsers/index.js';
import type { ChangeIds } from './change-id.js';
import { PartitionKey } from './partition-key.js';

/** `c` the mutation carries a row marker (INSERT), `u` cells without one (UPDATE), `d` a deletion. */
export type Op = 'c' | 'u' | 'd';
export type Scope = 'row' | 'static' | 'partition' | 'range';

const EMPTY = Buffer.alloc(0);

/** ClusteringPrefix.Kind by ordinal: bounds and boundaries whose own values belong to the range that they open, or close. */
const OPENS_INCLUSIVE = [false, true, true, false, false, false, false, false];
const CLOSES_INCLUSIVE = [false, false, false, false, false, true, true, false];

export class ChangeEvent {
  op: Op = 'u';
  scope: Scope = 'row';
  table!: TableMetadata;
  /** Segment id and the position just behind the mutation's entry. */
  segment = 0;
  position = 0;
  /** Number of the event inside its mutation, over all of its tables. */
  index = 0;
  /** Greatest write timestamp of the event, microseconds. */
  timestampHigh = 0;
  timestampLow = 0;
  /** No cell has times of its own to tell: all have the event's timestamp, none expires, no column was wiped. */
  isUniform = false;
  /** Written long before it was logged: history that came back. */
  isLate = false;
  bytes: Buffer = EMPTY;
  /** Position in the segment of `bytes[0]`. */
  base = 0;
  keyStart = 0;
  keyEnd = 0;
  readonly key = new PartitionKey();
  /** Digits of when the entry was read, milliseconds since 1970. */
  readAtText = '0';
  /** Scope row and static. */
  row!: Row;
  /** Of op `d`: when row, range or partition were deleted. */
  deletion!: DeletionTime;
  /** Scope range: its bounds in clustering order, as the log holds them. */
  start!: ClusteringPrefix;
  end!: ClusteringPrefix;
  readonly #ids: ChangeIds;
  readonly #token: Token = { hi: 0, lo: 0 };
  #hasToken = false;
  #digest = '';

  constructor(ids: ChangeIds) {
    this.#ids = ids;
  }

  /** `cdc.id`: 32 hex digits that name the change, the same on every replica (EVENTS.md). */
  get id(): string {
    return Buffer.from(this.digest, 'latin1').toString('hex', 0, 16);
  }

  /** Bytes of the id and some more, a character each. */
  get digest(): string {
    return this.#digest === '' ? (this.#digest = this.#ids.digestOf(this)) : this.#digest;
  }

  /** Token of the partition. */
  get token(): Readonly<Token> {
    if (!this.#hasToken) tokenOf(this.bytes, this.keyStart, this.keyEnd, this.#token);
    this.#hasToken = true;
    return this.#token;
  }

  /**
   * True when Cassandra hides the cell of `row`: it was written before its column was dropped. One that was written later
   * is shown, though nobody can select it: a write that was acknowledged while the column was being dropped, or one that
   * a column added again brings back.
   */
  isHidden(cell: number): boolean {
    return this.row.isDropped(cell);
  }

  /** True when the complex column of `row` was wiped first; the deletion is left in `wipe`. */
  isOverwritten(complex: number, wipe: DeletionTime): boolean {
    const { row } = this;
    return !row.complexDeletion(complex, wipe).isLive && !row.isComplexDeletionDropped(complex);
  }

  /** Whether the range includes the values of its start. */
  get includesStart(): boolean {
    return OPENS_INCLUSIVE[this.start.kind];
  }

  get includesEnd(): boolean {
    return CLOSES_INCLUSIVE[this.end.kind];
  }

  /** Another mutation: what is remembered about its key goes. */
  forgetKey(): void {
    this.#hasToken = false;
  }

  /** Another event of the mutation. */
  forgetId(): void {
    this.#digest = '';
  }
}
