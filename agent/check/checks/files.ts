/** Directories and files: that they are there, and that the agent's user may do what it must. */
import { dirname, join } from 'node:path';
import type { Facts } from '../facts.js';
import { bytesText, fail, ok, warn, type Finding } from '../finding.js';
import type { FileStatus } from '../ports.js';

const STICKY = 0o1000;
const OTHERS = 0o007;
const SEGMENT = /^CommitLog-\d+-(\d+)\.log$/;

export function checkUser({ ports }: Facts): Promise<Finding[]> {
  const { name, uid } = ports.user;
  if (uid !== 0) return Promise.resolve([ok('user', `checked as ${name}`)]);
  return Promise.resolve([warn('user', 'checked as root, who may do everything: rights of the agent\'s user are not seen', { fix: 'check as the agent\'s user; the first line comes with the package, and sees credentials and sandbox as the service does:', commands: ['cassandra-cdc-agent-as-service check', 'sudo -u cassandra-cdc cassandra-cdc-agent check'] })]);
}

export async function checkCdcRaw(facts: Facts): Promise<Finding[]> {
  const { path, source } = await facts.cdcRaw();
  const { value: status, error } = await facts.status(path);
  if (error !== undefined) return [fail('cdc_raw', `${path} can't be looked at: ${codeOf(error)}`, await rights(facts, path))];
  if (status === null) return [fail('cdc_raw', `${path} (from ${source}) does not exist`, { fix: 'correct source.cdc_raw_directory; Cassandra makes the directory when cdc_enabled is true' })];
  if (!status.isDirectory) return [fail('cdc_raw', `${path} (from ${source}) is no directory`, { fix: 'correct source.cdc_raw_directory' })];
  const findings = await directoryRights(facts, path, status);
  const expected = (await facts.settings())?.cdcRawDirectory;
  if (expected !== undefined && expected !== path) findings.push(warn('cdc_raw_directory', `source.cdc_raw_directory is ${path}, the node writes to ${expected}`, { fix: 'name the directory as the node does, unless it is mounted elsewhere here' }));
  return findings;
}

async function directoryRights(facts: Facts, path: string, status: FileStatus): Promise<Finding[]> {
  const { files, user } = facts.ports;
  const [mayRead, mayWrite, maySearch] = [await files.may(path, 'read'), await files.may(path, 'write'), await files.may(path, 'search')];
  const lacks = [mayRead && maySearch ? '' : 'read', mayWrite ? '' : 'write (segments are moved and deleted)'].filter((one) => one !== '');
  if (lacks.length > 0) return [fail('cdc_raw', `${user.name} may not ${lacks.join(' or ')} ${path}`, await rights(facts, path))];
  if ((status.mode & STICKY) !== 0 && status.uid !== user.uid && user.uid !== 0) {
    return [fail('cdc_raw', `${path} has the sticky bit: only Cassandra may move its files`, { fix: 'take it away:', commands: [`chmod -t ${path}`] })];
  }
  const segments = (await files.list(path)).filter((name) => SEGMENT.test(name)).sort((a, b) => Number(SEGMENT.exec(b)?.[1]) - Number(SEGMENT.exec(a)?.[1]));
  if (segments.length === 0) return [warn('cdc_raw', `${path} holds no segment: rights of its files can't be seen`, { fix: 'check again when Cassandra runs with cdc_enabled: true' })];
  for (const name of segments) {
    if (!(await files.may(join(path, name), 'read'))) return [fail('cdc_raw', `${user.name} may not read ${join(path, name)}`, await rights(facts, path))];
  }
  return [ok('cdc_raw', `${path} holds ${segments.length} ${segments.length === 1 ? 'segment' : 'segments'}; reading, moving and deleting is allowed`)];
}

