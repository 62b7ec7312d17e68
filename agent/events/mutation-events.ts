/**
 * Turns one mutation after the other into change events: a cursor, `open` then `next()` until false.
 *
 * Order inside an update: partition deletion, static row, then rows and ranges in clustering order, a range before the
 * rows that it covers. A row that is deleted and written gives `d`, then `c` or `u`.
 */
import { DeletionTime, UNFILTERED, type CommitLogDescriptor, type Mutation, type PartitionUpdate, type Row, type SchemaView } from '../../parsers/index.js';
import { Captures, type TableSelection } from './capture.js';
import { ChangeEvent, type Op, type Scope } from './change-event.js';
import { ChangeIds } from './change-id.js';
import { RangeEnds, type MutationBytes } from './range-ends.js';
import type { Tally } from './tally.js';

/** An entry and the position just behind it. */
export interface EntryBytes extends MutationBytes {
  readonly position: number;
}

export class MutationEvents {
  /** What `next()` found; valid until the next call. */
  readonly event = new ChangeEvent(new ChangeIds());
  readonly #tally: Tally;
  readonly #captures: Captures;
  readonly #rangeEnds: RangeEnds;
  readonly #wipe = new DeletionTime();
  #mutation!: Mutation;
  #entry!: EntryBytes;
  #version = 0;
  #update: PartitionUpdate | undefined;
  #updatesOpened = 0;
  #markers = 0;
  #index = 0;
  #hasPartitionDeletion = false;
  /** A row whose deletion has been told and whose cells have not. */
  #isWritePending = false;

  constructor(schema: SchemaView, tally: Tally, selection?: TableSelection) {
    this.#tally = tally;
    this.#captures = new Captures(selection);
    this.#rangeEnds = new RangeEnds(schema);
  }

  set schema(schema: SchemaView) {
    this.#rangeEnds.schema = schema;
  }

  /** When the entries that follow were read, milliseconds since 1970. */
  set readAt(milliseconds: number) {
    this.event.readAtText = String(milliseconds);
  }

  /** Updates that were read to their end: those before the one at hand. */
  get updatesBefore(): number {
    return this.#update === undefined ? this.#updatesOpened : this.#updatesOpened - 1;
  }

  /** Takes a mutation that has been opened at `entry`, before its first update. */
  open(mutation: Mutation, entry: EntryBytes, segment: CommitLogDescriptor): void {
    this.#mutation = mutation;
    this.#entry = entry;
    this.#version = segment.version;
    this.#update = undefined;
    this.#updatesOpened = 0;
    this.#index = 0;
    const event = this.event;
    event.segment = segment.id;
    event.position = entry.position;
    event.bytes = entry.bytes;
    event.base = entry.base;
    event.forgetKey();
  }

  /**
   * Moves to the next event; false behind the last. Throws what the parser throws: UnknownTableError when a table's
   * schema is missing (what came before it has been told), CorruptError when bytes don't decode.
   */
  next(): boolean {
    for (;;) {
      const update = this.#update ?? this.#nextUpdate();
      if (update === undefined) return false;
      if (this.#nextOf(update)) return true;
      this.#update = undefined;
    }
  }

  /** The next update whose table is captured. */
  #nextUpdate(): PartitionUpdate | undefined {
    for (;;) {
      const update = this.#mutation.nextUpdate();
      if (update === undefined) return undefined;
      this.#updatesOpened++;
      const { table } = update;
      const reason = this.#captures.whyNot(table);
      if (reason === undefined) {
        this.#openUpdate(update);
        return (this.#update = update);
      }
      this.#tally.skip(reason, `${table.keyspace}.${table.name}`);
    }
  }

  #openUpdate(update: PartitionUpdate): void {
    const event = this.event;
    event.table = update.table;
    event.keyStart = update.keyStart;
    event.keyEnd = update.keyEnd;
    event.key.read(update.table, update.bytes, { start: update.keyStart, end: update.keyEnd, base: event.base });
    event.row = update.row;
    this.#rangeEnds.forget();
    this.#markers = 0;
    this.#hasPartitionDeletion = update.hasPartitionDeletion && !update.partitionDeletion.isLive;
    this.#isWritePending = false;
  }

