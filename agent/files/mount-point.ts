/**
 * Two mounts of one filesystem (bind mounts, volumes of a container, each path of systemd's ReadWritePaths=) refuse a rename
 * between them with EXDEV; the device number does not show it.
 */
import { readFileSync, realpathSync } from 'node:fs';

/** Where the filesystem that holds `path` is mounted; empty where the system does not tell. */
export function mountPointOf(path: string): string {
  try {
    return longestMountPoint(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(path));
  } catch {
    return '';
  }
}

/** proc(5): the fifth field is the mount point, with blanks as \040. */
export function longestMountPoint(mountinfo: string, path: string): string {
  let longest = '';
  for (const line of mountinfo.split('\n')) {
    const point = (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_whole, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
    if (point !== '' && isAbove && point.length > longest.length) longest = point;
  }
  return longest;
}
