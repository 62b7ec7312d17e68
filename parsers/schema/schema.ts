/** Tables by id, never by name: a table that was dropped and created again under its name is another table. */
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
  #last: TableMetadata | undefined;

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
    const last = this.#last;
    if (last !== undefined && sameId(last.idBytes, bytes, offset)) return last;
    const bucket = this.#buckets[bucketOf(bytes, offset)];
    for (let i = 0; i < bucket.length; i++) {
      if (sameId(bucket[i].idBytes, bytes, offset)) return (this.#last = bucket[i]);
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
