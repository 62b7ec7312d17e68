/** What the live source has to say; whoever wires it turns these into log lines, metrics and gap events. */
import type { CommitLogPosition, CorruptCode } from '../../../parsers/index.js';

/** Why a file in cdc_raw is not read. cdc_raw is hostile input. */
export type RefusalReason =
  | 'not_a_segment_name' | 'symbolic_link' | 'not_a_regular_file' | 'wrong_owner' | 'other_device' | 'too_large'
  | 'header_differs_from_name' | 'segment_twice' | 'replaced' | 'cannot_open' | 'older_than_remembered';

export interface Refusal {
  readonly path: string;
  readonly reason: RefusalReason;
}

export type GapReason =
  /** The position points into a segment that is gone, and nothing says that it was read to its end. */
  | 'position_segment_missing'
  /** A segment was seen, and was gone before it was read. */
  | 'segment_vanished'
  /** Segments that came and went while nobody looked. */
  | 'segments_missing'
  /** The spool is full and its policy is `gap`. */
  | 'given_up'
  /** The policy on corruption is `skip_section`. */
  | 'damaged'
  /** The position lies behind the end of its segment: the file is another one, or was cut. */
  | 'position_past_end';

/** Entries that will never be delivered: those behind `from`, up to `to`. */
export interface Gap {
  readonly reason: GapReason;
  readonly from: CommitLogPosition;
  /** `END_OF_SEGMENT_POSITION` in it: all that the segment held. */
  readonly to: CommitLogPosition;
  /** False: perhaps nothing is lost. Cassandra itself unlinks segments without a CDC mutation. */
  readonly isCertain: boolean;
  readonly code?: CorruptCode;
  /** Where a damaged file is kept. */
  readonly kept?: string;
}

/** Positions are Java ints: nothing lies behind this one. */
export const END_OF_SEGMENT_POSITION = 0x7fffffff;

/** Of one segment: behind `from` up to `to`, its end when that is not given. */
export function segmentGap(reason: GapReason, segment: number, { from, to = END_OF_SEGMENT_POSITION }: { readonly from: number; readonly to?: number }): Gap {
  return { reason, from: { segment, position: from }, to: { segment, position: to }, isCertain: reason === 'given_up' || reason === 'damaged' };
}

export function damageGap(segment: number, { code, kept, ...range }: { readonly from: number; readonly to?: number; readonly code: CorruptCode; readonly kept: string | undefined }): Gap {
  return { ...segmentGap('damaged', segment, range), code, ...(kept === undefined ? {} : { kept }) };
}

export interface LiveListener {
  /** Once for each file and reason. */
  refused?(refusal: Refusal): void;
  /** Bytes that were not all there yet, and are read again. */
  torn?(segment: number, position: number, code: CorruptCode): void;
  corrupt?(segment: number, position: number, code: CorruptCode, kept: string | undefined): void;
  finished?(segment: number, end: number): void;
  retired?(segment: number, size: number): void;
  spooled?(segment: number, size: number): void;
  /** `isFull` changes: bytes in the spool and its limit. */
  spoolFull?(isFull: boolean, used: number, limit: number): void;
  orphanIndexRemoved?(path: string): void;
  /** Something that the operator must put right; reading goes on. */
  problem?(message: string, fix: string): void;
}

/** Counters since the start. */
export class LiveCounts {
  refused = 0;
  torn = 0;
  corrupt = 0;
  gaps = 0;
  finished = 0;
  retired = 0;
  spooled = 0;
  /** Segments that left a full spool before they were committed. */
  givenUp = 0;
  orphanIndexes = 0;
  readBytes = 0;
}
