/** Why a path could not be read, for the operator. */
import { IoError } from '../errors.js';

const REASONS: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  ENOENT: ['does not exist', 'check the path'],
  ENOTDIR: ['is not a directory', 'name the directory that Cassandra\'s cdc_raw_directory names, or a copy of it'],
  EACCES: ['can\'t be read: permission denied', 'run as a user of Cassandra\'s group, with read access to cdc_raw'],
  ELOOP: ['is a symbolic link', 'put the file itself there: links are not followed in cdc_raw'],
};

export function cannotRead(path: string, cause: unknown): IoError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const [what, fix] = REASONS[code] ?? [`can't be read: ${code}`, 'check the disk and the path'];
  return new IoError('read_failed', `${path} ${what}`, { fix, cause });
}
