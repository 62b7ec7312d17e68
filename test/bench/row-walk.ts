/** Walks every row and touches every value of segments, as test/oracle/java/ReadBench.java does. */
import { Mutation, UNFILTERED, type CommitLogDescriptor, type MutationFrames, type PartitionUpdate, type Row, type Schema } from '../../parsers/index.js';
import { passOver, type EntryConsumer } from './pass.js';
import type { Pass } from './totals.js';

class RowWalk implements EntryConsumer {
  mutations = 0;
  rows = 0;
  cells = 0;
  valueBytes = 0;
  checksum = 0;
  readonly #mutation: Mutation;

  constructor(schema: Schema) {
    this.#mutation = new Mutation(schema);
  }

  entry(frames: MutationFrames, { version }: CommitLogDescriptor): void {
    this.mutations++;
    const mutation = this.#mutation;
    mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version });
    for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) this.#update(update);
  }

  #update(update: PartitionUpdate): void {
    const { bytes } = update;
    this.#touch(bytes, update.keyStart, update.keyEnd);
    for (let kind = update.next(); kind !== UNFILTERED.END; kind = update.next()) {
      if (kind !== UNFILTERED.RANGE_TOMBSTONE_MARKER) this.#row(update.row, bytes);
    }
  }

  #row(row: Row, bytes: Buffer): void {
    this.rows++;
    this.cells += row.cellCount;
    const { size, starts, ends } = row.clustering;
    for (let i = 0; i < size; i++) this.#touch(bytes, starts[i], ends[i]);
    for (let cell = 0; cell < row.cellCount; cell++) this.#touch(bytes, row.valueStart(cell), row.valueEnd(cell));
  }

  #touch(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    this.valueBytes += length;
    this.checksum = (Math.imul(this.checksum, 31) + length) | 0;
    if (length > 0) this.checksum = (Math.imul((Math.imul(this.checksum, 31) + signed(bytes[start])) | 0, 31) + signed(bytes[end - 1])) | 0;
  }
}

/** Java's bytes are signed. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

export function walkRows(directory: string, schema: Schema): Pass {
  const walk = new RowWalk(schema);
  return { ...passOver(directory, walk), mutations: walk.mutations, rows: walk.rows, cells: walk.cells, valueBytes: walk.valueBytes, checksum: walk.checksum };
}
