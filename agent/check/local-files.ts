/** FilesPort on this machine. */
import { constants } from 'node:fs';
import { access, readFile, readdir, stat, statfs } from 'node:fs/promises';
import type { FilesPort, FileStatus } from './ports.js';

const RIGHT = { read: constants.R_OK, write: constants.W_OK, search: constants.X_OK } as const;

export const localFiles: FilesPort = {
  async status(path): Promise<FileStatus | null> {
    try {
      const found = await stat(path);
      return { isDirectory: found.isDirectory(), mode: found.mode & 0o7777, uid: found.uid, size: found.size, filesystem: `${found.dev} ${await mountPointOf(path)}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  may: (path, right) => access(path, RIGHT[right]).then(() => true, () => false),
  list: (directory) => readdir(directory),
  read: (path) => readFile(path, 'utf8'),
  async space(path) {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
};

/** Two mounts of one filesystem (bind mounts, volumes of a container) refuse a rename between them; the device number does not show it. */
async function mountPointOf(path: string): Promise<string> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return longestMountPoint(text, path);
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
