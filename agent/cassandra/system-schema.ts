/** The rows of system_schema, all of one schema version. */
import { RetryableError } from '../errors.js';
import { textOf } from './node-connection.js';
import type { CassandraSession } from './session.js';

export interface SystemSchemaTexts {
  /** As system.local has it; equal on nodes with the same schema. */
  readonly schemaVersion: string;
  /** By table of system_schema: rows as the node wrote them in JSON (numbers would lose digits on their way through JavaScript). */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

const ATTEMPTS = 20;
/** Cassandra announces a new version at once after it wrote the rows, but not in the same breath. */
const SETTLE_MS = 100;

export interface ReadSchemaOptions {
  readonly signal?: AbortSignal | undefined;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Reads until nothing changed meanwhile. Rejects with RetryableError when the schema changes without end. */
export async function readSystemSchema(session: CassandraSession, { signal, sleep = pause }: ReadSchemaOptions = {}): Promise<SystemSchemaTexts> {
  let before = await readOnce(session, signal);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const after = await readOnce(session, signal);
    if (JSON.stringify(before) === JSON.stringify(after)) return after;
    before = after;
    await sleep(SETTLE_MS);
  }
  throw new RetryableError('cassandra_schema_moves', `the schema changed during each of ${ATTEMPTS} reads`, { fix: 'wait until the schema changes end' });
}

async function readOnce(session: CassandraSession, signal: AbortSignal | undefined): Promise<SystemSchemaTexts> {
  const schemaVersion = await readSchemaVersion(session, signal);
  const names = (await session.rows('SELECT table_name FROM system_schema.tables WHERE keyspace_name = \'system_schema\'', { signal })).map((row) => textOf(row.table_name)).sort();
  const rows: Record<string, readonly string[]> = {};
  for (const name of names) {
    const found = await session.rows(`SELECT JSON * FROM system_schema.${name}`, { signal });
    rows[name] = found.map((row) => textOf(row['[json]']));
  }
  return { schemaVersion, rows };
}

export async function readSchemaVersion(session: CassandraSession, signal?: AbortSignal): Promise<string> {
  const [row] = await session.rows('SELECT schema_version FROM system.local WHERE key = \'local\'', { signal });
  return textOf(row?.schema_version);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
