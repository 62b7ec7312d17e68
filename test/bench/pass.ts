/** One timed pass over all segments of a directory. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../agent/inspect/file-source.js';
import { CommitLogSegmentReader, MutationFrames, readDescriptor, type CommitLogDescriptor } from '../../parsers/index.js';

const ENTRY_OVERHEAD = 12;
/** Enough for the header of any segment that the bench writes. */
const HEAD = 4096;

export interface EntryConsumer {
  /** Gets every entry whose checksums hold. */
  entry(frames: MutationFrames, descriptor: CommitLogDescriptor): void;
}

export function passOver(directory: string, consumer: EntryConsumer): { readonly seconds: number; readonly cpuSeconds: number; readonly bytes: number } {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log')).sort();
  const frames = new MutationFrames();
  let bytes = 0;
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (const name of names) {
    const source = new FileSource(join(directory, name));
    const descriptor = readDescriptor(source.read(0, Math.min(HEAD, source.size())));
    const reader = new CommitLogSegmentReader(source, descriptor);
    for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) {
      frames.open(section);
      while (frames.next()) {
        bytes += frames.size + ENTRY_OVERHEAD;
        consumer.entry(frames, descriptor);
      }
    }
    source.close();
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, bytes };
}
