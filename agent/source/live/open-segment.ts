/** Opens a name of cdc_raw, which is hostile input: what stands there must be what Cassandra would have put there. */
import { parseSegmentFileName } from '../../../parsers/index.js';
import { errorCode, type FileSystem } from './file-system.js';
import { LiveFile } from './live-file.js';
import type { RefusalReason } from './reports.js';

export interface SegmentLimits {
  /** User id of Cassandra; not given: any. */
  readonly owner?: number;
  /** Device of the directory. */
  readonly device: number;
  /** Most bytes of a segment: commitlog_segment_size, and what compression may add. */
  readonly largestSegment: number;
}

/** The file, open; why it is refused; or `gone`: the name was there and is no more. */
export function openSegment(fileSystem: FileSystem, path: string, name: string, limits: SegmentLimits): LiveFile | RefusalReason | 'gone' {
  const parsed = parseSegmentFileName(name);
  if (parsed === null) return 'not_a_segment_name';
  let descriptor: number;
  try {
    descriptor = fileSystem.open(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return 'gone';
    if (code === 'ENXIO') return 'not_a_regular_file';
    return code === 'ELOOP' ? 'symbolic_link' : 'cannot_open';
  }
  const { isFile, owner, device, size } = fileSystem.facts(descriptor);
  const reason = !isFile ? 'not_a_regular_file'
    : limits.owner !== undefined && owner !== limits.owner ? 'wrong_owner'
      : device !== limits.device ? 'other_device'
        : size > limits.largestSegment ? 'too_large' : undefined;
  if (reason !== undefined) {
    fileSystem.close(descriptor);
    return reason;
  }
  return checkedHeader(new LiveFile({ fileSystem, descriptor, name, ...parsed }));
}

/** Throws CorruptError `descriptor_version`. */
function checkedHeader(file: LiveFile): LiveFile | RefusalReason {
  try {
    file.readHeader();
  } catch (error) {
    file.close();
    throw error;
  }
  if (!headerDiffers(file)) return file;
  file.close();
  return 'header_differs_from_name';
}

/** False while the header is not written. */
export function headerDiffers({ header, id, version }: LiveFile): boolean {
  return header !== undefined && (header.id !== id || header.version !== version);
}
