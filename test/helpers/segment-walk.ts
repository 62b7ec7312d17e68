/**
 * Everything that the parser says about a segment, in the raw contract's terms: the reading half that encoder-made and
 * damaged segments are judged by. Goes on behind damage as `inspect` does.
 */
import { CommitLogSegmentReader, CorruptError, memorySource, Mutation, MutationFrames, readDescriptor, UnknownTableError } from '../../parsers/index.js';
import type { CorruptCode, SchemaView, SegmentSource } from '../../parsers/index.js';
import { dumpUpdate, touchUpdate } from './parsed-update.js';
import type { RawUpdate } from './raw-contract.js';

export interface SegmentVisitor {
  /** The entry's checksums hold; `bytes[start..end)` is the mutation. Valid during the call. */
  frame?(frame: { readonly bytes: Buffer; readonly start: number; readonly end: number; readonly position: number }): void;
  /** Every update decoded; none is handed over at depth `touch`. `end` is the entry's position as the raw contract counts it. */
  mutation?(updates: RawUpdate[], end: number): void;
  /** A table that the schema lacks; what was decoded before it. */
  unknown?(tableId: string, updates: RawUpdate[], end: number): void;
  damaged?(code: CorruptCode, position: number): void;
}

export type Outcome = 'waiting' | 'end' | 'corrupt';

export interface WalkOptions {
  readonly schema: SchemaView;
  readonly key?: Buffer | undefined;
  /**
   * How far to go: `frames` only, `touch` every value and check that it lies inside its entry, or `dump` all of it
   * (the default).
   */
  readonly depth?: 'frames' | 'touch' | 'dump';
  /** A new reader for each section: what one leaves behind can't show in the next. */
  readonly isFresh?: boolean;
}

export function walkSegment(file: Buffer, options: WalkOptions, visitor: SegmentVisitor): Outcome {
  return walkSource(memorySource(file), file, options, visitor);
}

/** `corrupt`: nothing behind the last damaged place can be trusted. */
export function walkSource(source: SegmentSource, head: Buffer, options: WalkOptions, visitor: SegmentVisitor): Outcome {
  let reader: CommitLogSegmentReader;
  const start = (): CommitLogSegmentReader => new CommitLogSegmentReader(source, readDescriptor(head), { key: options.key });
  try {
    reader = start();
  } catch (error) {
    report(error, visitor);
    return 'corrupt';
  }
  const entries = new EntryWalk(reader.descriptor.version, options, visitor);
  for (;;) {
    try {
      const section = reader.next();
      if (section === 'waiting' || section === 'end') return section;
      entries.section(section);
    } catch (error) {
      report(error, visitor);
      if (!reader.skipDamaged()) return 'corrupt';
    }
    if (options.isFresh === true) reader = Object.assign(start(), { fileOffset: reader.fileOffset, position: reader.position });
  }
}

type Section = Exclude<ReturnType<CommitLogSegmentReader['next']>, string>;

/** The entries of a segment, section by section. */
export class EntryWalk {
  readonly #frames = new MutationFrames();
  readonly #mutation: Mutation;
  readonly #version: number;
  readonly #options: WalkOptions;
  readonly #visitor: SegmentVisitor;

  constructor(version: number, options: WalkOptions, visitor: SegmentVisitor) {
    this.#version = version;
    this.#options = options;
    this.#visitor = visitor;
    this.#mutation = new Mutation(options.schema);
  }

  section(section: Section): void {
    const frames = this.#frames;
    frames.open(section);
    for (;;) {
      try {
        if (!frames.next()) return;
      } catch (error) {
        report(error, this.#visitor);
        continue;
      }
      this.#visitor.frame?.(frames);
      if (this.#options.depth !== 'frames') this.#decode();
    }
  }

  #decode(): void {
    const frames = this.#frames;
    const mutation = this.#mutation;
    const updates: RawUpdate[] = [];
    try {
      mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: this.#version });
      for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
        if (this.#options.depth === 'touch') touchUpdate(update, frames.start, frames.end);
        else updates.push(dumpUpdate(update));
      }
    } catch (error) {
      if (error instanceof UnknownTableError) this.#visitor.unknown?.(error.tableId, updates, frames.position);
      else report(error, this.#visitor);
      return;
    }
    this.#visitor.mutation?.(updates, frames.position);
  }
}

/** CorruptError is an answer; anything else is a crash, and goes up. */
function report(error: unknown, visitor: SegmentVisitor): void {
  if (!(error instanceof CorruptError)) throw error;
  visitor.damaged?.(error.code, error.position);
}
