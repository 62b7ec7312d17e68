/** cassandra.yaml, as far as the commit log and CDC are concerned. Defaults are Cassandra's own (Config). */
import { parse } from 'yaml';
import { ConfigError } from '../errors.js';
import { settingsFrom, type NodeSettings } from './settings.js';

/** `file` for the message. Throws ConfigError when the text is not YAML. */
export function parseCassandraYaml(text: string, file: string): NodeSettings {
  let root: unknown;
  try {
    // Cassandra itself takes the last of two equal keys.
    root = parse(text, { uniqueKeys: false, logLevel: 'silent' });
  } catch (cause) {
    throw new ConfigError('cassandra_yaml', `${file} is not YAML: ${(cause as Error).message.split('\n')[0]}`, { fix: 'correct cassandra.config_file', cause });
  }
  if (root === null || typeof root !== 'object' || Array.isArray(root)) throw new ConfigError('cassandra_yaml', `${file} holds no settings`, { fix: 'correct cassandra.config_file' });
  const settings = settingsFrom('cassandra.yaml', (name) => textAt(root as Record<string, unknown>, name));
  return { ...settings, cdcEnabled: settings.cdcEnabled ?? false };
}

/** Options with parameters stand as a list of one. */
function textAt(root: Record<string, unknown>, name: string): string | undefined {
  let value: unknown = root;
  for (const part of name.split('.')) {
    if (Array.isArray(value)) value = value[0];
    value = value !== null && typeof value === 'object' && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
