/** The node that the agent stands beside: waited for, asked who it is and how its commit log works. */
import type { NodeInfo } from '../cassandra/node-info.js';
import { readNodeInfo } from '../cassandra/node-info.js';
import { textOf } from '../cassandra/node-connection.js';
import type { CassandraSession } from '../cassandra/session.js';
import { readNodeSettings, type NodeSettings } from '../cassandra/settings.js';
import { readSchemaVersion, readSystemSchema } from '../cassandra/system-schema.js';
import type { SystemSchemaRows } from '../../parsers/index.js';
import type { SchemaSource } from '../schema/schema-follower.js';
import { settingsOfYaml } from './directories.js';

export interface StartedNode {
  readonly info: NodeInfo;
  /** In force, else as cassandra.yaml has them; null when neither may be read. */
  readonly settings: NodeSettings | null;
  readonly cdcTables: number;
}

/** Waits while the node is down, starting or joining. Rejects with what waiting can't mend, and with the signal's reason. */
export function startNode(session: CassandraSession, yamlFile: string, signal: AbortSignal): Promise<StartedNode> {
  return session.untilAnswered(async () => {
    const info = await readNodeInfo(session, signal);
    const settings = (await readNodeSettings(session, signal)) ?? (await settingsOfYaml(yamlFile));
    const tables = await session.rows('SELECT cdc FROM system_schema.tables', { signal });
    return { info, settings, cdcTables: tables.filter(({ cdc }) => textOf(cdc) === 'true').length };
  }, signal);
}

/** Both wait for the node, but for the version: who asks for that asks again. */
export function schemaSourceOf(session: CassandraSession): SchemaSource {
  return {
    rows: (signal) => session.untilAnswered(async () => (await readSystemSchema(session, { signal })).rows as unknown as SystemSchemaRows, signal),
    version: (signal) => readSchemaVersion(session, signal),
  };
}
