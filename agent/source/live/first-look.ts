/** At the start: does what is there still fit the position? What is gone meanwhile must be said, never passed over. */
import type { CdcRawDirectory } from './cdc-raw-directory.js';
import { END_OF_SEGMENT_POSITION, segmentGap, type Gap } from './reports.js';
import type { NeededPosition } from './retirement.js';
import { NOT_FINISHED, type SegmentLedger } from './segment-ledger.js';
import type { TailPosition } from './segment-tail.js';

export class FirstLook {
  readonly #directory: CdcRawDirectory;
  readonly #ledger: SegmentLedger;
  readonly #resume: NeededPosition | undefined;
  /** Of it only what is behind this is still to be delivered. */
  readonly #committed: NeededPosition | undefined;
  /** Seen before this start, and perhaps not read. */
  #expected: number[];

  constructor(directory: CdcRawDirectory, ledger: SegmentLedger, resume: NeededPosition | undefined, committed: NeededPosition | undefined) {
    this.#committed = committed;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#resume = resume;
    // An end of 0: read to its end, and nothing was in it.
    this.#expected = ledger.above(resume?.segment ?? -1).filter((id) => ledger.endOf(id) !== 0);
  }

  /** Once, behind the first listing: segments that were seen behind the position and are gone. */
  run(): void {
    for (const id of this.#expected) if (!this.#directory.files.has(id)) this.#directory.vanished.add(id);
    this.#expected = [];
  }

  resumeIn(segment: number): TailPosition | undefined {
    return this.#resume?.segment === segment ? this.#resume : undefined;
  }

  /** The position's segment is not there: a gap, unless it is known that the position is its end. `isGivenUp`: we deleted its rest. */
  positionGap(isGivenUp: boolean): Gap[] {
    if (this.#resume === undefined) return [];
    const resume = this.#resume.segment === this.#committed?.segment ? this.#committed : this.#resume;
    // Read again only for what is compared with it, and gone to make room.
    if (this.#committed !== undefined && this.#committed.segment > resume.segment) return [];
    // Position 0 of a segment that was never seen: nothing is known to have been in it.
    const end = this.#ledger.endOf(resume.segment) ?? (resume.position === 0 ? 0 : NOT_FINISHED);
    if (end !== NOT_FINISHED && resume.index === 0 && resume.position >= end) return [];
    const { segment, position } = resume;
    if (isGivenUp) return [segmentGap('given_up', segment, { from: position })];
    return [{ reason: 'position_segment_missing', from: { segment, position }, to: { segment, position: END_OF_SEGMENT_POSITION }, isCertain: resume.index > 0 }];
  }
}
