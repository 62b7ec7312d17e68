/**
 * A cdc_raw directory that nobody writes to any more, or a copy of one: segments in order, each to the end of what is
 * there.
 */
import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CommitLogSegmentReader, CorruptError, MAX_DESCRIPTOR_LENGTH, memorySource, readDescriptor, type CommitLogDescriptor, type SegmentSource, type SyncSegment } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import { FileSource } from './file-source.js';
import { cannotRead } from './read-error.js';
import { listSegments, type SegmentFile } from './segment-directory.js';

/** Oldest version that the agent reads: 6 is Cassandra 3, for `inspect` only. */
const OLDEST_VERSION = 7;
/** Bytes that an unpacked fixture may take. */
const LARGEST_UNPACKED = 256 << 20;

/** One segment on its way through the pipeline. */
export interface LogSegment {
  readonly name: string;
  readonly descriptor: CommitLogDescriptor;
  /** In order; a section is valid until the next is asked for. Throws CorruptError at a damaged place. */
  readonly sections: () => Generator<SyncSegment, void>;
}

export interface RecordedDirectoryOptions {
  /** Files may be `.log.gz`. */
  readonly packed?: boolean;
  /** AES key of encrypted segments. */
  readonly key?: Buffer;
}

/** Segments of `directory` by number. Closes each before the next. Throws IoError and CorruptError. */
export function* recordedSegments(directory: string, options: RecordedDirectoryOptions = {}): Generator<LogSegment, void> {
  for (const file of segmentsIn(directory, options)) {
    const source = file.isPacked ? unpacked(file.path) : new FileSource(file.path);
    try {
      const descriptor = descriptorOf(file, source);
      if (descriptor !== undefined) yield { name: file.name, descriptor, sections: () => sectionsOf(source, descriptor, options) };
    } finally {
      if (source instanceof FileSource) source.close();
    }
  }
}

/** Throws IoError when there are none. */
export function segmentsIn(directory: string, options: RecordedDirectoryOptions): SegmentFile[] {
  const files = listSegments(directory, { packed: options.packed === true });
  if (files.length === 0) throw new IoError('no_segments', `${directory} holds no commit-log segment`, { fix: 'name a cdc_raw directory, or a copy of one (files CommitLog-<version>-<id>.log)' });
  return files;
}

/** Of the files, written or not. Throws IoError when there are none. */
export function segmentBytes(directory: string): number {
  return segmentsIn(directory, {}).reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

export function sectionsOf(source: SegmentSource, descriptor: CommitLogDescriptor, { key }: RecordedDirectoryOptions): Generator<SyncSegment, void> {
  return sectionsFrom(new CommitLogSegmentReader(source, descriptor, { key }));
}

/** From where the reader stands, `most` at most. */
export function* sectionsFrom(reader: CommitLogSegmentReader, most = Infinity): Generator<SyncSegment, void> {
  for (let read = 0; read < most; read++) {
    const section = reader.next();
    if (typeof section === 'string') return;
    yield section;
  }
}

/** Undefined for a segment that was made ahead of use and never written. */
export function descriptorOf(file: SegmentFile, source: SegmentSource): CommitLogDescriptor | undefined {
  const head = source.read(0, Math.min(MAX_DESCRIPTOR_LENGTH, source.size()));
  if (head.every((byte) => byte === 0)) return undefined;
  const descriptor = readDescriptor(head);
  if (descriptor.id !== file.id) throw new CorruptError('descriptor_id_mismatch', 0, `${file.name}: the header says id ${descriptor.id}`);
  if (descriptor.version < OLDEST_VERSION) throw new CorruptError('descriptor_version', 0, `${file.name}: commit-log version ${descriptor.version} is of Cassandra 3, which the agent does not publish (\`inspect\` reads it)`);
  return descriptor;
}

function unpacked(path: string): SegmentSource {
  let packed: Buffer;
  try {
    packed = readFileSync(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  try {
    return memorySource(gunzipSync(packed, { maxOutputLength: LARGEST_UNPACKED }));
  } catch (cause) {
    throw new IoError('segment_unpack', `${path} is not a gzip file`, { fix: 'restore the file', cause });
  }
}
