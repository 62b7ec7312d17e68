/** What a replay would do: where the position goes, what comes again, what is given up, what is gone. Nothing is done here. */
import { formatPosition, type CommitLogPosition } from '../../parsers/commitlog/position.js';
import { ConfigError, UsageError } from '../errors.js';
import type { FoundPosition } from '../publisher/kafka/move-position.js';
import type { StreamPosition } from '../publisher/publisher.js';
import type { SegmentEnd, SurveyedSegment } from '../source/live/segment-survey.js';
import type { Checkpoint, Parsed } from './checkpoint.js';
import { compareStream, type ReplayTarget } from './replay-target.js';

/** What the ledger of segments says. */
export interface SeenSegments {
  readonly highest: number;
  has(id: number): boolean;
  /** Position behind the last entry, NOT_FINISHED, or undefined when the segment was never seen. */
  endOf(id: number): number | undefined;
  /** Ids above `id`, ascending. */
  above(id: number): number[];
}

/** Looks into a segment that is there. */
export interface SegmentMeasure {
  endOf(segment: SurveyedSegment): SegmentEnd;
  /** Entries behind `from`, up to `to`, and how much of the file their sections take. */
  between(segment: SurveyedSegment, range: { readonly from: number; readonly to: number }): { readonly entries: number; readonly bytes: number };
}

export interface ReplayFacts {
  readonly hostId: string;
  readonly kafka: FoundPosition;
  readonly checkpoint: Parsed | null;
  /** Ascending. */
  readonly segments: readonly SurveyedSegment[];
  readonly seen: SeenSegments;
  readonly measure: SegmentMeasure;
}

export interface Amount {
  readonly segments: readonly number[];
  /** In files: headers, and what belongs to nobody, included. */
  readonly bytes: number;
}

export interface ReplayPlan {
  readonly to: StreamPosition;
  /** Where the agent would go on without a replay; null: at the oldest segment. */
  readonly known: StreamPosition | null;
  /** Published before, and again. */
  readonly again: Amount;
  /** Not published yet, and never: the agent deletes it. */
  readonly givenUp: Amount;
  /** Seen once, not there any more, behind the new position: each becomes a gap event. */
  readonly gone: readonly number[];
  /** The state directory comes from another node: which segments were seen is begun anew. */
  readonly isForeign: boolean;
}

const NOTHING: Amount = { segments: [], bytes: 0 };
const BEGINNING: StreamPosition = { segment: 0, position: 0, index: 0 };
const END_OF_SEGMENT = 0x7fffffff;

/** Throws UsageError for a position that can't be, ConfigError when the place that is asked for is not known. */
export function planReplay(target: ReplayTarget, facts: ReplayFacts): ReplayPlan {
  const checkpoint = checkpointOf(facts);
  const isForeign = checkpoint !== null && checkpoint.hostId !== facts.hostId;
  const known = facts.kafka.position ?? (isForeign ? null : checkpoint);
  const to = resolve(target, facts);
  if (known === null || compareStream(to, known) !== 0) refuseImpossible(to, facts, { known, isForeign });
  const isBack = known !== null && compareStream(to, known) < 0;
  return {
    to,
    known: known === null ? null : { segment: known.segment, position: known.position, index: known.index },
    again: isBack ? amountBetween(to, known, facts) : NOTHING,
    givenUp: isBack ? NOTHING : amountBetween(known ?? BEGINNING, to, facts),
    gone: goneBehind(to, facts, isForeign),
    isForeign,
  };
}

function checkpointOf({ checkpoint }: ReplayFacts): Checkpoint | null {
  return checkpoint !== null && 'checkpoint' in checkpoint ? checkpoint.checkpoint : null;
}

function resolve(target: ReplayTarget, facts: ReplayFacts): StreamPosition {
  switch (target) {
    case 'start': return { segment: oldest(facts).id, position: 0, index: 0 };
    case 'end': return endOfAll(facts);
    case 'checkpoint': return positionOf(checkpointOf(facts), 'replay_no_checkpoint', 'there is no checkpoint that can be read');
    case 'kafka': return positionOf(facts.kafka.position, 'replay_no_position', facts.kafka.unreadable?.message ?? 'Kafka has no position of this agent');
    default: return { ...target, index: 0 };
  }
}

