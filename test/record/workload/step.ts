/** What a workload is made of, and the fixed names and times in it. */
import { createHash } from 'node:crypto';
import type { CassandraVersion } from '../../lab/index.js';

export interface Step {
  readonly cql: string;
  /** For a prepared statement. */
  readonly params?: readonly unknown[];
  /** Why some version refuses it; without this a refusal ends the recording. */
  readonly mayFail?: string;
}

export type Steps = Iterable<string | Step>;

export interface Context {
  readonly version: CassandraVersion;
  /** 5.0: vectors, SAI. */
  readonly is5: boolean;
}

/** Write time of the first statement, microseconds (2023-11-14); each further one is a millisecond later unless it says so itself. */
export const FIRST_TIMESTAMP = 1_700_000_000_000_000;

/** A table id that depends on its name only, in place of the random one that CREATE TABLE would take. */
export function tableId(name: string): string {
  const hash = createHash('sha1').update(`table ${name}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-1${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

export interface TableOptions {
  readonly cdc?: boolean;
  /** More of the WITH clause, such as CLUSTERING ORDER BY (…). */
  readonly with?: string;
  /** Makes another id of the same name, for a table that was dropped and created again. */
  readonly generation?: number;
}

/** CREATE TABLE with a fixed id, CDC on unless told. */
export function createTable(name: string, definition: string, options: TableOptions = {}): string {
  const id = tableId(options.generation === undefined ? name : `${name} ${options.generation}`);
  const more = options.with === undefined ? '' : ` AND ${options.with}`;
  return `CREATE TABLE ${name} (${definition}) WITH ID = ${id} AND cdc = ${options.cdc ?? true}${more}`;
}

export function logged(...statements: readonly string[]): string {
  return `BEGIN BATCH ${statements.map((each) => `${each};`).join(' ')} APPLY BATCH`;
}

export function unlogged(...statements: readonly string[]): string {
  return `BEGIN UNLOGGED BATCH ${statements.map((each) => `${each};`).join(' ')} APPLY BATCH`;
}

/** The numbers 0 to count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
