/**
 * Recorded segments read by several threads, their lines written in the order of the log: what one thread would write.
 *
 * Parts are given out in order, each to the thread with the least to do; their lines are taken in order too. Memory holds
 * a few parts' lines at most: a thread that is too far ahead waits.
 */
import type { Schema } from '../../parsers/index.js';
import { Tally } from '../events/tally.js';
import type { LineSink } from '../publisher/line-sink.js';
import type { StreamPosition } from '../publisher/publisher.js';
import { segmentParts, type SegmentPart } from '../source/segment-parts.js';
import { errorOf, type PartEnd } from './part-messages.js';
import { PartThread } from './part-thread.js';
import { sharedMemory } from './shared-chunks.js';

export interface ParallelStages {
  /** Directory of segments. */
  readonly cdcRaw: string;
  readonly schema: Schema;
  /** Where the schema was read: each thread reads its own. */
  readonly schemaPath: string;
  readonly threads: number;
  readonly sink: LineSink;
  /** What a thread reads in one go, or one section where that is more. */
  readonly partBytes?: number;
  /** Stops behind the piece in hand. */
  readonly signal?: AbortSignal;
  /** Called behind each segment. */
  readonly onSegment?: (segment: { readonly name: string }) => void;
}

const PART_BYTES = 1 << 20;
/** Parts that a thread has been given: the one it reads, and one to go on with. */
const UNREAD_PARTS = 2;
/** Parts that are being read or have been and are not written, for each thread. */
const PARTS_AHEAD = 4;
/** Large: to wake another thread up takes as long as to make some ten lines. */
const CHUNK_BYTES = 2 << 20;
/** Memory for lines that wait to be written, none of it taken before it is needed: of all threads, and of each at least. */
const CHUNKS = 24;
const LEAST_CHUNKS = 4;

interface GivenPart {
  readonly part: SegmentPart;
  readonly thread: PartThread;
}

export class ParallelPipeline {
  readonly tally = new Tally();
  /** Behind the last mutation whose events were written; undefined before the first. */
  position: StreamPosition | undefined;
  readonly #stages: ParallelStages;
  readonly #threads: PartThread[] = [];
  /** In order. */
  readonly #given: GivenPart[] = [];
  readonly #parts: Generator<SegmentPart, void>;
  /** Why there are no more parts. */
  #end: { readonly error: unknown } | 'end of the directory' | undefined;

  constructor(stages: ParallelStages) {
    this.#stages = stages;
    this.#parts = segmentParts(stages.cdcRaw, stages.partBytes ?? PART_BYTES);
  }

  /** Until the directory ends or the signal comes. Throws CorruptError at the first damaged place; what stands before it is written. */
  async run(): Promise<void> {
    const { threads, schemaPath } = this.#stages;
    const chunks = Math.max(LEAST_CHUNKS, Math.ceil(CHUNKS / threads));
    try {
      for (let i = 0; i < threads; i++) this.#threads.push(new PartThread({ schema: schemaPath, memory: sharedMemory(chunks, CHUNK_BYTES) }, () => this.#give()));
      this.#give();
      for (let given = this.#given.shift(); given !== undefined; given = this.#given.shift()) {
        if (!await this.#write(given)) return;
        this.#give();
      }
      if (typeof this.#end === 'object') throw this.#end.error;
    } finally {
      this.#parts.return();
      await Promise.all(this.#threads.map((thread) => thread.end()));
    }
  }

  #give(): void {
    while (this.#end === undefined && this.#given.length < this.#threads.length * PARTS_AHEAD) {
      const thread = this.#threads.reduce((least, each) => (each.unread < least.unread ? each : least));
      if (thread.unread >= UNREAD_PARTS) return;
      const part = this.#nextPart();
      if (part === undefined) return;
      thread.give(part);
      this.#given.push({ part, thread });
    }
  }

  #nextPart(): SegmentPart | undefined {
    try {
      const next = this.#parts.next();
      if (next.done !== true) return next.value;
      this.#end = 'end of the directory';
    } catch (error) {
      this.#end = { error };
    }
    return undefined;
  }

  /** False when it was told to stop. */
  async #write({ part, thread }: GivenPart): Promise<boolean> {
    const { sink, signal, onSegment } = this.#stages;
    for (;;) {
      const message = await thread.next();
      if (message.kind === 'end') {
        this.#ended(message);
        if (part.isLast) onSegment?.(part.file);
      } else {
        const lines = thread.linesOf(message);
        if (lines.length > 0) await sink.write(lines);
        thread.taken(message);
      }
      if (signal?.aborted === true) return false;
      if (message.kind === 'end') return true;
    }
  }

  #ended({ counts, position, failure }: PartEnd): void {
    this.tally.add(counts, (id) => this.#stages.schema.tableById(id));
    this.position = position ?? this.position;
    if (failure !== undefined) throw errorOf(failure);
  }
}
