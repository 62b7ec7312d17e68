/** What a way of showing segments has to take. */
import type { CommitLogDescriptor, MutationFrames } from '../../parsers/index.js';
import type { EntryDecoder, UpdateSink } from './entry-decoder.js';
import type { InspectInput } from './inputs.js';
import type { Damage } from './segment-walk.js';
import type { SegmentSummary } from './segment-summary.js';

export interface OpenSegment {
  readonly input: InspectInput;
  /** Undefined when it can't be read. */
  readonly descriptor: CommitLogDescriptor | undefined;
}

export interface EntryView {
  readonly frames: MutationFrames;
  readonly decoder: EntryDecoder;
  /** First table of the entry that the schema lacks; what came before it was decoded. */
  readonly unknownTable: string | undefined;
}

export interface Report extends UpdateSink {
  /** False when the rows need not be handed over. */
  readonly wantsRows: boolean;
  beginSegment(segment: OpenSegment): void;
  /** Before the updates of an entry; what they gave is to be thrown away when damage comes instead of `entry`. */
  beginEntry(): void;
  entry(entry: EntryView): void;
  /** `frames` stand at the damaged entry when the damage has a size. */
  damage(damage: Damage, frames: MutationFrames | undefined): void;
  endSegment(summary: SegmentSummary): void;
  end(summaries: readonly SegmentSummary[], orphanIndexes: readonly string[]): void;
}
