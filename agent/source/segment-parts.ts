/** The segments of a recorded directory cut into parts, some sections in a row each, that can be read side by side. */
import { CommitLogSegmentReader } from '../../parsers/index.js';
import type { ReusedBuffer } from '../../parsers/io/reused-buffer.js';
import { FileSource } from './file-source.js';
import { descriptorOf, sectionsFrom, segmentsIn, type LogSegment } from './recorded-directory.js';
import type { SegmentFile } from './segment-directory.js';

export interface SegmentPart {
  readonly file: SegmentFile;
  /** Where its first section begins; undefined: behind the header. */
  readonly start: { readonly fileOffset: number; readonly position: number } | undefined;
  /** How many it has; Infinity: as many as there are. */
  readonly sections: number;
  readonly isLast: boolean;
}

/**
 * In order, all parts of all segments, of `bytes` or a section where that is more. Finds the sections by their markers, and
 * reads nothing else. Where that fails, the last part is what is left of the segment: whoever reads it finds out why. Then
 * throws what it found itself.
 */
export function* segmentParts(directory: string, bytes: number): Generator<SegmentPart, void> {
  for (const file of segmentsIn(directory, {})) yield* partsOf(file, bytes);
}

function* partsOf(file: SegmentFile, bytes: number): Generator<SegmentPart, void> {
  let start: SegmentPart['start'];
  let source: FileSource | undefined;
  try {
    source = new FileSource(file.path);
    const descriptor = descriptorOf(file, source);
    if (descriptor === undefined) return;
    const reader = new CommitLogSegmentReader(source, descriptor);
    for (let isLast = false; !isLast;) {
      start = { fileOffset: reader.fileOffset, position: reader.position };
      let sections = 0;
      while (!isLast && reader.fileOffset - start.fileOffset < bytes) {
        if (typeof reader.skip() === 'string') isLast = true;
        else sections++;
      }
      yield { file, start, sections, isLast };
    }
  } catch (error) {
    yield { file, start, sections: Infinity, isLast: true };
    throw error;
  } finally {
    source?.close();
  }
}

/** The part as a segment of its own, open until its sections have been read; `buffer` is that of `FileSource`. Throws IoError and CorruptError. */
export function* segmentOf({ file, start, sections }: SegmentPart, buffer?: ReusedBuffer): Generator<LogSegment, void> {
  const source = new FileSource(file.path, buffer);
  try {
    const descriptor = descriptorOf(file, source);
    if (descriptor === undefined) return;
    // `start` moves the reader's two places and nothing else of it.
    yield { name: file.name, descriptor, sections: () => sectionsFrom(Object.assign(new CommitLogSegmentReader(source, descriptor), start), sections) };
  } finally {
    source.close();
  }
}
