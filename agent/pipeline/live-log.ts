/**
 * Watch cdc_raw, read its segments, keep the mutations this node owns, turn them into records: the source that the
 * delivery pulls. Every read begins at a position that Kafka has: at the start, and again after each fault.
 */
import { comparePositions, formatPosition, type CommitLogPosition, type SchemaView } from '../../parsers/index.js';
import type { RepeatWindow } from '../events/repeat-window.js';
import type { Tally } from '../events/tally.js';
import type { DeliverySource, MutationEvents } from '../publisher/kafka/delivery.js';
import type { StoredPosition } from '../publisher/kafka/port.js';
import type { SchemaFollower } from '../schema/schema-follower.js';
import type { UnknownEntries } from '../schema/unknown-entries.js';
import type { EventRecord, Serializer, SourceIdentity } from '../serializer/serializer.js';
import type { LiveItem } from '../source/live/live-options.js';
import type { LiveSource } from '../source/live/live-source.js';
import type { Gap } from '../source/live/reports.js';
import { gapRecord, type ControlGap } from './control-events.js';
import type { EntryRecords, EntryStages, Ownership } from './entry-records.js';
import { LiveReader, type ReaderOptions } from './live-reader.js';
import { SchemaSteps } from './schema-steps.js';

/** When entries were appended, ms since 1970. */
export interface AppendBounds {
  readonly appendedAfterMs: number;
  readonly appendedBeforeMs: number;
}

/** Who publishes what, by the ring that was in force. */
export interface Owners {
  at(bounds: AppendBounds): { readonly decide: Ownership; readonly dropReason: 'not_owned' | 'joining' };
  /** Changes of the keyspace wait; throws ConfigError when waiting can't mend it. */
  held(keyspace: string): void;
  released(): void;
  /** At the start and behind each DDL. `fromMs`: not appended earlier. */
  schemaMoved(follower: SchemaFollower, fromMs: number): void;
}

export interface LiveLogListener {
  gap?(gap: ControlGap): void;
  unknownTable?(what: { readonly tableId: string; readonly position: CommitLogPosition; readonly message: string }): void;
  undecodable?(what: { readonly position: CommitLogPosition; readonly code: string; readonly message: string }): void;
  /** The first time that everything that is there was read. */
  tailing?(segment: number): void;
}

export interface LiveLogStages {
  readonly source: LiveSource;
  readonly serializer: Serializer;
  readonly tally: Tally;
  readonly selection?: EntryStages['selection'];
  readonly tombstones?: boolean;
  readonly dropLate?: boolean;
  readonly transaction?: EntryStages['transaction'];
  readonly owners: Owners;
  readonly repeats: RepeatWindow;
  readonly unknown: UnknownEntries;
  /** The schema of a position; before it, whatever must hold to begin there is checked. */
  readonly begin: (position: StoredPosition | null, from: CommitLogPosition, signal: AbortSignal) => Promise<SchemaFollower>;
  readonly control: { readonly topic: string; readonly source: SourceIdentity };
  readonly onTaken?: ReaderOptions['onTaken'];
  readonly listener?: LiveLogListener;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const START: CommitLogPosition = { segment: 0, position: 0 };
const RECONCILE_MS = 15_000;
const HOLD_MS = 200;
const LONGEST_POLL_MS = 100;
/** The longer there was nothing to read, the less often it looks: wake-ups are most of what an idle agent costs. Ms without anything, ms between two looks. */
const QUIET = [[10_000, LONGEST_POLL_MS], [2000, 50]] as const;
/** The agent itself stood still for so long: what it finds then is a backlog. */
const STANDSTILL_MS = 1000;

export class LiveLog implements DeliverySource {
  /** `ownership.late_after`, ms. */
  lateAfterMs = 60_000;
  /** Longest time until Cassandra shows what it has logged, ms; Infinity: not known. */
  visibleWithinMs = Infinity;
  /** Behind the last entry that was given. */
  readPosition: CommitLogPosition | null = null;
  readonly #stages: LiveLogStages;
  #follower: SchemaFollower | undefined;
  /** Of the section at hand. */
  #owners!: ReturnType<Owners['at']>;
  #entry: EntryRecords | undefined;
  /** Of earlier reads. */
  #late = 0;
  #isTailing = false;
  #reconciledAt = 0;
  /** When the section before was seen, while reading was in step with the node; else 0. */
  #liveSince = 0;
  #polledAt = 0;
  /** When something was read for the last time, by the same clock. */
  #readAt = 0;

