/** Where downloaded jars stay, outside of git and shared by every clone of one user. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$CDC_LAB_CACHE`, else `cassandra-cdc-agent` in the user's cache directory. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['CDC_LAB_CACHE']) return env['CDC_LAB_CACHE'];
  const base = env['XDG_CACHE_HOME'] ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  return join(base, 'cassandra-cdc-agent');
}
