/** Files of the package: each with its mode and place, written into a staging directory with one time for all. */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, lutimesSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface PackageFile {
  /** Without the leading slash. */
  readonly path: string;
  readonly mode?: number;
  /** Bytes, or the file to copy. */
  readonly content: Buffer | string | { readonly from: string };
}

/** Every file below a directory, for `PackageFile.content`. */
export function filesBelow(from: string, to: string): PackageFile[] {
  if (!existsSync(from)) return [];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: join(to, relative(from, path)), content: { from: path } }));
}

/** Modes don't depend on the builder's umask or checkout, times are `epoch` (seconds). */
export function stage(root: string, files: readonly PackageFile[], epoch: number): void {
  for (const { path, mode = 0o644, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(target, content);
    else copyFileSync(content.from, target);
    chmodSync(target, mode);
  }
  for (const path of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) {
    const full = join(root, path);
    if (statSync(full).isDirectory()) chmodSync(full, 0o755);
    lutimesSync(full, epoch, epoch);
  }
}

/** As dpkg checks them: md5 of each file, by path. */
export function md5sums(root: string): string {
  return filesBelow(root, '').filter(({ path }) => !path.startsWith('DEBIAN/')).map(({ path }) => `${createHash('md5').update(readFileSync(join(root, path))).digest('hex')}  ${path}\n`).join('');
}

/** KiB, as Installed-Size counts: each file rounded up. */
export function installedSize(root: string): number {
  return filesBelow(root, '').reduce((sum, { path }) => sum + Math.ceil(statSync(join(root, path)).size / 1024), 0);
}