  #nextOf(update: PartitionUpdate): boolean {
    if (this.#hasPartitionDeletion) {
      this.#hasPartitionDeletion = false;
      return this.#deleted('partition', update.partitionDeletion);
    }
    if (this.#isWritePending) {
      this.#isWritePending = false;
      if (this.#written(update.row)) return true;
    }
    for (;;) {
      switch (update.next()) {
        case UNFILTERED.END:
          return false;
        case UNFILTERED.RANGE_TOMBSTONE_MARKER:
          this.#markers++;
          if (update.marker.opens && this.#rangeDeleted(update)) return true;
          break;
        case UNFILTERED.STATIC_ROW:
        case UNFILTERED.ROW:
          if (this.#rowChanged(update.row)) return true;
          break;
      }
    }
  }

  #rowChanged(row: Row): boolean {
    if (!row.hasDeletion || row.deletion.isLive) return this.#written(row);
    this.#isWritePending = !row.liveness.isEmpty || row.cellCount > 0 || row.complexCount > 0;
    return this.#deleted(row.isStatic ? 'static' : 'row', row.deletion);
  }

  #rangeDeleted(update: PartitionUpdate): boolean {
    const ahead = this.#rangeEnds.after(this.#markers, { mutation: this.#entry, version: this.#version, updateNumber: this.#updatesOpened });
    if (ahead === undefined || !ahead.marker.closes) {
      this.#tally.skip('unclosed_range', `${update.table.keyspace}.${update.table.name}`);
      return false;
    }
    this.event.start = update.marker.clustering;
    this.event.end = ahead.marker.clustering;
    return this.#deleted('range', update.marker.openDeletion);
  }

  #deleted(scope: Scope, deletion: DeletionTime): true {
    const event = this.event;
    event.deletion = deletion;
    event.timestampHigh = deletion.markedForDeleteAtHigh;
    event.timestampLow = deletion.markedForDeleteAtLow;
    return this.#found('d', scope);
  }

  /** False, and counted, when nothing of the row is left to show; it keeps its index even so. */
  #written(row: Row): boolean {
    if (this.#takeTimestamp(row)) return this.#found(row.liveness.isEmpty ? 'u' : 'c', row.isStatic ? 'static' : 'row');
    this.#index++;
    const { table } = this.event;
    this.#tally.skip('nothing_left', `${table.keyspace}.${table.name}`);
    return false;
  }

  #found(op: Op, scope: Scope): true {
    const event = this.event;
    event.op = op;
    event.scope = scope;
    event.index = this.#index++;
    event.forgetId();
    this.#tally.counted(event);
    return true;
  }

  /** Greatest timestamp of what the row shows; false when it shows nothing. */
  #takeTimestamp(row: Row): boolean {
    let { timestampHigh: high, timestampLow: low } = row.liveness;
    let isEmpty = row.liveness.isEmpty;
    let isUniform = row.complexCount === 0;
    // Of most inserts nothing has to be compared.
    const cellCount = isEmpty || row.hasOwnTimes ? row.cellCount : 0;
    for (let cell = 0; cell < cellCount; cell++) {
      const cellHigh = row.timestampHigh(cell);
      const cellLow = row.timestampLow(cell);
      if (row.isExpiring(cell)) isUniform = false;
      if (!isEmpty && cellHigh === high && cellLow === low) continue;
      if (this.event.isHidden(cell)) continue;
      if (!isEmpty) isUniform = false;
      if (isEmpty || cellHigh > high || (cellHigh === high && cellLow >>> 0 > low >>> 0)) {
        high = cellHigh;
        low = cellLow;
      }
      isEmpty = false;
    }
    const wipe = this.#wipe;
    for (let complex = 0; complex < row.complexCount; complex++) {
      if (!this.event.isOverwritten(complex, wipe)) continue;
      if (isEmpty || wipe.markedForDeleteAtHigh > high || (wipe.markedForDeleteAtHigh === high && wipe.markedForDeleteAtLow >>> 0 > low >>> 0)) {
        high = wipe.markedForDeleteAtHigh;
        low = wipe.markedForDeleteAtLow;
      }
      isEmpty = false;
    }
    const event = this.event;
    event.timestampHigh = high;
    event.timestampLow = low;
    event.isUniform = isUniform;
    return !isEmpty;
  }
}
