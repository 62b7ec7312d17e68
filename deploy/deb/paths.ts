/** Where the build reads and writes. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function find(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('package.json not found above the build');
  return find(parent);
}

/** The checkout, from sources and from the compiled copy in dist/ alike. */
export const projectRoot = find(dirname(fileURLToPath(import.meta.url)));

/** Downloads stay here, shared by every clone of one user. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cassandra-cdc-agent');
}
