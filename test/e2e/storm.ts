/**
 * A schema that never rests: columns come, go and come back, tables are dropped and made again under their name, and rows
 * are written all the while. Every row has a key of its own, so what was written is known for each event.
 */
import type { Client } from 'cassandra-driver';
import { setTimeout as sleep } from 'node:timers/promises';
import { Rng } from '../helpers/random.js';

/** A type for each name: Cassandra takes a column back only with the type that it had. */
const TYPES: Readonly<Record<string, string>> = { a: 'int', b: 'text', c: 'bigint', d: 'set<text>', e: 'frozen<list<int>>', f: 'boolean' };
const NAMES = Object.keys(TYPES);

export interface WrittenRow {
  readonly table: string;
  readonly key: number;
  /** As JSON shows them. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly issuedAt: number;
  /** Ms since 1970; undefined: nobody knows whether it was taken. */
  ackedAt: number | undefined;
}

interface Drop {
  readonly table: string;
  readonly column: string;
  readonly from: number;
  to: number;
}

export class Storm {
  readonly rows: WrittenRow[] = [];
  readonly drops: Drop[] = [];
  /** Statements that Cassandra took, by kind. */
  readonly done = new Map<string, number>();
  /** Columns of each table; undefined: it is dropped. */
  readonly tables: Map<string, Set<string> | undefined>;
  client: Client;
  readonly #rng: Rng;
  #stopped = false;
  #writing: Promise<unknown> | undefined;
  #keys = 0;

  constructor(client: Client, { seed, tables }: { readonly seed: number; readonly tables: readonly string[] }) {
    this.client = client;
    this.#rng = new Rng(seed);
    this.tables = new Map(tables.map((table) => [table, undefined]));
  }

  /** Tables that are not there are made. */
  async create(): Promise<void> {
    for (const [table, columns] of this.tables) if (columns === undefined) await this.#create(table);
  }

  start(workers = 4): void {
    this.#writing = Promise.all(Array.from({ length: workers }, () => this.#write()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }

  /** One random change of the schema. */
  async change(): Promise<void> {
    const table = this.#rng.pick([...this.tables.keys()]);
    const columns = this.tables.get(table);
    if (columns === undefined) return this.#create(table);
    const chance = this.#rng.below(100);
    if (chance < 12) return this.#drop(table);
    const missing = NAMES.filter((name) => !columns.has(name));
    if (missing.length > 0 && (columns.size < 2 || chance < 55)) return this.#add(table, this.#rng.pick(missing));
    return this.#dropColumn(table, this.#rng.pick([...columns]));
  }

  /** A DROP of the column may have hidden what this row wrote to it: it ended after the row was begun. */
  mayHide({ table, issuedAt, ackedAt = issuedAt }: WrittenRow, column: string): boolean {
    return this.drops.some((drop) => drop.table === table && drop.column === column && drop.to >= issuedAt && drop.from <= ackedAt + 200);
  }

  async #create(table: string): Promise<void> {
    const columns = new Set(NAMES.slice(0, 3));
    await this.#ddl('create', `CREATE TABLE ${table} (k int PRIMARY KEY, ${[...columns].map((name) => `${name} ${TYPES[name]}`).join(', ')}) WITH cdc = true`);
    this.tables.set(table, columns);
  }

  async #drop(table: string): Promise<void> {
    this.tables.set(table, undefined);
    await this.#ddl('drop', `DROP TABLE ${table}`);
  }

  async #add(table: string, column: string): Promise<void> {
    await this.#ddl(this.drops.some((drop) => drop.table === table && drop.column === column) ? 're-add' : 'add', `ALTER TABLE ${table} ADD ${column} ${TYPES[column]}`);
    this.tables.get(table)?.add(column);
  }

  /** Writers go on with it until it is gone, and for a moment after: they are refused, or were just in time. */
  async #dropColumn(table: string, column: string): Promise<void> {
    const drop: Drop = { table, column, from: Date.now(), to: Infinity };
    this.drops.push(drop);
    await this.#ddl('drop column', `ALTER TABLE ${table} DROP ${column}`);
    drop.to = Date.now();
    this.tables.get(table)?.delete(column);
  }

  async #ddl(kind: string, statement: string): Promise<void> {
    await this.client.execute(statement);
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const table = this.#rng.pick([...this.tables.keys()]);
      const columns = [...(this.tables.get(table) ?? [])].filter(() => this.#rng.chance(0.7));
      if (columns.length === 0) {
        await sleep(2);
        continue;
      }
      const key = this.#keys++;
      const values = new Map(columns.map((name) => [name, valueOf(name, key)]));
      const row: WrittenRow = { table, key, values, issuedAt: Date.now(), ackedAt: undefined };
      this.rows.push(row);
      try {
        await this.client.execute(`INSERT INTO ${table} (k, ${columns.join(', ')}) VALUES (${key}, ${columns.map((name) => literal(name, key)).join(', ')})`);
        row.ackedAt = Date.now();
      } catch {
        // A table or a column that is gone: Cassandra refuses the whole row.
        await sleep(5);
      }
      await sleep(3);
    }
  }
}

function valueOf(name: string, key: number): unknown {
  switch (name) {
    case 'a': return key;
    case 'b': return `text ${key}`;
    case 'c': return -key;
    case 'd': return [`x${key}`, `y${key}`];
    case 'e': return [key, key + 1, key + 2];
    default: return key % 2 === 0;
  }
}

function literal(name: string, key: number): string {
  switch (name) {
    case 'a': return String(key);
    case 'b': return `'text ${key}'`;
    case 'c': return String(-key);
    case 'd': return `{'x${key}', 'y${key}'}`;
    case 'e': return `[${key}, ${key + 1}, ${key + 2}]`;
    default: return key % 2 === 0 ? 'true' : 'false';
  }
}
