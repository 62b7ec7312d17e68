/** Rows of system_schema as `SELECT JSON *` gives them, read with the place of each value at hand for the messages. */
import { daysFromCivil } from '../marshal/calendar.js';

/** The schema can't be used; the message names keyspace, table and column, and what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly place: string;
  readonly fix: string;

  constructor(place: string, what: string, fix: string, options?: ErrorOptions) {
    super(`${place}: ${what}; ${fix}`, options);
    this.place = place;
    this.fix = fix;
  }
}

const SELECT_AGAIN = 'export it again with SELECT JSON *';

/** One row. Null and absent are the same: `SELECT JSON` prints null for what was never set. */
export class SystemSchemaRow {
  readonly place: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** A row may be the object itself, its JSON text, or the one column `[json]` that CQL returns. */
  constructor(table: string, row: unknown) {
    const value = unwrapped(table, row);
    this.#values = value;
    const names = ['keyspace_name', 'table_name', 'view_name', 'type_name', 'column_name'];
    const place = names.map((name) => value[name]).filter((part) => typeof part === 'string' && part !== '').join('.');
    this.place = place === '' ? `system_schema.${table}` : place;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string') throw this.malformed(name, 'a string', value);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#values[name] == null ? undefined : this.text(name);
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw this.malformed(name, 'an array of strings', value);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#values[name] ?? false;
    if (typeof value !== 'boolean') throw this.malformed(name, 'a boolean', value);
    return value;
  }

  integer(name: string): number {
    const value = this.#values[name];
    if (!Number.isInteger(value)) throw this.malformed(name, 'an integer', value);
    return value as number;
  }

  /** A blob as 0x…; undefined when it isn't there. */
  bytes(name: string): Buffer | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw this.malformed(name, 'a blob as 0x…', text);
    return Buffer.from(text.slice(2), 'hex');
  }

  textMap(name: string): Readonly<Record<string, string>> {
    const value = this.#values[name];
    if (!isObject(value) || !Object.values(value).every((item) => typeof item === 'string')) throw this.malformed(name, 'an object of strings', value);
    return value as Record<string, string>;
  }

  /** A timestamp as Cassandra prints it, as ISO 8601 or as milliseconds since 1970; milliseconds. */
  millis(name: string): number {
    const value = this.#values[name];
    const millis = typeof value === 'string' ? parseTimestamp(value) : value;
    if (!Number.isInteger(millis)) throw this.malformed(name, 'a timestamp', value);
    return millis as number;
  }

  private malformed(name: string, expected: string, value: unknown): SchemaError {
    const shown = value === undefined ? 'missing' : `${JSON.stringify(value).slice(0, 60)}, not ${expected}`;
    return new SchemaError(this.place, `${name} is ${shown}`, SELECT_AGAIN);
  }
}

function unwrapped(table: string, row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row === 'string') return unwrapped(table, parseJson(table, row));
  if (!isObject(row)) throw new SchemaError(`system_schema.${table}`, `a row is ${JSON.stringify(row)}, not an object`, SELECT_AGAIN);
  return '[json]' in row ? unwrapped(table, row['[json]']) : row;
}

function parseJson(table: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'string') return value;
  } catch {
    // said below
  }
  throw new SchemaError(`system_schema.${table}`, `a row is not a JSON object: ${text.slice(0, 60)}`, SELECT_AGAIN);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TIMESTAMP = /^([+-]?\d{4,9})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/** Milliseconds since 1970; NaN when the text isn't a timestamp. Without a zone it is UTC. */
export function parseTimestamp(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  const match = TIMESTAMP.exec(text);
  if (match === null) return NaN;
  const number = (group: number): number => Number(match[group] ?? 0);
  const offset = (match[8] === '-' ? -1 : 1) * (number(9) * 60 + number(10));
  const minutes = daysFromCivil(number(1), number(2), number(3)) * 1440 + number(4) * 60 + number(5) - offset;
  return minutes * 60_000 + number(6) * 1000 + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
}
