/**
 * A Debian machine with a real systemd, without Docker: its own namespaces, this host's network.
 *
 *   const machine = await Machine.boot({ shows: { '/var/lib/cassandra': node.directory } });
 *   await machine.run('systemctl is-system-running');
 *   await machine.remove();
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabProcess, removeOnExit } from '../lab/process.js';
import { projectRoot } from '../helpers/project-root.js';
import { debianRoot } from './root.js';

export interface MachineOptions {
  /** Directories of this host by the path that they get in the machine. */
  readonly shows?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly code: number;
  /** Standard output and error as they came. */
  readonly text: string;
}

const BOOT_MS = 60_000;
let machines = 0;

export class Machine {
  readonly #process: LabProcess;
  readonly #instance: string;
  readonly #owned: { release(): void };
  readonly #group: string;
  readonly #init: number;

  private constructor(place: { readonly process: LabProcess; readonly instance: string; readonly owned: { release(): void }; readonly group: string; readonly init: number }) {
    this.#process = place.process;
    this.#instance = place.instance;
    this.#owned = place.owned;
    this.#group = place.group;
    this.#init = place.init;
  }

  /** Resolves when the system is up. */
  static async boot({ shows = {} }: MachineOptions = {}): Promise<Machine> {
    const root = await debianRoot();
    const instance = mkdtempSync(join(tmpdir(), 'cdc-machine-'));
    const owned = removeOnExit(instance);
    const group = `cdc-test-${process.pid}-${machines++}`;
    const pairs = Object.entries(shows).map(([to, from]) => `${from}:${to}`);
    // In control groups of its own, so that the namespace's root is ours and nothing of it stays.
    const start = `for at in /sys/fs/cgroup /sys/fs/cgroup/*/; do [ -e "$at/cgroup.procs" ] && mkdir -p "$at/${group}" && echo $$ > "$at/${group}/cgroup.procs"; done 2>/dev/null
      exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child bash "$@"`;
    const command = await LabProcess.start({ name: 'a Debian machine', command: 'bash', args: ['-c', start, 'bash', join(projectRoot, 'test/deploy/boot.sh'), root, instance, ...pairs], logFile: join(instance, 'boot.log') });
    const deadline = Date.now() + BOOT_MS;
    for (;;) {
      const init = childOf(command.pid);
      if (init !== undefined) {
        const machine = new Machine({ process: command, instance, owned, group, init });
        const { text } = await machine.run('systemctl is-system-running');
        if (/^(running|degraded)$/m.test(text)) return machine;
      }
      if (command.hasEnded || Date.now() > deadline) throw new Error(`the machine did not boot: ${command.logTail()}`);
      await sleep(200);
    }
  }

  /** Runs a shell command as root, in the machine. */
  run(command: string, { input = '', timeoutMs = 120_000 }: { readonly input?: string | Buffer; readonly timeoutMs?: number } = {}): Promise<Answer> {
    return new Promise((resolve) => {
      const args = ['-t', String(this.#init), '-m', '-p', '-u', '-i', '-C', '-r', '-w', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/srv', 'LC_ALL=C.UTF-8', 'bash', '-c', `{ ${command}\n} 2>&1`];
      const child = execFile('nsenter', args, { maxBuffer: 1 << 28, timeout: timeoutMs }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, text: `${stdout}${stderr}` });
      });
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  /** As `run`; throws what it printed when it fails. */
  async must(command: string, options: { readonly input?: string | Buffer; readonly timeoutMs?: number } = {}): Promise<string> {
    const { code, text } = await this.run(command, options);
    if (code !== 0) throw new Error(`${command}\nended with ${code}: ${text}`);
    return text;
  }

  /** As another user, with this user's groups as they are now. */
  as(user: string, command: string): Promise<Answer> {
    return this.run(`setpriv --reuid ${user} --regid ${user} --init-groups -- sh -c ${quoted(command)}`);
  }

  async write(path: string, content: string | Buffer, mode = '0644'): Promise<void> {
    await this.must(`mkdir -p "$(dirname ${quoted(path)})" && cat > ${quoted(path)} && chmod ${mode} ${quoted(path)}`, { input: content });
  }

  /** Of a unit, as `systemctl show` names it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.must(`systemctl show -p ${name} --value ${unit}`)).trim();
  }

  async remove(): Promise<void> {
    await this.#process.kill9();
    // What was in it ends a moment after its first process.
    for (let attempt = 0; attempt < 20 && !removeGroups(this.#group); attempt++) await sleep(100);
    rmSync(this.#instance, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    this.#owned.release();
  }
}

export function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** The first child of a process: `unshare` forks the machine's first one. */
function childOf(pid: number): number | undefined {
  try {
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
    return child > 0 ? child : undefined;
  } catch {
    return undefined;
  }
}

/** False: something in it is still ending. */
function removeGroups(name: string): boolean {
  const isGone = (directory: string): boolean => {
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => isGone(join(directory, entry.name)));
    try {
      rmdirSync(directory);
      return below.every(Boolean);
    } catch {
      return false;
    }
  };
  const root = '/sys/fs/cgroup';
  const places = [root, ...readdirSync(root).map((controller) => join(root, controller))].map((at) => join(at, name)).filter((at) => existsSync(at));
  return places.map(isGone).every(Boolean);
}
