/**
 * The schema at the place in the log that is being read. Built from a base, moved by the DDL in the log; tables stay
 * known by id after they were dropped, since what was written before the drop is still to be read.
 */
import { Schema, SchemaError, schemaFromRows, type Mutation, type SystemSchemaRows, type TableMetadata } from '../../parsers/index.js';
import { SchemaRows } from './schema-rows.js';

export interface SchemaChange {
  readonly kind: 'created' | 'altered' | 'dropped';
  readonly table: TableMetadata;
}

export class SchemaTracker {
  /** Every table ever seen, by id, in its form at this place of the log. */
  readonly schema: Schema;
  readonly #rows: SchemaRows;
  /** Tables that exist, by keyspace and id. */
  readonly #existing = new Map<string, Map<string, TableMetadata>>();
  /**
   * Keyspaces whose rows make no schema at this place, and why. A node that starts deletes and rewrites the rows of its
   * system keyspaces in several mutations; in between the tables known before stay in force.
   */
  readonly incomplete = new Map<string, SchemaError>();

  /** `dropped`: tables that are gone from the base and may still stand in the log. Throws SchemaError. */
  constructor(base: SystemSchemaRows, dropped: Iterable<TableMetadata> = []) {
    this.#rows = new SchemaRows(base);
    this.schema = new Schema(dropped);
    for (const table of schemaFromRows(base)) {
      this.schema.add(table);
      this.#existingIn(table.keyspace).set(table.id, table);
    }
  }

  /** Rows of system_schema as they are at this place. */
  rows(): SystemSchemaRows {
    return this.#rows.rows();
  }

  /**
   * Applies an opened mutation of system_schema and says what it changed.
   */
  apply(mutation: Mutation): SchemaChange[] {
    const keyspaces = new Set<string>();
    for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
      const keyspace = this.#rows.apply(update);
      if (keyspace !== null) keyspaces.add(keyspace);
    }
    return [...keyspaces].flatMap((keyspace) => this.#rebuild(keyspace));
  }

  #rebuild(keyspace: string): SchemaChange[] {
    const before = this.#existingIn(keyspace);
    let after: Map<string, TableMetadata>;
    try {
      after = new Map(schemaFromRows(this.#rows.rows(keyspace)).map((table) => [table.id, table]));
      this.incomplete.delete(keyspace);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      this.incomplete.set(keyspace, error);
      return [];
    }
    const changes: SchemaChange[] = [];
    for (const [id, table] of before) {
      if (!after.has(id)) changes.push({ kind: 'dropped', table });
    }
    for (const [id, table] of after) {
      const known = before.get(id);
      if (known !== undefined && describe(known) === describe(table)) continue;
      changes.push({ kind: known === undefined ? 'created' : 'altered', table });
      this.schema.add(table);
    }
    this.#existing.set(keyspace, after);
    return changes;
  }

  #existingIn(keyspace: string): Map<string, TableMetadata> {
    let tables = this.#existing.get(keyspace);
    if (tables === undefined) this.#existing.set(keyspace, (tables = new Map<string, TableMetadata>()));
    return tables;
  }
}

/** All that decoding and events depend on, as text. */
function describe(table: TableMetadata): string {
  const columns = [...table.partitionKey, ...table.clustering, ...table.statics, ...table.regulars, ...table.dropped];
  return JSON.stringify([table.name, table.isCdc, table.isCounter, columns.map(({ name, kind, position, type, isDropped, droppedTime }) => [name, kind, position, type.className, type.cqlName, isDropped, droppedTime])]);
}
