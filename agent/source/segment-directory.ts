/** What stands in cdc_raw: segments by number, everything else left alone. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSegmentFileName } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import { cannotRead } from './read-error.js';

export interface SegmentFile {
  readonly path: string;
  readonly name: string;
  /** As in the name: the header must say the same. */
  readonly id: number;
  /** A fixture: `.log.gz`. */
  readonly isPacked: boolean;
}

const PACKED = '.gz';

/**
 * Segments of a directory by id, never by name: `CommitLog-7-9.log` comes before `CommitLog-7-10.log`. Throws IoError
 * when the directory can't be read, or two names have one id.
 */
export function listSegments(directory: string, options: { readonly packed: boolean }): SegmentFile[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    throw cannotRead(directory, cause);
  }
  const files = names.flatMap((name): SegmentFile[] => {
    const isPacked = options.packed && name.endsWith(PACKED);
    const parsed = parseSegmentFileName(isPacked ? name.slice(0, -PACKED.length) : name);
    return parsed === null ? [] : [{ path: join(directory, name), name, id: parsed.id, isPacked }];
  });
  files.sort((a, b) => a.id - b.id);
  for (let i = 1; i < files.length; i++) {
    if (files[i].id === files[i - 1].id) throw new IoError('segment_twice', `${directory} holds two segments of id ${files[i].id}: ${files[i - 1].name} and ${files[i].name}`, { fix: 'keep the one that Cassandra wrote' });
  }
  return files;
}
