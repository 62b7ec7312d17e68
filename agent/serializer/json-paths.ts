/** How an element of a non-frozen column is called: in deltas, and in the `cells` block. */
import type { Row } from '../../parsers/index.js';
import { MarshalError } from '../../parsers/marshal/abstract-type.js';
import { mapKeyJson } from '../../parsers/marshal/collections.js';
import type { JsonBytes } from './json-bytes.js';
import type { ColumnTemplate } from './json-template.js';
import { HASHED, type ValueWriter } from './json-values.js';

export class PathWriter {
  readonly #out: JsonBytes;
  readonly #values: ValueWriter;

  constructor(out: JsonBytes, values: ValueWriter) {
    this.#out = out;
    this.#values = values;
  }

  /** As a value: a set's element, a list's id; of maps and UDTs the name. */
  writeValue(row: Row, cell: number, column: ColumnTemplate): void {
    if (column.path === undefined || column.delta === 'map' || column.delta === 'udt') this.writeName(row, cell, column);
    else this.#values.write(column.path, row.pathStart(cell), row.pathEnd(cell));
  }

  /** As the name of a member: always a string, as `SELECT JSON` makes one of a map's key, and as a hash is. */
  writeName(row: Row, cell: number, column: ColumnTemplate): void {
    const start = row.pathStart(cell);
    const end = row.pathEnd(cell);
    if (column.delta === 'udt') this.#out.text(this.#field(start, end, column));
    else if (column.path?.shape === HASHED) this.#values.write(column.path, start, end);
    else this.#out.text(mapKeyJson(column.type.cellPathType().toJson(this.#values.source, start, end, this.#values.options)));
  }

  #field(start: number, end: number, { fields, type }: ColumnTemplate): string {
    const position = end - start === 2 ? this.#values.source.readInt16BE(start) : -1;
    if (position < 0 || position >= fields.length) throw new MarshalError(`${type.cqlName} has no such field`);
    return fields[position];
  }
}
