/**
 * Write times: the `row` and `cells` blocks. `cells` has those cells only that have another timestamp than the event, or
 * a TTL.
 *
 *   simple column   "status": { "ts_us", "ttl", "expires_at" }
 *   complex column  "tags": { "overwritten": { "ts_us" }, "elements": { "vip": { "ts_us", … } } }
 *
 * `overwritten` stands there only when the wipe's timestamp is neither the event's nor one microsecond less, which is
 * what Cassandra writes for an assignment. Elements are named as in the delta: a map's key, a set's element, a list's id,
 * a UDT's field.
 */
import { DeletionTime, type LivenessInfo, type Row } from '../../parsers/index.js';
import { INVALID_DELETION_TIME, localDeletionSeconds } from '../../parsers/db/deletion-time.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { JsonBytes } from './json-bytes.js';
import type { PathWriter } from './json-paths.js';
import type { ColumnTemplate } from './json-template.js';
import { rendered } from './rendered.js';

const NULL = rendered('null');
const TS = rendered('{"ts_us":');
const TTL = rendered(',"ttl":');
const EXPIRES_AT = rendered(',"expires_at":');
const LOCAL_DELETE_TIME = rendered(',"local_delete_time":');
const OVERWRITTEN = rendered('"overwritten":{"ts_us":');
const ELEMENTS = rendered('"elements":{');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

export class TimesWriter {
  readonly #out: JsonBytes;
  readonly #paths: PathWriter;
  readonly #wipe = new DeletionTime();
  #isFirst = true;

  constructor(out: JsonBytes, paths: PathWriter) {
    this.#out = out;
    this.#paths = paths;
  }

  /** Value of `row`: the row marker, the deletion, or null. */
  writeRow({ op, row, deletion }: ChangeEvent): void {
    if (op === 'd') this.#deletion(deletion);
    else if (op === 'c') this.#liveness(row.liveness);
    else this.#out.raw(NULL);
  }

  #liveness({ timestampHigh, timestampLow, ttl, localExpirationTime }: LivenessInfo): void {
    const out = this.#out;
    out.raw(TS);
    out.micros(timestampHigh, timestampLow);
    if (ttl !== 0) this.#expiry(ttl, localExpirationTime);
    out.byte(CLOSE);
  }

  #deletion({ markedForDeleteAtHigh, markedForDeleteAtLow, localDeletionTime }: DeletionTime): void {
    const out = this.#out;
    out.raw(TS);
    out.micros(markedForDeleteAtHigh, markedForDeleteAtLow);
    out.raw(LOCAL_DELETE_TIME);
    this.#seconds(localDeletionTime);
    out.byte(CLOSE);
  }

  /** Value of `cells`; null when there is nothing to tell. */
  writeCells(event: ChangeEvent, columns: readonly ColumnTemplate[]): void {
    const { row } = event;
    const out = this.#out;
    const before = out.length;
    this.#isFirst = true;
    for (let cell = 0; cell < row.cellCount; cell++) {
      if (row.pathStart(cell) >= 0 || !hasOwnTimes(event, row, cell) || event.isHidden(cell)) continue;
      const column = columns[row.columnIndex(cell)];
      if (column.isHidden) continue;
      this.#label(column);
      this.#cell(row, cell);
    }
    for (let complex = 0; complex < row.complexCount; complex++) this.#complex(event, complex, columns);
    if (out.length === before) out.raw(NULL);
    else out.byte(CLOSE);
  }

  #label({ label, firstLabel }: ColumnTemplate): void {
    this.#out.raw(this.#isFirst ? firstLabel : label);
    this.#isFirst = false;
  }

  #complex(event: ChangeEvent, complex: number, columns: readonly ColumnTemplate[]): void {
    const { row } = event;
    const out = this.#out;
    const first = row.complexFirstCell(complex);
    const end = row.complexCellsEnd(complex);
    const showsWipe = event.isOverwritten(complex, this.#wipe) && !isImplied(event, this.#wipe);
    const column = columns[complexColumnIndex(row, complex)];
    if (column.isHidden) return;
    if (showsWipe) {
      this.#label(column);
      out.byte(OPEN);
      out.raw(OVERWRITTEN);
      out.micros(this.#wipe.markedForDeleteAtHigh, this.#wipe.markedForDeleteAtLow);
      out.byte(CLOSE);
    }
    let told = 0;
    for (let cell = first; cell < end; cell++) {
      if (!hasOwnTimes(event, row, cell) || event.isHidden(cell)) continue;
      if (told++ === 0) this.#openElements(column, showsWipe);
      else out.byte(COMMA);
      this.#paths.writeName(row, cell, column);
      out.byte(COLON);
      this.#cell(row, cell);
    }
    if (told > 0) out.byte(CLOSE);
    if (told > 0 || showsWipe) out.byte(CLOSE);
  }

  #openElements(column: ColumnTemplate, isBehindWipe: boolean): void {
    if (isBehindWipe) {
      this.#out.byte(COMMA);
    } else {
      this.#label(column);
      this.#out.byte(OPEN);
    }
    this.#out.raw(ELEMENTS);
  }

  #cell(row: Row, cell: number): void {
    const out = this.#out;
    out.raw(TS);
    out.micros(row.timestampHigh(cell), row.timestampLow(cell));
    if (row.isExpiring(cell)) this.#expiry(row.ttl(cell), row.localDeletionTime(cell));
    out.byte(CLOSE);
  }

  #expiry(ttl: number, localExpirationTime: number): void {
    const out = this.#out;
    out.raw(TTL);
    out.int(ttl);
    out.raw(EXPIRES_AT);
    this.#seconds(localExpirationTime);
  }

  /** Seconds since 1970; null for a time that overflowed in a Cassandra of long ago. */
  #seconds(slot: number): void {
    if (slot === INVALID_DELETION_TIME) this.#out.raw(NULL);
    else this.#out.int(localDeletionSeconds(slot));
  }
}

/** Whether the cell's times are told: they differ from the event's, or end. */
function hasOwnTimes(event: ChangeEvent, row: Row, cell: number): boolean {
  return row.timestampLow(cell) !== event.timestampLow || row.timestampHigh(cell) !== event.timestampHigh || row.isExpiring(cell);
}

/** The event's timestamp says when the wipe happened: at it, or a microsecond before. */
function isImplied({ timestampHigh, timestampLow }: ChangeEvent, { markedForDeleteAtHigh, markedForDeleteAtLow }: DeletionTime): boolean {
  if (markedForDeleteAtHigh === timestampHigh && markedForDeleteAtLow === timestampLow) return true;
  return markedForDeleteAtLow === ((timestampLow - 1) | 0) && markedForDeleteAtHigh === (timestampLow === 0 ? timestampHigh - 1 : timestampHigh);
}

/** Index in `row.columns` of a complex column. */
export function complexColumnIndex(row: Row, complex: number): number {
  const first = row.complexFirstCell(complex);
  return first < row.complexCellsEnd(complex) ? row.columnIndex(first) : row.columns.indexOf(row.complexColumn(complex));
}
