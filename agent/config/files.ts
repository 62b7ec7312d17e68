/** The edge: reads the configuration file and the files that it refers to. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, IoError } from '../errors.js';
import { loadConfig, type LoadedConfig } from './load.js';
import type { SecretFile } from './references.js';
import { DECLARATION } from './declaration.js';
import { secretsInFile } from './secrets-in-file.js';

const LARGEST_SECRET = 256 * 1024;

/** Throws ConfigError with every mistake, IoError when the file can't be read. */
export function readConfigFile(file: string, { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string }): LoadedConfig {
  const path = resolve(cwd, file);
  const { text, worldReadable } = readText(path, file);
  const loaded = loadConfig({ text, file, directory: dirname(path), sources: { env, readSecretFile } });
  const literal = worldReadable ? secretsInFile(DECLARATION, loaded.tree) : [];
  const warnings = literal.map(({ key, place }) => ({ file, ...place, key, message: 'is a secret in a file that every user of this host can read', fix: `move it out with \${credential:NAME} or \${file:/path}, or chmod o= ${path}` }));
  return { ...loaded, warnings: [...loaded.warnings, ...warnings] };
}

function readText(path: string, file: string): SecretFile {
  try {
    return readRegularFile(path, 16 << 20);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    if (error instanceof TypeError) throw new ConfigError('CONFIG_NOT_UTF8', `${file} is not UTF-8 text`, { fix: 'save it as UTF-8', cause: error });
    if (code === 'ENOENT') throw new ConfigError('CONFIG_NOT_FOUND', `${file} does not exist`, { fix: `write one: cassandra-cdc-agent config defaults > ${file}`, cause: error });
    throw new IoError('CONFIG_UNREADABLE', `${file} can't be read: ${code}`, { fix: code === 'EACCES' ? `let the agent's user read ${path}` : 'give the path of a YAML file', cause: error });
  }
}

/** Throws as node:fs does. */
export function readSecretFile(path: string): SecretFile {
  return readRegularFile(path, LARGEST_SECRET);
}

/** A FIFO would block and a device never end: regular files only. UTF-8, else TypeError. */
function readRegularFile(path: string, largest: number): SecretFile {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error('not a regular file');
    if (status.size > largest) throw new Error(`larger than ${largest} bytes`);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(descriptor));
    return { text, worldReadable: (status.mode & 0o004) !== 0 };
  } finally {
    closeSync(descriptor);
  }
}