function positionOf(place: StreamPosition | null, code: string, message: string): StreamPosition {
  if (place === null) throw new ConfigError(code, message, { fix: 'choose another place: --from SEGMENT:POSITION, start (everything that is there, again) or end (nothing of it)' });
  const { segment, position, index } = place;
  return { segment, position, index };
}

function oldest({ segments }: ReplayFacts): SurveyedSegment {
  if (segments.length > 0) return segments[0];
  throw new ConfigError('replay_no_segments', 'there is no segment in cdc_raw, the spool or quarantine', { fix: 'check source.cdc_raw_directory (cassandra-cdc-agent check); a new segment comes with the next write to a table with cdc = true' });
}

function endOfAll(facts: ReplayFacts): StreamPosition {
  const newest = facts.segments.findLast(({ isStarted }) => isStarted);
  if (newest === undefined) return { segment: oldest(facts).id, position: 0, index: 0 };
  return { segment: newest.id, position: facts.measure.endOf(newest).position, index: 0 };
}

/** Behind what is written: entries that come later would be passed over, and their segments deleted unread. */
function refuseImpossible(to: StreamPosition, facts: ReplayFacts, { known, isForeign }: { readonly known: StreamPosition | null; readonly isForeign: boolean }): void {
  const { segments, seen, measure } = facts;
  const newest = newestStartedOf(segments) ?? 0;
  const highest = Math.max(segments[0]?.id ?? 0, newest, isForeign ? 0 : seen.highest, known?.segment ?? 0);
  const fix = 'copy a position as status and logs show it, or use --from end';
  if (to.segment > highest) throw new UsageError('replay_position', `there is no segment ${to.segment} yet: the newest is ${highest}`, { fix });
  const segment = segments.find(({ id }) => id === to.segment);
  if (segment === undefined || to.position === 0 || (to.position === END_OF_SEGMENT && to.segment < newest)) return;
  const end = measure.endOf(segment).position;
  if (to.position > end) throw new UsageError('replay_position', `${formatPosition(to)} lies behind what is written in its segment: that ends at ${formatPosition({ segment: to.segment, position: end })}`, { fix });
}

/** Segments at both ends are read, those in between are measured by their markers. */
function amountBetween(from: StreamPosition, to: StreamPosition, { segments, measure }: ReplayFacts): Amount {
  const found: number[] = [];
  let bytes = 0;
  for (const segment of segments) {
    const { id } = segment;
    if (!segment.isStarted || id < from.segment || id > to.segment) continue;
    const part = partOf(segment, { from, to, measure });
    if (part === 0) continue;
    found.push(id);
    bytes += part;
  }
  return { segments: found, bytes };
}

function partOf(segment: SurveyedSegment, { from, to, measure }: { readonly from: StreamPosition; readonly to: StreamPosition; readonly measure: SegmentMeasure }): number {
  const { id } = segment;
  if (id !== from.segment && id !== to.segment) {
    const { position, bytes } = measure.endOf(segment);
    return position === 0 ? 0 : bytes;
  }
  // The entry at a position with an index is published in part: it counts on both sides.
  const first = id === from.segment ? from.position - (from.index > 0 ? 1 : 0) : 0;
  return measure.between(segment, { from: first, to: id === to.segment ? to.position : END_OF_SEGMENT }).bytes;
}

function goneBehind(to: CommitLogPosition, { segments, seen }: ReplayFacts, isForeign: boolean): number[] {
  const there = new Set(segments.map(({ id }) => id));
  // As the source judges at its start (first-look.ts).
  const isOwnGone = (end: number | undefined): boolean => to.position < END_OF_SEGMENT && (end === undefined ? to.position > 0 : end < 0 || end > to.position);
  if (isForeign) return !there.has(to.segment) && isOwnGone(undefined) ? [to.segment] : [];
  const later = seen.above(to.segment).filter((id) => !there.has(id) && seen.endOf(id) !== 0);
  return there.has(to.segment) || !isOwnGone(seen.endOf(to.segment)) ? later : [to.segment, ...later];
}

function newestStartedOf(segments: readonly SurveyedSegment[]): number | undefined {
  return segments.findLast(({ isStarted }) => isStarted)?.id;
}
