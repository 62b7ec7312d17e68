/** A Debian file system to boot, made once by debootstrap and kept in the cache. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../lab/cache.js';
import { withLock } from '../lab/lock.js';

/** $CDC_DEBIAN_SUITE: the same on another release. */
const SUITE = process.env['CDC_DEBIAN_SUITE'] ?? 'bookworm';
const BASE = ['systemd', 'systemd-sysv', 'dbus', 'procps', 'acl', 'ca-certificates'];
/** By apt: debootstrap knows no virtual packages. promtool comes with prometheus. */
const ADDED = ['ansible-core', 'python3-apt', 'prometheus'];
/** Services of the file system that have nothing to do in a test. */
const MASKED = ['console-getty.service', 'prometheus.service', 'apt-daily.timer', 'apt-daily-upgrade.timer', 'systemd-networkd-wait-online.service', 'systemd-udevd.service', 'systemd-resolved.service'];

export async function debianRoot(): Promise<string> {
  const name = createHash('sha256').update(JSON.stringify([SUITE, BASE, ADDED, MASKED])).digest('hex').slice(0, 12);
  const root = join(cacheDirectory(), 'root', `${SUITE}-${name}`);
  mkdirSync(join(root, '..'), { recursive: true });
  return withLock(`${root}.lock`, () => Promise.resolve(existsSync(root) ? root : make(root)));
}

function make(root: string): string {
  const work = mkdtempSync(`${root}.`);
  try {
    quietly('debootstrap', ['--variant=minbase', `--include=${BASE.join(',')}`, SUITE, work]);
    cpSync('/etc/resolv.conf', join(work, 'etc/resolv.conf'));
    const inside = (...args: string[]): void => quietly('chroot', [work, 'env', 'DEBIAN_FRONTEND=noninteractive', ...args]);
    inside('apt-get', 'install', '-y', '--no-install-recommends', ...ADDED);
    inside('apt-get', 'clean');
    inside('systemctl', 'mask', ...MASKED);
    renameSync(work, root);
    return root;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function quietly(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`);
}

/** Why no machine can be booted here, or null. Under CI what apt can install is installed. Makes the file system. */
export async function obstacleToBoot(): Promise<string | null> {
  if (process.platform !== 'linux') return 'it boots a Linux system';
  if (process.getuid?.() !== 0) return 'it boots a system in namespaces of its own: run as root';
  const missing = { debootstrap: 'debootstrap', 'dpkg-deb': 'dpkg', unshare: 'util-linux', nsenter: 'util-linux' };
  const packages = [...new Set(Object.entries(missing).filter(([tool]) => !isThere(tool)).map(([, name]) => name))];
  if (packages.length > 0 && process.env['CI'] === 'true' && isThere('apt-get')) {
    const { status } = spawnSync('sh', ['-c', 'apt-get update -q; DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"', 'sh', ...packages], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status === 0) packages.length = 0;
  }
  if (packages.length > 0) return `not found: ${packages.join(', ')} (Debian: apt-get install ${packages.join(' ')})`;
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', 'true'], { stdio: 'ignore' });
  if (status !== 0) return 'this system does not allow namespaces of one\'s own';
  return debianRoot().then(() => null, (error: unknown) => `no Debian file system could be made: ${(error as Error).message}`);
}

function isThere(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' }).status === 0;
}