  constructor(stages: LiveLogStages) {
    this.#stages = stages;
  }

  /** Events written long before they were logged. */
  get late(): number {
    return this.#late + (this.#entry?.late ?? 0);
  }

  /** Age of the newest write that was read, while there is more to read or to commit; null before anything was read. */
  lagSeconds(committed: CommitLogPosition | undefined): number | null {
    const { source, now } = this.#stages;
    if (this.readPosition === null || this.#entry === undefined) return null;
    if (source.isCaughtUp && committed !== undefined && comparePositions(committed, this.readPosition) >= 0) return 0;
    return this.#entry.latestWrite === 0 ? null : Math.max(0, now() - this.#entry.latestWrite) / 1000;
  }

  get follower(): SchemaFollower | undefined {
    return this.#follower;
  }

  async *read(stored: StoredPosition | null, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { source, repeats } = this.#stages;
    const from = startOf(stored);
    const follower = (this.#follower = await this.#stages.begin(stored, from ?? START, signal));
    repeats.clear();
    if (stored !== null) source.committed(stored, lowOf(stored));
    source.begin(from === null ? undefined : from);
    this.#liveSince = 0;
    this.#isTailing = false;
    this.#late = this.late;
    const reader = this.#reader(follower.schema, stored, from ?? START);
    this.#entry = reader.entry;
    const steps = new SchemaSteps({ follower, unknown: this.#stages.unknown, reader, listener: this.#stages.listener ?? {} });
    while (!signal.aborted) {
      const wasCaughtUp = source.isCaughtUp && this.#now() - this.#polledAt < STANDSTILL_MS;
      this.#polledAt = this.#now();
      const item = source.poll();
      if (item === undefined) await this.#idle(reader, signal);
      else if (item.kind === 'gap') yield* this.#gap(item.gap, stored);
      else yield* this.#section({ item, reader, steps, wasCaughtUp }, signal);
    }
  }

  #reader(schema: SchemaView, stored: StoredPosition | null, from: CommitLogPosition): LiveReader {
    const { serializer, tally, owners, repeats, onTaken, selection, tombstones, dropLate, transaction } = this.#stages;
    const stages: EntryStages = {
      schema, serializer, tally, repeats, selection, tombstones, dropLate, transaction,
      ownership: (mutation, table) => this.#owners.decide(mutation, table),
      dropReason: () => this.#owners.dropReason,
    };
    this.#owners = owners.at({ appendedAfterMs: 0, appendedBeforeMs: this.#stages.now() });
    return new LiveReader(stages, from, { published: publishedOf(stored), partlyPublished: stored !== null && stored.index > 0 ? stored : null, onTaken });
  }

  async *#section({ item, reader, steps, wasCaughtUp }: { readonly item: Extract<LiveItem, { kind: 'section' }>; readonly reader: LiveReader; readonly steps: SchemaSteps; readonly wasCaughtUp: boolean }, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { now } = this.#stages;
    const readAt = now();
    this.#readAt = readAt;
    const bounds = this.#bounds(reader, wasCaughtUp, readAt);
    reader.open(item, readAt);
    this.#judgeBy(reader, bounds);
    while (!reader.isDone && !signal.aborted) {
      yield reader.chunk();
      this.readPosition = reader.position;
      const { stumble } = reader;
      if (stumble?.kind !== 'held') this.#stages.owners.released();
      if (stumble === undefined) continue;
      if (stumble.kind === 'held') await this.#hold(reader, stumble.keyspace);
      else if (stumble.kind === 'undecodable') yield* this.#undecodable(reader, stumble.error);
      else {
        yield* steps.settle(stumble, signal);
        this.#schemaMoved(reader, bounds);
      }
    }
    this.readPosition = reader.position;
    this.#liveSince = wasCaughtUp ? readAt : 0;
  }

  #judgeBy(reader: LiveReader, bounds: AppendBounds): void {
    this.#owners = this.#stages.owners.at(bounds);
    reader.entry.lateBefore = bounds.appendedAfterMs - this.lateAfterMs;
  }

  #now(): number {
    return this.#stages.now();
  }

  #schemaMoved(reader: LiveReader, bounds: AppendBounds): void {
    if (this.#follower === undefined) return;
    this.#stages.owners.schemaMoved(this.#follower, bounds.appendedAfterMs);
    this.#judgeBy(reader, bounds);
  }

