/** Where segments are and go: cdc_raw, the spool and quarantine on the same filesystem, the agent's own state. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCassandraYaml } from '../cassandra/cassandra-yaml.js';
import type { NodeSettings } from '../cassandra/settings.js';
import type { AgentConfig } from '../config/declaration.js';
import { ConfigError, IoError } from '../errors.js';
import { mountPointOf } from '../files/mount-point.js';
import { cannotWrite } from '../files/replace-file.js';

export interface Directories {
  readonly raw: string;
  /** Undefined: none is configured, and the state directory is on another filesystem or in another mount. */
  readonly spool: string | undefined;
  readonly quarantine: string | undefined;
  /** User id of Cassandra, by the owner of cdc_raw; undefined where that says nothing. */
  readonly owner: number | undefined;
}

const DEBIAN_CDC_RAW = '/var/lib/cassandra/cdc_raw';

/** What cassandra.yaml says; null when it can't be read. */
export async function settingsOfYaml(file: string): Promise<NodeSettings | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return null;
  }
  return parseCassandraYaml(text, file);
}

/** Makes what is missing of the agent's own. Throws ConfigError, IoError. */
export function openDirectories(config: AgentConfig, settings: NodeSettings | null): Directories {
  const { raw, spool, quarantine, owner } = directoriesOf(config, settings);
  if (spool === undefined || quarantine === undefined) return { raw, spool, quarantine, owner };
  make(spool);
  if (!mayRename(raw, spool)) {
    throw new ConfigError('spool_other_filesystem', `source.spool.directory ${spool} is not on the filesystem of ${raw}, or in another mount of it: segments can't be moved there`, {
      fix: `choose a directory beside cdc_raw, such as ${join(dirname(raw), 'cdc_spool')}; as a service, both below one path of ReadWritePaths= (cassandra-cdc-agent-rights sees to it)`,
    });
  }
  return { raw, spool, quarantine: made(quarantine, spool), owner };
}

/** The same places, nothing made. Throws IoError. */
export function directoriesOf({ source, state_directory: state }: AgentConfig, settings: NodeSettings | null): Directories {
  const raw = source.cdc_raw_directory ?? settings?.cdcRawDirectory ?? DEBIAN_CDC_RAW;
  const { uid } = look(raw);
  const spool = source.spool.directory ?? (mayRename(raw, state) ? join(state, 'spool') : undefined);
  return { raw, spool, quarantine: spool === undefined ? undefined : quarantineBeside(spool, spool !== join(state, 'spool')), owner: uid === 0 ? undefined : uid };
}

/** Inside of the spool where an earlier start could not make it beside. */
function quarantineBeside(spool: string, isConfigured: boolean): string {
  const beside = join(dirname(spool), `${isConfigured ? 'cdc_' : ''}quarantine`);
  const inside = quarantineInside(spool);
  return !existsSync(beside) && existsSync(inside) ? inside : beside;
}

function quarantineInside(spool: string): string {
  return join(spool, 'quarantine');
}

export function openStateDirectory(path: string): void {
  make(path);
}

/** What cdc_raw may hold: cdc_total_space, by default the smaller of 4 GiB and an eighth of the volume. */
export async function totalSpaceOf(raw: string, settings: NodeSettings | null): Promise<number | null> {
  const configured = settings?.cdcTotalSpace ?? 0;
  if (configured > 0) return configured;
  try {
    const { blocks, bsize } = await statfs(raw);
    return Math.min(4 * 2 ** 30, Math.floor((blocks * bsize) / 8));
  } catch {
    return null;
  }
}

/** Beside the spool where the agent may write there, else inside of it. */
function made(quarantine: string, spool: string): string {
  try {
    make(quarantine);
    return quarantine;
  } catch {
    const inside = quarantineInside(spool);
    make(inside);
    return inside;
  }
}

function make(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** From one directory to the other. */
function mayRename(from: string, to: string): boolean {
  return look(from).dev === look(to).dev && mountPointOf(from) === mountPointOf(to);
}

function look(path: string): { readonly dev: number; readonly uid: number } {
  try {
    return statSync(path);
  } catch (cause) {
    throw new IoError('directory_missing', `${path} can't be looked at: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { fix: 'correct source.cdc_raw_directory (Cassandra makes it when cdc_enabled is true), or let the agent\'s user in: cassandra-cdc-agent check', cause });
  }
}
