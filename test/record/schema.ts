/** The rows of system_schema as `SELECT JSON *` gives them: what `inspect --schema` takes. */
import type { CassandraNode } from '../lab/index.js';

const TABLES = ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views', 'indexes'] as const;

export interface SchemaRow {
  readonly keyspace_name: string;
  readonly table_name?: string;
}

/** JSON text, one row on a line; `wanted` leaves rows out. */
export async function schemaJson(node: CassandraNode, wanted: (row: SchemaRow) => boolean = () => true): Promise<string> {
  const client = await node.client({ isMetadataSyncEnabled: false });
  const parts: string[] = [];
  for (const table of TABLES) {
    const { rows } = await client.execute(`SELECT JSON * FROM system_schema.${table}`, [], { fetchSize: 100_000 });
    const lines = rows.map((row) => row['[json]'] as string).filter((line) => wanted(JSON.parse(line) as SchemaRow));
    parts.push(`${JSON.stringify(table)}:[\n${lines.join(',\n')}\n]`);
  }
  return `{${parts.join(',\n')}}\n`;
}