  /**
   * In step with the node: between the section before and now, and not longer ago than Cassandra takes to show it. Of a backlog only the write times tell: not earlier than
   * the latest that was seen.
   */
  #bounds(reader: LiveReader, wasCaughtUp: boolean, readAt: number): AppendBounds {
    const { source: { pollInterval } } = this.#stages;
    if (!wasCaughtUp || this.#liveSince === 0) return { appendedAfterMs: reader.entry.latestWrite, appendedBeforeMs: readAt };
    return { appendedAfterMs: Math.max(this.#liveSince - Math.max(pollInterval, LONGEST_POLL_MS), readAt - this.visibleWithinMs), appendedBeforeMs: readAt };
  }

  async #hold(reader: LiveReader, keyspace: string): Promise<void> {
    const { owners, now, sleep } = this.#stages;
    owners.held(keyspace);
    await sleep(HOLD_MS);
    this.#judgeBy(reader, { appendedAfterMs: reader.entry.latestWrite, appendedBeforeMs: now() });
  }

  *#gap(gap: Gap, stored: StoredPosition | null): Generator<Iterable<MutationEvents>, void> {
    const published = stored === null ? null : publishedOf(stored);
    // A part of it was passed before: only the rest is news.
    if (published !== null && comparePositions(gap.to, published) <= 0) return;
    const from = published !== null && comparePositions(gap.from, published) < 0 ? published : gap.from;
    this.readPosition = gap.to;
    yield this.#gapEvent({ ...gap, from });
  }

  /** One entry whose bytes are right and whose content is not: kept aside, or the end, as the policy says. */
  async *#undecodable(reader: LiveReader, error: Error & { readonly code: string }): AsyncGenerator<Iterable<MutationEvents>, void> {
    const { source, unknown, tally, listener } = this.#stages;
    const end = reader.entryEnd;
    if (!reader.isPublished) {
      listener?.undecodable?.({ position: end, code: error.code, message: error.message });
      if (source.onCorruption === 'stop') throw error;
      const { bytes, start, end: last, entryPosition } = reader.frames;
      unknown.keep({ tableId: 'undecodable', position: end, version: reader.item.segment.descriptor.version, decoded: 0, bytes: bytes.subarray(start, last) });
      await unknown.flush();
      tally.skip('undecodable', error.code);
      const gap = { reason: 'undecodable', from: { segment: end.segment, position: entryPosition }, to: end, isCertain: true, code: error.code };
      listener?.gap?.(gap);
      yield reader.settled([this.#gapRecord(gap)]);
    } else {
      yield reader.settled();
    }
  }

  #gapEvent(gap: ControlGap): MutationEvents[] {
    this.#stages.listener?.gap?.(gap);
    return [{ records: [this.#gapRecord(gap)], end: gap.to }];
  }

  #gapRecord(gap: ControlGap): EventRecord {
    return gapRecord(gap, { ...this.#stages.control, now: this.#stages.now() });
  }

  /** Everything that is there was read. */
  async #idle(reader: LiveReader, signal: AbortSignal): Promise<void> {
    const { source, listener, now, sleep } = this.#stages;
    if (!this.#isTailing) listener?.tailing?.(reader.position.segment);
    this.#isTailing = true;
    if (this.#liveSince === 0) this.#liveSince = now();
    if (now() - this.#reconciledAt >= RECONCILE_MS) {
      this.#reconciledAt = now();
      // The node may be away: then there is a next time.
      await this.#follower?.reconcile(reader.position, signal).catch(() => undefined);
      if (this.#follower !== undefined) this.#stages.owners.schemaMoved(this.#follower, this.#liveSince);
    }
    const quiet = now() - this.#readAt;
    await sleep(Math.max(source.pollInterval, QUIET.find(([after]) => quiet > after)?.[1] ?? 0));
  }
}

function startOf(stored: StoredPosition | null): (CommitLogPosition & { readonly index: number }) | null {
  if (stored === null) return null;
  const { segment, position, index } = stored;
  return lowOf(stored) ?? { segment, position, index };
}

/** Older than the position: from there the window of repeats is filled again. */
function lowOf(stored: StoredPosition): (CommitLogPosition & { readonly index: number }) | undefined {
  return stored.low !== null && comparePositions(stored.low, stored) < 0 ? { ...stored.low, index: 0 } : undefined;
}

/** Behind the last entry that is published whole. */
function publishedOf(stored: StoredPosition | null): CommitLogPosition | null {
  if (stored === null) return null;
  return { segment: stored.segment, position: stored.index === 0 ? stored.position : stored.position - 1 };
}

export function positionText(position: CommitLogPosition | null): string | null {
  return position === null ? null : formatPosition(position);
}
