/**
 * What a mutation does to a non-frozen column, which is a cell per element.
 *
 *   set   { "overwritten", "added": [value], "removed": [value] }
 *   map   { "overwritten", "put": { key: value }, "removed": [key] }
 *   list  { "overwritten", "put": [{ "id", "value" }], "removed": [id] }
 *   UDT   { "overwritten", "put": { field: value }, "removed": [field] }
 *
 * In the order of the log, which is the order of the elements. Keys and fields are strings, as `SELECT JSON` names them.
 */
import { DeletionTime, type JsonOptions, type Row } from '../../parsers/index.js';
import { MarshalError } from '../../parsers/marshal/abstract-type.js';
import { mapKeyJson } from '../../parsers/marshal/collections.js';
import type { ChangeEvent } from '../events/change-event.js';
import { hasOwnTimes, timesJson, wipeJson } from './json-cells.js';
import type { ColumnTemplate } from './json-template.js';

export class DeltaWriter {
  /** JSON of the delta that `write` made. */
  delta = '';
  /** Its part of the `cells` block, without the column's name; '' for none. */
  cells = '';
  readonly #options: JsonOptions;
  readonly #wipe = new DeletionTime();

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  /** Fills `delta` and `cells` for a complex column of the event's row; false when nothing of it is to be shown. */
  write(event: ChangeEvent, complex: number, column: ColumnTemplate): boolean {
    const { row } = event;
    const isWiped = event.isOverwritten(complex, this.#wipe);
    let present = '';
    let removed = '';
    let elements = '';
    let isEmpty = !isWiped;
    const end = row.complexCellsEnd(complex);
    for (let cell = row.complexFirstCell(complex); cell < end; cell++) {
      if (event.isHidden(cell)) continue;
      isEmpty = false;
      const name = this.#name(event, cell, column);
      if (row.isTombstone(cell)) removed += `,${name}`;
      else present += this.#element(event, cell, column, name);
      if (hasOwnTimes(event, row, cell)) elements += `,${mapKeyJson(name)}:${timesJson(row, cell)}`;
    }
    if (isEmpty) return false;
    this.delta = `{"overwritten":${isWiped},${wrap(column, present)},"removed":[${removed.slice(1)}]}`;
    this.cells = cellsJson(isWiped ? wipeJson(event, this.#wipe) : '', elements);
    return true;
  }

  /** How the element is called: JSON of its path. */
  #name({ bytes, row }: ChangeEvent, cell: number, column: ColumnTemplate): string {
    const start = row.pathStart(cell);
    const end = row.pathEnd(cell);
    if (column.delta === 'udt') return fieldAt(row, cell, bytes, column);
    const json = column.type.cellPathType().toJson(bytes, start, end, this.#options);
    return column.delta === 'map' ? mapKeyJson(json) : json;
  }

  #element({ bytes, row }: ChangeEvent, cell: number, column: ColumnTemplate, name: string): string {
    if (column.delta === 'set') return `,${name}`;
    const type = column.type.cellValueType(bytes, row.pathStart(cell), row.pathEnd(cell));
    const value = type.toJson(bytes, row.valueStart(cell), row.valueEnd(cell), this.#options);
    return column.delta === 'list' ? `,{"id":${name},"value":${value}}` : `,${name}:${value}`;
  }
}

function fieldAt(row: Row, cell: number, bytes: Buffer, column: ColumnTemplate): string {
  const at = row.pathStart(cell);
  const position = row.pathEnd(cell) - at === 2 ? bytes.readInt16BE(at) : -1;
  if (position < 0 || position >= column.fields.length) throw new MarshalError(`${column.type.cqlName} has no such field`);
  return column.fields[position];
}

function wrap(column: ColumnTemplate, present: string): string {
  const inside = present.slice(1);
  if (column.delta === 'set') return `"added":[${inside}]`;
  return column.delta === 'list' ? `"put":[${inside}]` : `"put":{${inside}}`;
}

function cellsJson(wipe: string, elements: string): string {
  if (elements === '') return wipe === '' ? '' : `{${wipe}}`;
  return `{${wipe}${wipe === '' ? '' : ','}"elements":{${elements.slice(1)}}}`;
}
