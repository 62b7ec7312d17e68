/** Tables by id, never by name: a table that was dropped and created again under its name is another table. */
import { viewOf } from '../io/data-input.js';
import type { TableMetadata } from './table-metadata.js';

export interface SchemaView {
  /** The table whose 16 id bytes stand at `offset`; undefined when this schema has none. */
  tableAt(bytes: Buffer, offset: number): TableMetadata | undefined;
}

const BUCKETS = 1024;

/** A growing set of tables; lookup costs a few nanoseconds and no allocation. */
export class Schema implements SchemaView {
  readonly #buckets: TableMetadata[][] = Array.from({ length: BUCKETS }, () => []);
  readonly #byId = new Map<string, TableMetadata>();
  /** Found last, and its id in words: most lookups end here. */
  #last: TableMetadata | undefined;
  readonly #lastId = new Int32Array(4);
  /** Looked at last. */
  #bytes: Buffer = Buffer.alloc(0);
  #view = viewOf(this.#bytes);

  constructor(tables: Iterable<TableMetadata> = []) {
    for (const table of tables) this.add(table);
  }

  /** Adds a table or replaces the one of the same id. */
  add(table: TableMetadata): void {
    const bucket = this.#buckets[bucketOf(table.idBytes, 0)];
    const at = bucket.findIndex((other) => other.id === table.id);
    if (at < 0) bucket.push(table);
    else bucket[at] = table;
    this.#byId.set(table.id, table);
    this.#last = undefined;
  }

  tables(): IterableIterator<TableMetadata> {
    return this.#byId.values();
  }

  tableById(id: string): TableMetadata | undefined {
    return this.#byId.get(id);
  }

  tableAt(bytes: Buffer, offset: number): TableMetadata | undefined {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    const view = this.#view;
    const id = this.#lastId;
    const isLast = view.getInt32(offset) === id[0] && view.getInt32(offset + 4) === id[1] && view.getInt32(offset + 8) === id[2] && view.getInt32(offset + 12) === id[3];
    return isLast && this.#last !== undefined ? this.#last : this.#find(bytes, offset);
  }

  #find(bytes: Buffer, offset: number): TableMetadata | undefined {
    const bucket = this.#buckets[bucketOf(bytes, offset)];
    for (let i = 0; i < bucket.length; i++) {
      if (!sameId(bucket[i].idBytes, bytes, offset)) continue;
      for (let word = 0; word < 4; word++) this.#lastId[word] = this.#view.getInt32(offset + 4 * word);
      return (this.#last = bucket[i]);
    }
    return undefined;
  }
}

/** Time-based ids differ in their first bytes, name-based ids everywhere. */
function bucketOf(bytes: Buffer, offset: number): number {
  return ((bytes[offset + 3] << 2) ^ bytes[offset + 2] ^ (bytes[offset + 1] << 1) ^ bytes[offset]) & (BUCKETS - 1);
}

function sameId(id: Buffer, bytes: Buffer, offset: number): boolean {
  for (let i = 0; i < 16; i++) {
    if (id[i] !== bytes[offset + i]) return false;
  }
  return true;
}