/** Both ways that work; an ACL on cdc_raw alone does not reach files, which are made in the commit-log directory. */
async function rights(facts: Facts, path: string): Promise<{ readonly fix: string; readonly commands: readonly string[] }> {
  const agent = facts.ports.user.uid === 0 ? 'cassandra-cdc' : facts.ports.user.name;
  const log = await facts.commitlogDirectory();
  return {
    fix: `let cassandra-cdc-agent-rights do it (it comes with the package); or let ${agent} in by an ACL (the next three lines), or put it into Cassandra's group and run Cassandra with umask 0027 (the other two):`,
    commands: [
      'cassandra-cdc-agent-rights',
      `setfacl -m u:${agent}:rwx -m d:u:${agent}:r ${path}`,
      `setfacl -m d:u:${agent}:r ${log}`,
      `find ${path} -name '*.log' -exec setfacl -m u:${agent}:r {} +`,
      `usermod -aG cassandra ${agent}`,
      `chmod 2770 ${path}`,
    ],
  };
}

export async function checkSpool(facts: Facts): Promise<Finding[]> {
  const configured = facts.config.source.spool.directory;
  const [{ path: raw }, path] = [await facts.cdcRaw(), facts.spool()];
  const place = await existing(facts, path);
  const rawStatus = (await facts.status(raw)).value;
  if (rawStatus == null) return [];
  if (place === null) return [fail('spool', `the spool ${path} can't be looked at`, { fix: 'make the directory, and give it to the agent\'s user' })];
  if (place.status.filesystem !== rawStatus.filesystem) {
    const fix = { fix: 'set source.spool.directory to a directory beside cdc_raw:', commands: [`install -d -o ${facts.ports.user.name} -m 0750 ${join(dirname(raw), 'cdc_spool')}`] };
    if (configured === undefined) return [warn('spool', `no spool: ${path} is on another filesystem than ${raw}, so segments stay in cdc_raw while Kafka is away, and Cassandra refuses CDC writes when it is full`, fix)];
    return [fail('spool', `source.spool.directory ${path} is on another filesystem than ${raw}: segments can't be moved there`, fix)];
  }
  if (!(await facts.ports.files.may(place.path, 'write'))) return [fail('spool', `${facts.ports.user.name} may not write ${place.path}`, { fix: 'give the spool to the agent\'s user:', commands: [`install -d -o ${facts.ports.user.name} -m 0750 ${path}`] })];
  const { limit } = facts.config.source.spool;
  const { free } = await facts.ports.files.space(place.path);
  if (free < limit) return [warn('spool', `the spool ${path} may take ${bytesText(limit)}, its filesystem has ${bytesText(free)} free`, { fix: 'make room, or lower source.spool.limit' })];
  return [ok('spool', `${path}, at most ${bytesText(limit)}, on the filesystem of cdc_raw`)];
}

const STATE_ROOM = 256 * 2 ** 20;

export async function checkState(facts: Facts): Promise<Finding[]> {
  const path = facts.config.state_directory;
  const { name } = facts.ports.user;
  const make = { fix: 'make it for the agent\'s user:', commands: [`install -d -o ${name} -m 0750 ${path}`] };
  const place = await existing(facts, path);
  if (place === null || !place.status.isDirectory) return [fail('state_directory', `${path} can't be used`, make)];
  const { files } = facts.ports;
  if (!(await files.may(place.path, 'write')) || !(await files.may(place.path, 'search'))) return [fail('state_directory', `${name} may not write ${place.path === path ? path : `${path} (it does not exist)`}`, make)];
  if (place.path !== path) return [ok('state_directory', `${path} will be made at the first start`)];
  const findings: Finding[] = [];
  if ((place.status.mode & OTHERS) !== 0) findings.push(warn('state_directory', `${path} is open to every user of this host; table definitions and positions lie in it`, { fix: 'close it:', commands: [`chmod o= ${path}`] }));
  const { free } = await files.space(path);
  if (free < STATE_ROOM) findings.push(warn('state_directory', `${path} has ${bytesText(free)} free`, { fix: `make room: ${bytesText(STATE_ROOM)} is plenty` }));
  return findings.length > 0 ? findings : [ok('state_directory', `${path} is the agent's to write`)];
}

/** The path itself, or the nearest parent that is there; null when it can't be looked at. */
async function existing(facts: Facts, path: string): Promise<{ readonly path: string; readonly status: FileStatus } | null> {
  for (let at = path; ; at = dirname(at)) {
    const { value, error } = await facts.status(at);
    if (error !== undefined) return null;
    if (value !== null) return { path: at, status: value };
    if (at === dirname(at)) return null;
  }
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
