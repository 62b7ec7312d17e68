/**
 * The Node that the package carries: one version, pinned by the checksum of the package that it comes in and of the
 * executable itself, so that a build fails rather than take another.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, projectRoot } from './paths.js';

export const ARCHITECTURES = ['amd64', 'arm64'] as const;
/** As Debian names them. */
export type Architecture = (typeof ARCHITECTURES)[number];

interface Pin {
  readonly package: string;
  /** Of the npm package, as in a lockfile. */
  readonly integrity: string;
  /** Of bin/node, hex. */
  readonly sha256: string;
}

export interface Runtime {
  readonly version: string;
  readonly sha256: string;
  /** Of npm. */
  readonly package: string;
  readonly executable: string;
  readonly licence: string;
}

export function pinnedRuntime(): { readonly version: string; readonly architectures: Readonly<Record<Architecture, Pin>> } {
  return JSON.parse(readFileSync(join(projectRoot, 'deploy/deb/runtime.json'), 'utf8')) as ReturnType<typeof pinnedRuntime>;
}

/** From the cache, or by npm into it. Throws when a checksum is another. */
export function fetchRuntime(architecture: Architecture): Runtime {
  const { version, architectures } = pinnedRuntime();
  const { package: name, integrity, sha256 } = architectures[architecture];
  const directory = join(cacheDirectory(), 'node', `${name}-${version}`);
  if (!existsSync(directory)) unpack({ name, version, integrity, directory });
  const runtime = { version, sha256, package: name, executable: join(directory, 'bin/node'), licence: join(directory, 'LICENSE') };
  const found = digest('sha256', readFileSync(runtime.executable)).toString('hex');
  if (found !== sha256) throw new Error(`${runtime.executable} has the SHA-256 ${found}, pinned is ${sha256}: remove ${directory} and build again`);
  return runtime;
}

function unpack({ name, version, integrity, directory }: { readonly name: string; readonly version: string; readonly integrity: string; readonly directory: string }): void {
  mkdirSync(join(directory, '..'), { recursive: true });
  const work = mkdtempSync(`${directory}.`);
  try {
    execFileSync('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', work], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    const archive = join(work, `${name}-${version}.tgz`);
    const found = `sha512-${digest('sha512', readFileSync(archive)).toString('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} has the checksum ${found}, pinned is ${integrity}`);
    execFileSync('tar', ['-xzf', archive, '-C', work, 'package/bin/node', 'package/LICENSE'], { stdio: 'inherit' });
    renameSync(join(work, 'package'), directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function digest(algorithm: string, bytes: Buffer): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
