/** What `inspect` was asked to look at: files as named, directories as the segments and index files in them. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { cdcIndexFileName, parseSegmentFileName } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import { cannotRead } from './file-source.js';

export interface InspectInput {
  readonly path: string;
  /** File name without its directory. */
  readonly name: string;
  /** From the name; -1 when the name has none. */
  readonly segmentId: number;
  /** Where this segment's index would be. */
  readonly indexPath: string;
}

export interface InspectInputs {
  /** By segment id, then by name. */
  readonly segments: readonly InspectInput[];
  /** Index files whose segment is not in their directory: what Cassandra leaves when a live segment was moved away. */
  readonly orphanIndexes: readonly string[];
}

const INDEX_SUFFIX = '_cdc.idx';

/** Throws IoError when a path isn't there, or a directory holds no segment. Relative paths start at `cwd`. */
export function findInputs(paths: readonly string[], cwd: string): InspectInputs {
  const segments: InspectInput[] = [];
  const orphanIndexes: string[] = [];
  for (const path of paths.map((each) => resolve(cwd, each))) {
    if (isDirectory(path)) {
      const found = inDirectory(path);
      if (found.segments.length + found.orphanIndexes.length === 0) throw new IoError('no_segments', `${path} holds no commit-log segment`, { fix: 'name cdc_raw, the commit-log directory, or a copy of one (files CommitLog-<version>-<id>.log)' });
      segments.push(...found.segments);
      orphanIndexes.push(...found.orphanIndexes);
    } else {
      segments.push(inputOf(segmentOfIndex(path)));
    }
  }
  const distinct = [...new Map(segments.map((segment) => [segment.path, segment])).values()];
  return { segments: distinct.sort(compareInputs), orphanIndexes: orphanIndexes.sort() };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

function inDirectory(directory: string): InspectInputs {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    throw cannotRead(directory, cause);
  }
  const segments = names.filter((name) => parseSegmentFileName(name) !== null);
  const indexes = new Set(segments.map(cdcIndexFileName));
  return {
    segments: segments.map((name) => inputOf(join(directory, name))),
    orphanIndexes: names.filter((name) => name.endsWith(INDEX_SUFFIX) && !indexes.has(name)).map((name) => join(directory, name)),
  };
}

/** A named index means its segment, when that is there. */
function segmentOfIndex(path: string): string {
  if (!path.endsWith(INDEX_SUFFIX)) return path;
  const segment = `${path.slice(0, -INDEX_SUFFIX.length)}.log`;
  return statSync(segment, { throwIfNoEntry: false })?.isFile() === true ? segment : path;
}

function inputOf(path: string): InspectInput {
  const name = basename(path);
  const indexPath = join(dirname(path), name.endsWith('.log') ? cdcIndexFileName(name) : `${name}${INDEX_SUFFIX}`);
  return { path, name, segmentId: parseSegmentFileName(name)?.id ?? -1, indexPath };
}

function compareInputs(a: InspectInput, b: InspectInput): number {
  if (a.segmentId !== b.segmentId) return a.segmentId - b.segmentId;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}
