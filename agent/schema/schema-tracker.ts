/**
 * The schema at the place in the log that is being read. Built from a base, moved by the DDL in the log; tables stay
 * known by id after they were dropped, since what was written before the drop is still to be read.
 */
import { Schema, SchemaError, replicationFromRows, schemaFromRows, type Mutation, type SystemSchemaRows, type TableMetadata } from '../../parsers/index.js';
import { adoptRows } from './adopt-rows.js';
import { SchemaRows, type Touched } from './schema-rows.js';

export interface SchemaChange {
  readonly kind: 'created' | 'altered' | 'dropped';
  readonly table: TableMetadata;
}

/** More tables than this are built in one go. */
const FEW = 8;

/** Tables and views that exist, by name. */
type Tables = Map<string, TableMetadata>;

export class SchemaTracker {
  /** Every table ever seen, by id, in its form at this place of the log. The object stays the same for good. */
  readonly schema: Schema;
  #rows: SchemaRows;
  readonly #existing = new Map<string, Tables>();
  /**
   * Tables whose rows make no schema at this place, by `keyspace.table`, and why. A node that starts deletes and rewrites
   * the rows of its system keyspaces in several mutations; in between what was known before stays in force.
   */
  readonly incomplete = new Map<string, SchemaError>();
  /** The same, by keyspace and name: to be tried again. */
  readonly #pending = new Map<string, Set<string>>();

