/** Mutations as the sections of a segment, in memory. */
import type { SectionItem } from '../../../agent/pipeline/live-reader.js';
import { CommitLogSegmentReader, memorySource, readDescriptor } from '../../../parsers/index.js';
import { SegmentWriter, type EntryPlace } from '../../helpers/segment-writer.js';

export interface MemoryLog {
  readonly sections: readonly SectionItem[];
  /** Where the entries stand, in order. */
  readonly entries: readonly EntryPlace[];
}

/** `isSynced`: each in a section of its own, and an empty one behind them. */
export function memoryLog(id: number, mutations: readonly Buffer[], { isSynced = false } = {}): MemoryLog {
  const writer = new SegmentWriter({ version: 7, id: BigInt(id) });
  for (const bytes of mutations) {
    writer.append(bytes);
    if (isSynced) writer.sync();
  }
  writer.close();
  const file = writer.image();
  const descriptor = readDescriptor(file);
  const reader = new CommitLogSegmentReader(memorySource(file), descriptor);
  const sections: SectionItem[] = [];
  for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) sections.push({ kind: 'section', segment: { id, name: writer.fileName, descriptor }, section });
  return { sections, entries: writer.sections.flatMap(({ entries }) => entries) };
}
