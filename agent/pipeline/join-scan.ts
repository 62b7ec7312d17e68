/**
 * Looks through what stands in cdc_raw for the end of the node's bootstrap, once, before the first read: the log stores no
 * times, and a node that joins logs its whole share of the tables.
 */
import { setImmediate } from 'node:timers/promises';
import { CorruptError, Mutation, MutationFrames, UnknownTableError, type CommitLogPosition, type SchemaView } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import { endsJoin } from '../ring/join-end.js';
import { FileSource } from '../source/file-source.js';
import { descriptorOf, sectionsOf } from '../source/recorded-directory.js';
import { listSegments, type SegmentFile } from '../source/segment-directory.js';

export interface JoinScanOptions {
  /** cdc_raw and the spool. */
  readonly directories: readonly string[];
  readonly schema: SchemaView;
  /** Write time of the bootstrap state, ms since 1970. */
  readonly joinedAtMs: number;
  readonly key?: Buffer | undefined;
}

/**
 * Just behind the entry by which the node became a member; null when it is not there, or when Cassandra was started again
 * since: nobody can say then how the node joined. What can't be read is passed over.
 */
export async function findJoinEnd({ directories, ...options }: JoinScanOptions): Promise<CommitLogPosition | null> {
  const files = directories.flatMap((directory) => listSegments(directory, { packed: false })).sort((a, b) => a.id - b.id);
  // Ids begin with the time at which Cassandra was started (CommitLogSegment.idBase), and go up by one.
  if (files.some(({ id }) => id >= options.joinedAtMs)) return null;
  for (const file of files) {
    await setImmediate();
    const found = findIn(file, options);
    if (found !== null) return found;
  }
  return null;
}

function findIn(file: SegmentFile, options: Omit<JoinScanOptions, 'directories'>): CommitLogPosition | null {
  let source: FileSource | undefined;
  try {
    source = new FileSource(file.path);
    return findInSource(file, source, options);
  } catch (error) {
    if (error instanceof CorruptError || error instanceof UnknownTableError || error instanceof IoError) return null;
    throw error;
  } finally {
    source?.close();
  }
}

function findInSource(file: SegmentFile, source: FileSource, { schema, joinedAtMs, key }: Omit<JoinScanOptions, 'directories'>): CommitLogPosition | null {
  const descriptor = descriptorOf(file, source);
  if (descriptor === undefined) return null;
  const frames = new MutationFrames();
  const mutation = new Mutation(schema);
  for (const section of sectionsOf(source, descriptor, key === undefined ? {} : { key })) {
    frames.open(section);
    while (frames.next()) {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
      if (endsJoin(mutation, schema.tableAt(mutation.bytes, mutation.tableIdStart), joinedAtMs)) return { segment: file.id, position: frames.position };
    }
  }
  return null;
}
