/** A real Cassandra, run by the machine's user `cassandra`: its files are to the agent what they are on a real host. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CassandraNode, removeOnExit, type CassandraOptions } from '../lab/index.js';
import type { Machine } from './machine.js';

/** User and group id of `cassandra` in every machine. */
export const CASSANDRA_ID = 980;

export interface NodeOnMachine {
  readonly node: CassandraNode;
  /** For Machine.boot: the node's directory, at its usual place. */
  readonly shows: Readonly<Record<string, string>>;
}

/** Not started yet. `umask`: Cassandra's, as its service sets it. */
export async function prepareNode({ umask = '0022', ...options }: { readonly umask?: string } & Partial<CassandraOptions> = {}): Promise<NodeOnMachine> {
  const directory = mkdtempSync(join(tmpdir(), 'cdc-deploy-node-'));
  removeOnExit(directory);
  const id = String(CASSANDRA_ID);
  // Its jars lie in a home directory that is closed to others: reading, and nothing else, is granted.
  const user = ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', '--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  const node = await CassandraNode.create({ version: '5.0.6', ...options, directory, prefix: [...user, 'sh', '-c', `umask ${umask}; exec "$@"`, 'sh'] });
  execFileSync('chown', ['-R', `${id}:${id}`, directory]);
  // As Cassandra itself would make them.
  for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) chmodSync(join(directory, entry.name), 0o777 & ~Number.parseInt(umask, 8));
  chmodSync(directory, 0o750);
  return { node, shows: { '/var/lib/cassandra': directory } };
}

export async function makeCassandraUser(machine: Machine): Promise<void> {
  await machine.must(`groupadd --system --gid ${CASSANDRA_ID} cassandra && useradd --system --uid ${CASSANDRA_ID} --gid ${CASSANDRA_ID} --home-dir /var/lib/cassandra cassandra`);
}
