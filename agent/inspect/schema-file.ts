/** `--schema FILE`: the rows of the system_schema tables, one object with an array per table name, as `schema dump` writes it. */
import { readFileSync } from 'node:fs';
import { Schema } from '../../parsers/index.js';
import { SchemaError, schemaFromRows, type SystemSchemaRows } from '../../parsers/schema/from-system-schema.js';
import { UsageError } from '../errors.js';
import { cannotRead } from './file-source.js';

const FIX = 'write one with `cassandra-cdc-agent schema dump`';

/** Throws IoError or UsageError. The schema is used as given: tables that it lacks are unknown, system tables too. */
export function readSchemaFile(path: string): Schema {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  try {
    return new Schema(schemaFromRows(parseRows(path, text)));
  } catch (cause) {
    if (cause instanceof SchemaError) throw new UsageError('schema_file', `${path}: ${cause.message}`, { fix: FIX, cause });
    throw cause;
  }
}

function parseRows(path: string, text: string): SystemSchemaRows {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UsageError('schema_file', `${path} is not JSON: ${(cause as Error).message}`, { fix: FIX, cause });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongShape(path, 'it is not an object');
  const rows = value as Record<string, unknown>;
  for (const name of ['tables', 'columns']) {
    if (rows[name] === undefined) throw wrongShape(path, `it has no "${name}"`);
  }
  for (const [name, list] of Object.entries(rows)) {
    if (!Array.isArray(list)) throw wrongShape(path, `"${name}" is not an array`);
  }
  return rows as unknown as SystemSchemaRows;
}

function wrongShape(path: string, what: string): UsageError {
  return new UsageError('schema_file', `${path} is no schema: ${what}, where {"tables":[…],"columns":[…],"dropped_columns":[…],"types":[…]} was expected`, { fix: FIX });
}
