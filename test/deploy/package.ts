/** The package under test, built once, and machines that have it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { projectRoot } from '../helpers/project-root.js';
import { removeOnExit } from '../lab/process.js';
import { Machine, type MachineOptions } from './machine.js';
import { makeCassandraUser } from './node.js';

export const UNIT = 'cassandra-cdc-agent.service';
export const AGENT = 'cassandra-cdc';

const built = new Map<string, string>();

/** Path of the .deb. `revision` makes a later one of the same code. */
export function debPackage(revision = '1'): string {
  const known = built.get(revision);
  if (known !== undefined) return known;
  const out = mkdtempSync(join(tmpdir(), 'cdc-deb-out-'));
  removeOnExit(out);
  const file = buildPackage(out, ['--revision', revision]);
  built.set(revision, file);
  return file;
}

export function buildPackage(out: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, [join(projectRoot, 'dist/deploy/deb/build.js'), '--fast', '--out', out, ...args], { encoding: 'utf8', env: { SOURCE_DATE_EPOCH: '1700000000', ...process.env, ...env } }).trim();
}

/** Copies a package into the machine; returns its path there. */
export async function copyPackage(machine: Machine, file: string): Promise<string> {
  const path = `/srv/${basename(file)}`;
  await machine.write(path, readFileSync(file));
  return path;
}

/** As the operator page says: apt install ./FILE. */
export async function install(machine: Machine, file = debPackage()): Promise<string> {
  return machine.must(`apt-get install -y ${await copyPackage(machine, file)}`);
}

/** A machine with the package, and with the user that Cassandra's own package makes. */
export async function machineWithPackage(options: MachineOptions = {}): Promise<Machine> {
  const machine = await Machine.boot(options);
  try {
    await makeCassandraUser(machine);
    await install(machine);
    return machine;
  } catch (error) {
    await machine.remove();
    throw error;
  }
}
