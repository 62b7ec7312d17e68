/**
 * What a mutation does to a non-frozen column, which is a cell per element.
 *
 *   set   { "overwritten", "added": [value], "removed": [value] }
 *   map   { "overwritten", "put": { key: value }, "removed": [key] }
 *   list  { "overwritten", "put": [{ "id", "value" }], "removed": [id] }
 *   UDT   { "overwritten", "put": { field: value }, "removed": [field] }
 *
 * In the order of the log, which is the order of the elements. Keys and fields are strings, as `SELECT JSON` names them.
 * Of a column that is hashed each element is: members of a set, keys and values of a map, values of a list or of fields.
 */
import { DeletionTime } from '../../parsers/index.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { JsonBytes } from './json-bytes.js';
import type { PathWriter } from './json-paths.js';
import type { ColumnTemplate, DeltaKind } from './json-template.js';
import { HASHED, type ValueWriter } from './json-values.js';
import { rendered, type Rendered } from './rendered.js';

const OVERWRITTEN = rendered('{"overwritten":true,');
const NOT_OVERWRITTEN = rendered('{"overwritten":false,');
const OPEN: Readonly<Record<DeltaKind, Rendered>> = {
  set: rendered('"added":['), map: rendered('"put":{'), list: rendered('"put":['), udt: rendered('"put":{'),
};
const CLOSE: Readonly<Record<DeltaKind, Rendered>> = {
  set: rendered('],"removed":['), map: rendered('},"removed":['), list: rendered('],"removed":['), udt: rendered('},"removed":['),
};
const END = rendered(']}');
const COMMA = 0x2c;
const COLON = 0x3a;
const ID = rendered('{"id":');
const VALUE = rendered(',"value":');
const CLOSE_BRACE = 0x7d;

export class DeltaWriter {
  readonly #out: JsonBytes;
  readonly #values: ValueWriter;
  readonly #paths: PathWriter;
  readonly #wipe = new DeletionTime();

  constructor(out: JsonBytes, values: ValueWriter, paths: PathWriter) {
    this.#out = out;
    this.#values = values;
    this.#paths = paths;
  }

  /** False when nothing of the column is to be shown: all of it was dropped. */
  isShown(event: ChangeEvent, complex: number): boolean {
    if (event.isOverwritten(complex, this.#wipe)) return true;
    const { row } = event;
    for (let cell = row.complexFirstCell(complex); cell < row.complexCellsEnd(complex); cell++) {
      if (!event.isHidden(cell)) return true;
    }
    return false;
  }

  write(event: ChangeEvent, complex: number, column: ColumnTemplate): void {
    const out = this.#out;
    const kind = column.delta;
    if (kind === undefined) return;
    out.raw(event.isOverwritten(complex, this.#wipe) ? OVERWRITTEN : NOT_OVERWRITTEN);
    out.raw(OPEN[kind]);
    this.#elements(event, complex, { column, areTombstones: false });
    out.raw(CLOSE[kind]);
    this.#elements(event, complex, { column, areTombstones: true });
    out.raw(END);
  }

  #elements(event: ChangeEvent, complex: number, { column, areTombstones }: { readonly column: ColumnTemplate; readonly areTombstones: boolean }): void {
    const out = this.#out;
    const { row } = event;
    const end = row.complexCellsEnd(complex);
    let isFirst = true;
    for (let cell = row.complexFirstCell(complex); cell < end; cell++) {
      if (row.isTombstone(cell) !== areTombstones || event.isHidden(cell)) continue;
      if (!isFirst) out.byte(COMMA);
      isFirst = false;
      if (areTombstones || column.delta === 'set') this.#paths.writeValue(row, cell, column);
      else this.#put(event, cell, column);
    }
  }

  #put({ row, bytes }: ChangeEvent, cell: number, column: ColumnTemplate): void {
    const out = this.#out;
    const isList = column.delta === 'list';
    if (isList) out.raw(ID);
    this.#paths.writeValue(row, cell, column);
    if (isList) out.raw(VALUE);
    else out.byte(COLON);
    const type = column.type.cellValueType(bytes, row.pathStart(cell), row.pathEnd(cell));
    if (column.shape === HASHED) this.#values.writeHash(type, row.valueStart(cell), row.valueEnd(cell));
    else this.#values.writeAs(type, row.valueStart(cell), row.valueEnd(cell));
    if (isList) out.byte(CLOSE_BRACE);
  }
}
