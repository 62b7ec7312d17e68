/** FilesPort on this machine. */
import { constants } from 'node:fs';
import { access, readFile, readdir, stat, statfs } from 'node:fs/promises';
import { mountPointOf } from '../files/mount-point.js';
import type { FilesPort, FileStatus } from './ports.js';

const RIGHT = { read: constants.R_OK, write: constants.W_OK, search: constants.X_OK } as const;

export const localFiles: FilesPort = {
  async status(path): Promise<FileStatus | null> {
    try {
      const found = await stat(path);
      return { isDirectory: found.isDirectory(), mode: found.mode & 0o7777, uid: found.uid, size: found.size, filesystem: `${found.dev} ${mountPointOf(path)}` };
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
