/** NodePort over a session: one attempt each, `check` does not wait. */
import { textOf } from '../cassandra/node-connection.js';
import { readNodeInfo } from '../cassandra/node-info.js';
import type { CassandraSession } from '../cassandra/session.js';
import { readNodeSettings } from '../cassandra/settings.js';
import { readSystemSchema } from '../cassandra/system-schema.js';
import type { SystemSchemaRows } from '../../parsers/index.js';
import type { NodePort } from './ports.js';

export function nodePort(session: CassandraSession, signal?: AbortSignal): NodePort {
  return {
    info: () => readNodeInfo(session, signal),
    settings: () => readNodeSettings(session, signal),
    schema: async () => (await readSystemSchema(session, { signal })).rows as unknown as SystemSchemaRows,
    now: async () => {
      const [row] = await session.rows('SELECT toUnixTimestamp(now()) AS ms FROM system.local', { signal });
      return Number(textOf(row?.ms));
    },
  };
}