  /** `dropped`: tables that are gone from the base and may still stand in the log. Throws SchemaError. */
  constructor(base: SystemSchemaRows | SchemaRows, dropped: Iterable<TableMetadata> = []) {
    this.#rows = base instanceof SchemaRows ? base : new SchemaRows(base);
    this.schema = new Schema(dropped);
    for (const table of schemaFromRows(this.#rows.rows())) {
      this.schema.add(table);
      this.#existingIn(table.keyspace).set(table.name, table);
    }
  }

  /** Rows of system_schema as they are at this place. */
  rows(): SystemSchemaRows {
    return this.#rows.rows();
  }

  /** The same with write times: to be stored, not to be changed. */
  get cells(): SchemaRows {
    return this.#rows;
  }

  /** Replication options by keyspace, as they are at this place. */
  replication(): Map<string, Readonly<Record<string, string>>> {
    const keyspaces = [...this.#rows.keyspaces()].flatMap((keyspace) => this.#rows.partition('keyspaces', keyspace).liveRows());
    return replicationFromRows({ keyspaces, tables: [], columns: [] });
  }

  /** Counts the changes of keyspaces themselves, which no SchemaChange tells of. */
  keyspaceChanges = 0;

  /** Tables that are known by id and do not exist at this place. */
  dropped(): TableMetadata[] {
    return [...this.schema.tables()].filter((table) => this.#existing.get(table.keyspace)?.get(table.name)?.id !== table.id);
  }

  /** Tables and views that exist at this place. */
  *tables(): Generator<TableMetadata> {
    for (const tables of this.#existing.values()) yield* tables.values();
  }

  exists(table: TableMetadata): boolean {
    return this.#existing.get(table.keyspace)?.get(table.name)?.id === table.id;
  }

  /** Applies an opened mutation of system_schema and says what it changed. */
  apply(mutation: Mutation): SchemaChange[] {
    const touched: Touched[] = [];
    for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
      const one = this.#rows.apply(update);
      if (one !== null) touched.push(one);
      if (update.table.name === 'keyspaces') this.keyspaceChanges++;
    }
    const names = new Map<string, Set<string>>();
    for (const one of touched) names.set(one.keyspace, new Set([...(names.get(one.keyspace) ?? []), ...this.#namesOf(one)]));
    return [...names].flatMap(([keyspace, touchedNames]) => this.#rebuild(keyspace, touchedNames));
  }

  #namesOf({ keyspace, names }: Touched): Iterable<string> {
    if (names === 'all') return this.#allNames(keyspace);
    if (names === 'types') return [...this.#existingIn(keyspace).values()].filter(hasUserType).map(({ name }) => name);
    return names;
  }

  /**
   * The schema as CQL shows it, of this very place of the log: what it lacks is dropped. Tables stay known by id, and
   * the log's DDL applies over it from here on. Throws SchemaError, and then nothing has changed.
   */
  reset(rows: SystemSchemaRows): SchemaChange[] {
    return this.#replace(new SchemaRows(rows));
  }

  /**
   * The schema as CQL shows it now, while this place of the log is earlier: adds what was missed here and takes nothing
   * away (see adopt-rows.ts). Throws SchemaError, and then nothing has changed.
   */
  adopt(later: SystemSchemaRows): SchemaChange[] {
    schemaFromRows(later);
    adoptRows(this.#rows, later);
    return this.#replace(this.#rows);
  }

  #replace(rows: SchemaRows): SchemaChange[] {
    if (rows !== this.#rows) schemaFromRows(rows.rows());
    const keyspaces = new Set([...this.#existing.keys(), ...rows.keyspaces()]);
    this.#rows = rows;
    this.keyspaceChanges++;
    return [...keyspaces].flatMap((keyspace) => this.#rebuild(keyspace, this.#allNames(keyspace)));
  }

  /** Builds the named tables anew, and those that could not be built before. */
  #rebuild(keyspace: string, touched: ReadonlySet<string>): SchemaChange[] {
    const names = new Set([...touched, ...(this.#pending.get(keyspace) ?? [])]);
    if (names.size === 0) return [];
    const existing = this.#existingIn(keyspace);
    const built = this.#build(keyspace, names);
    const changes: SchemaChange[] = [];
    for (const [name, table] of built) {
      const known = existing.get(name);
      if (known !== undefined && known.id !== table?.id) changes.push({ kind: 'dropped', table: known });
      if (table === null) {
        existing.delete(name);
        continue;
      }
      existing.set(name, table);
      if (known?.id === table.id && describe(known) === describe(table)) continue;
      changes.push({ kind: known?.id === table.id ? 'altered' : 'created', table });
      this.schema.add(table);
    }
    return changes;
  }

  /** By name; null where there is no such table. Names whose rows make no table are left out, and remembered. */
  #build(keyspace: string, names: ReadonlySet<string>): Map<string, TableMetadata | null> {
    const built = new Map<string, TableMetadata | null>();
    const pending = new Set<string>();
    let all: ReadonlyMap<string, TableMetadata> | null = null;
    try {
      if (names.size > FEW) all = new Map(schemaFromRows(this.#rows.rows(keyspace)).map((table) => [table.name, table]));
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
    }
    for (const name of names) {
      const key = `${keyspace}.${name}`;
      try {
        built.set(name, all === null ? (schemaFromRows(this.#rows.rows(keyspace, name))[0] ?? null) : (all.get(name) ?? null));
        this.incomplete.delete(key);
      } catch (error) {
        if (!(error instanceof SchemaError)) throw error;
        this.incomplete.set(key, error);
        pending.add(name);
      }
    }
    this.#pending.set(keyspace, pending);
    return built;
  }

  #allNames(keyspace: string): Set<string> {
    return new Set([...this.#rows.namesIn(keyspace), ...(this.#existing.get(keyspace)?.keys() ?? [])]);
  }

  #existingIn(keyspace: string): Tables {
    let tables = this.#existing.get(keyspace);
    if (tables === undefined) this.#existing.set(keyspace, (tables = new Map<string, TableMetadata>()));
    return tables;
  }
}

function hasUserType({ partitionKey, clustering, statics, regulars, dropped }: TableMetadata): boolean {
  return [partitionKey, clustering, statics, regulars, dropped].some((columns) => columns.some(({ type }) => type.className.includes('UserType(')));
}

/** All that decoding and events depend on, as text. */
export function describe(table: TableMetadata): string {
  const columns = [...table.partitionKey, ...table.clustering, ...table.statics, ...table.regulars, ...table.dropped];
  return JSON.stringify([table.name, table.isCdc, table.isCounter, table.isView, columns.map(({ name, kind, position, type, isDropped, droppedTime }) => [name, kind, position, type.className, type.cqlName, isDropped, droppedTime])]);
}
