/** What the node's settings do to change data capture. */
import { commitLogModeOf } from '../../cassandra/commit-log-mode.js';
import type { Facts } from '../facts.js';
import { bytesText, durationText, fail, ok, warn, type Finding } from '../finding.js';

/** A row that takes longer to be seen is worth a word. */
const LONG_FLOOR_MS = 1000;
const DEFAULT_CDC_SPACE = 4 * 2 ** 30;
const FEW_SEGMENTS = 8;

/** Where settings come from, and whether both sources say the same of CDC. */
export async function checkSources(facts: Facts): Promise<Finding[]> {
  const [inForce, yaml] = [await facts.inForce(), await facts.yaml()];
  const file = facts.config.cassandra.config_file;
  const username = facts.config.cassandra.username ?? 'ROLE';
  const grant = [`cqlsh -e "GRANT SELECT ON KEYSPACE system_views TO ${username}"`];
  if (inForce.value != null && yaml.value !== undefined) {
    const differs = (['cdcEnabled', 'commitlogSync', 'cdcBlockWrites'] as const).filter((name) => yaml.value[name] !== undefined && inForce.value?.[name] !== undefined && yaml.value[name] !== inForce.value[name]);
    if (differs.length > 0) return [warn('settings', `${file} says something else than the running node (${differs.join(', ')})`, { fix: 'restart the node, or correct cassandra.config_file' })];
    return [ok('settings', `read from the node, and from ${file}`)];
  }
  if (inForce.value != null) return [ok('settings', `read from the node (${file} can't be read, and needn't be)`)];
  const why = inForce.error === undefined ? 'the role may not see system_views.settings' : 'the node can\'t be asked';
  if (yaml.value !== undefined) return [ok('settings', `read from ${file}; what is in force can't be seen: ${why}`)];
  return [warn('settings', `the node's settings can't be seen: ${why}, and ${file} can't be read (${codeOf(yaml.error)}); cdc_enabled, sync mode and space are not checked`, { fix: 'let the agent\'s user read cassandra.config_file, or grant:', commands: grant })];
}

export async function checkCdcEnabled(facts: Facts): Promise<Finding[]> {
  const settings = await facts.settings();
  if (settings === null || settings.cdcEnabled === undefined) return [];
  if (settings.cdcEnabled) return [ok('cdc_enabled', `cdc_enabled is true (${settings.source})`)];
  return [fail('cdc_enabled', `cdc_enabled is false (${settings.source}): the node writes nothing to cdc_raw`, { fix: 'set "cdc_enabled: true" in cassandra.yaml on every node, and restart it' })];
}

export async function checkLatency(facts: Facts): Promise<Finding[]> {
  const settings = await facts.settings();
  if (settings === null) return [];
  const isBefore41 = (await facts.node()).value?.releaseVersion.startsWith('4.0') === true;
  const { mode, sync, latencyFloorMs } = commitLogModeOf(settings);
  const how = `${mode === 'auto' ? 'direct I/O or mmap, as the node chose' : mode}, ${sync} sync`;
  const message = latencyFloorMs === 0 ? `written rows can be seen at once (${how})` : `written rows can be seen within ${durationText(latencyFloorMs)} (${how})`;
  if (latencyFloorMs <= LONG_FLOOR_MS) return [ok('commit_log', message)];
  return [warn('commit_log', `${message}: no event can come sooner`, { fix: sync === 'group' ? 'set "commitlog_sync_group_window: 200ms" in cassandra.yaml' : `set "${isBefore41 ? 'commitlog_sync_period_in_ms: 200' : 'commitlog_sync_period: 200ms'}" in cassandra.yaml` })];
}

export async function checkSpace(facts: Facts): Promise<Finding[]> {
  const [settings, { path }] = [await facts.settings(), await facts.cdcRaw()];
  const { files } = facts.ports;
  const space = await files.space(path).catch(() => undefined);
  if (settings === null || space === undefined) return [];
  const isSet = settings.cdcTotalSpace !== undefined && settings.cdcTotalSpace > 0;
  const limit = isSet ? (settings.cdcTotalSpace) : Math.min(DEFAULT_CDC_SPACE, space.total / 8);
  const segment = settings.commitlogSegmentSize ?? 32 * 2 ** 20;
  const used = await usedIn(facts, path);
  const message = `cdc_total_space is ${bytesText(limit)}${isSet ? '' : ' (Cassandra\'s default)'}, ${bytesText(used)} of it used`;
  if (used > limit * 0.8) return [warn('cdc_total_space', `${message}: nearly full${settings.cdcBlockWrites === false ? '' : ', then writes to CDC tables are refused'}`, { fix: 'start the agent, or raise cdc_total_space' })];
  if (limit < FEW_SEGMENTS * segment) return [warn('cdc_total_space', `${message}: fewer than ${FEW_SEGMENTS} segments of ${bytesText(segment)}`, { fix: 'raise cdc_total_space in cassandra.yaml to 4GiB, or as much as the disk allows' })];
  return [ok('cdc_total_space', message)];
}

async function usedIn(facts: Facts, directory: string): Promise<number> {
  let used = 0;
  for (const name of await facts.ports.files.list(directory).catch(() => [])) used += (await facts.status(`${directory}/${name}`)).value?.size ?? 0;
  return used;
}

export async function checkBlocking(facts: Facts): Promise<Finding[]> {
  const settings = await facts.settings();
  if (settings === null) return [];
  const findings: Finding[] = [];
  if (settings.cdcBlockWrites === false) {
    findings.push(warn('cdc_block_writes', 'cdc_block_writes is false: when cdc_raw is full, Cassandra deletes the oldest segments, read or not', { fix: 'set "cdc_block_writes: true" if a lost change is worse than a refused write; the agent keeps what it has open, and a lost segment becomes a gap event' }));
  } else {
    findings.push(ok('cdc_block_writes', 'when cdc_raw is full, Cassandra refuses writes to CDC tables; the spool keeps that away'));
  }
  if (settings.cdcOnRepairEnabled === false) {
    findings.push(warn('cdc_on_repair_enabled', 'cdc_on_repair_enabled is false: a change that reaches this node by repair only is never published', { fix: 'set "cdc_on_repair_enabled: true" in cassandra.yaml' }));
  }
  return findings;
}

export async function checkEncryption(facts: Facts): Promise<Finding[]> {
  const settings = await facts.settings();
  if (settings?.isEncrypted !== true) return [];
  const { encryption_key: key, encryption_key_file: file } = facts.config.source;
  if (key !== undefined || file !== undefined) return [ok('encryption', 'the commit log is encrypted, and a key is configured')];
  return [fail('encryption', 'the commit log is encrypted, and no key is configured', { fix: 'export the key from Cassandra\'s keystore and set source.encryption_key_file or source.encryption_key' })];
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
