/** What a way of showing segments has to take. */
import type { CommitLogDescriptor, MutationFrames, PartitionUpdate, RangeTombstoneMarker, Row } from '../../parsers/index.js';
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

/** Does nothing by itself; a way of showing overrides what it needs. */
export abstract class Report implements UpdateSink {
  /** True when rows are to be handed over. */
  readonly wantsRows: boolean = false;

  beginSegment(_segment: OpenSegment): void {}

  /** Before the updates of an entry; what they gave is to be thrown away when damage comes instead of `entry`. */
  beginEntry(): void {}

  beginUpdate(_update: PartitionUpdate): void {}

  row(_update: PartitionUpdate, _row: Row): void {}

  marker(_update: PartitionUpdate, _marker: RangeTombstoneMarker): void {}

  endUpdate(_update: PartitionUpdate): void {}

  entry(_entry: EntryView): void {}

  /** `frames` stand at the damaged entry when the damage has a size. */
  damage(_damage: Damage, _frames: MutationFrames | undefined): void {}

  endSegment(_summary: SegmentSummary): void {}

  end(_summaries: readonly SegmentSummary[], _orphanIndexes: readonly string[]): void {}
}
