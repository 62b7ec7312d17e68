/**
 * The commit log of a running node: sections in strict order across cdc_raw and the spool, each once, as Cassandra syncs
 * them; what can't be delivered is said as a gap at its place in the order. Pulled: nothing is read until it is asked for.
 *
 *   cdc_raw, spool -> CdcRawDirectory -> SegmentTail -> section | gap
 *                  <- Spool, Retirement (upkeep, also while nobody pulls)
 */
import type { CommitLogDescriptor, SyncSegment } from '../../../parsers/index.js';
import { CorruptError } from '../../../parsers/index.js';
import { CdcRawDirectory } from './cdc-raw-directory.js';
import { commitLogFilesMode, SyncRhythm, type CommitLogFilesMode } from './commit-log-files.js';
import { CompletedSegments } from './completed-segments.js';
import { nodeFileSystem } from './file-system.js';
import { FirstLook } from './first-look.js';
import { holeBetween } from './hole.js';
import { monotonicClock, QUIET_MS, type LiveClock } from './live-clock.js';
import type { LiveFile } from './live-file.js';
import type { LiveItem, LiveSourceOptions } from './live-options.js';
import { Quarantine } from './quarantine.js';
import { hasRawRoom } from './raw-room.js';
import { END_OF_SEGMENT_POSITION, LiveCounts, damageGap, segmentGap, type Gap, type LiveListener } from './reports.js';
import { NOT_FINISHED, SegmentLedger } from './segment-ledger.js';
import { SegmentTail, type Damage, type Outlook } from './segment-tail.js';
import { SyncedPositions } from './synced-positions.js';
import { Retirement, mayDelete, olderOf, type NeededPosition } from './retirement.js';
import { Spool } from './spool.js';

const POLL_MS = 20;
const LIST_MS = 200;
const LARGEST_SEGMENT = 256 << 20;
/** A pull so long ago is none: longer than the longest pause of a reader that has nothing to read. */
const PULLED_MS = 300;
/** Between two looks whether anybody still pulls. */
const PULLED_CHECK_MS = 500;

export class LiveSource {
  readonly counts = new LiveCounts();
  readonly rhythm = new SyncRhythm();
  readonly directory: CdcRawDirectory;
  readonly spool: Spool | undefined;
  onCorruption: 'stop' | 'skip_section';
  pollInterval: number;
  readonly #options: LiveSourceOptions;
  readonly #clock: LiveClock;
  readonly #listener: LiveListener;
  readonly #ledger: SegmentLedger;
  readonly #retirement: Retirement;
  readonly #quarantine: Quarantine;
  readonly #synced: SyncedPositions;
  readonly #completed: CompletedSegments;
  /** Undefined before `begin`. */
  #firstLook: FirstLook | undefined;
  #gaps: Gap[] = [];
  #tail: SegmentTail | undefined;
  /** Segment at hand, or the last one; everything before it is done. */
  #current = -1;
  #isCurrentDone = true;
  #committed: NeededPosition | undefined;
  /** The older of that and what is kept for comparison. */
  #needed: NeededPosition | undefined;
  #failure: Error | undefined;
  #upkeepAt = -Infinity;
  #pulledAt = -Infinity;
  /** The last section; or when reading began. */
  #givenAt = 0;
  /** Segments may be moved or deleted that could not before. */
  #hasNews = false;
  #isCaughtUp = false;
  #mode: CommitLogFilesMode | undefined;
  /** Deleted unread, since the spool was full. */
  readonly #givenUp = new Set<number>();

  /** Throws IoError when a directory or the ledger can't be used. */
  constructor(options: LiveSourceOptions) {
    const { spool, fileSystem = nodeFileSystem, listener = {} } = options;
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
    this.#listener = listener;
    this.onCorruption = options.onCorruption ?? 'stop';
    this.pollInterval = options.pollInterval ?? POLL_MS;
    this.#ledger = new SegmentLedger(fileSystem, options.ledger);
    const { counts } = this;
    const ledger = this.#ledger;
    this.directory = new CdcRawDirectory({
      fileSystem, ledger, listener, counts, raw: options.raw,
      listInterval: options.listInterval ?? LIST_MS, largestSegment: options.largestSegment ?? LARGEST_SEGMENT,
      ...(spool === undefined ? {} : { spool: spool.directory }),
      ...(options.quarantine === undefined ? {} : { quarantine: options.quarantine }),
      ...(options.owner === undefined ? {} : { owner: options.owner }),
    });
    const { directory } = this;
    this.#retirement = new Retirement({ fileSystem, directory, ledger, listener, counts });
    this.#quarantine = new Quarantine(fileSystem, options.quarantine);
    if (spool !== undefined) this.spool = new Spool(spool, { fileSystem, directory, retirement: this.#retirement, listener, counts, giveUp: (file) => this.#giveUp(file), hasRawRoom: () => this.#hasRawRoom });
    this.#synced = new SyncedPositions(directory);
    this.#completed = new CompletedSegments(directory, options);
  }

  /**
   * Where reading begins, and begins again after a fault: behind `position`, with index > 0 at the entry that ends there;
   * undefined: at the oldest segment that is there. Until then nothing is given, and `upkeep` only spools. Files that
   * were read and are not committed are still open.
   */
  begin(position: NeededPosition | undefined): void {
    if (position !== undefined && this.#firstLook === undefined) this.directory.startAt(position.segment);
    this.#firstLook = new FirstLook(this.directory, this.#ledger, position, this.#committed);
    this.#gaps = [];
    this.#tail = undefined;
    this.#isCaughtUp = false;
    this.#current = position?.segment ?? -1;
    this.#isCurrentDone = position === undefined || (position.position >= END_OF_SEGMENT_POSITION && position.index === 0);
    this.directory.hint();
    this.#givenAt = this.#clock.now();
    this.#upkeepAt = -Infinity;
  }

  /** As the files show it; undefined until it does. */
  get mode(): CommitLogFilesMode | undefined {
    return this.#mode;
  }

  /** Everything that is visible was given. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** Ms since the last section; or since reading began. */
  get quietMs(): number {
    return this.#clock.now() - this.#givenAt;
  }

  /** Items as they come, until the signal. Throws IoError `clock_went_back`, CorruptError under the policy `stop`. */
  async *items(signal: AbortSignal): AsyncGenerator<LiveItem, void> {
    while (!signal.aborted) {
      const item = this.poll();
      if (item === undefined) await this.#clock.sleep(this.pollInterval, signal);
      else yield item;
    }
  }

  /** Spool and retirement, also while nobody pulls, until the signal. What goes wrong is thrown by the next pull. */
  async upkeep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#failure === undefined) {
      try {
        this.#keepUp();
      } catch (error) {
        this.#failure = asError(error);
      }
      // Whoever pulls does it in passing.
      const isPulled = this.#clock.now() - this.#pulledAt < PULLED_MS;
      await this.#clock.sleep(isPulled ? PULLED_CHECK_MS : this.pollInterval, signal);
    }
  }

  /** The next item, undefined when there is none yet. Throws as `items` does, again and again. */
  poll(): LiveItem | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#pulledAt = this.#clock.now();
    try {
      this.#keepUp();
      return this.#next();
    } catch (error) {
      this.#failure = asError(error);
      throw error;
    }
  }

  /** Kafka has this position. `low`: the oldest that is still needed for any reason. Allows deletion of what is before both. */
  committed(position: NeededPosition, low?: NeededPosition): void {
    this.#hasNews = true;
    this.#committed = position;
    this.#needed = olderOf(position, low);
    for (const id of this.directory.vanished) {
      if (id >= this.#needed.segment) continue;
      this.directory.vanished.delete(id);
      this.#givenUp.delete(id);
    }
  }

  /** How much is left to read; in mmap mode the unused rest of the live segment counts too. */
  behind(): { readonly segments: number; readonly bytes: number } {
    let segments = 0;
    let bytes = 0;
    for (const file of this.directory.files.values()) {
      if (this.#endOf(file) !== undefined || !file.isStarted) continue;
      segments++;
      bytes += file.size() - (file === this.#tail?.file ? Math.min(file.size(), this.#tail.fileOffset) : 0);
    }
    return { segments, bytes };
  }

  close(): void {
    this.#tail = undefined;
    this.directory.close();
  }

  #next(): LiveItem | undefined {
    if (this.#firstLook === undefined) return undefined;
    for (;;) {
      const gap = this.#gaps.shift();
      if (gap !== undefined) {
        this.counts.gaps++;
        return { kind: 'gap', gap };
      }
      const tail = this.#tail ?? this.#advance();
      if (tail === undefined) {
        if (this.#gaps.length > 0) continue;
        return this.#nothing();
      }
      const step = tail.next(this.#outlook(tail.file));
      if (step === 'waiting') return this.#nothing();
      if (step === 'finished') this.#finish(tail);
      else if ('damage' in step) this.#damaged(tail, step.damage);
      else return this.#given(tail, step);
    }
  }

  #nothing(): undefined {
    this.#isCaughtUp = true;
    return undefined;
  }

  #given({ file }: SegmentTail, section: SyncSegment): LiveItem | undefined {
    this.#givenAt = this.#clock.now();
    if (this.#isCaughtUp) this.rhythm.seen(this.#givenAt);
    else this.rhythm.reset();
    this.#isCaughtUp = false;
    return { kind: 'section', segment: { id: file.id, name: file.name, descriptor: file.header as CommitLogDescriptor }, section };
  }

  /** Facts from before the read. */
  #outlook(file: LiveFile): Outlook {
    if (file.paths.size === 0) file.refresh();
    const isFinal = this.#isFinished(file) || file.isUnlinked;
    return this.#options.durability === 'fsync' ? { isFinal, syncedTo: this.#synced.of(file, this.#upkeepAt) } : { isFinal };
  }

  /** Cassandra is done with it: syncs come in order, so a marker in a later segment says that this one is complete. */
  #isFinished(file: LiveFile): boolean {
    return this.#ledger.highest > file.id || file.isCompleted;
  }

  /** The next segment in order, when nothing can come before it any more. */
  #advance(): SegmentTail | undefined {
    if (!this.#isCurrentDone && !this.directory.files.has(this.#current)) {
      this.#gaps.push(...(this.#firstLook?.positionGap(this.#givenUp.has(this.#current)) ?? []));
      this.#isCurrentDone = true;
      return undefined;
    }
    for (const id of this.directory.ids()) {
      if (id < this.#current || (id === this.#current && this.#isCurrentDone)) continue;
      const file = this.directory.files.get(id);
      const isTurn = file?.isStarted === true || this.#ledger.highest > id;
      if (!isTurn) return undefined;
      const hole = this.#options.unlinksUnread === true ? holeBetween(this.#current, { id, hasOlder: file?.hasOlder === true }, this.#ledger) : undefined;
      if (hole !== undefined) {
        this.#gaps.push(hole);
        this.#current = hole.to.segment;
        this.#isCurrentDone = true;
        return undefined;
      }
      if (file !== undefined) return this.#open(file);
      this.#lost(id, this.#givenUp.has(id) ? 'given_up' : 'segment_vanished');
      return undefined;
    }
    return undefined;
  }

  #open(file: LiveFile): SegmentTail | undefined {
    this.#current = file.id;
    this.#isCurrentDone = false;
    file.readHeader();
    if (file.header === undefined) return this.#withoutHeader(file);
    const { listener = {}, key } = this.#options;
    const resume = this.#firstLook?.resumeIn(file.id);
    this.#tail = new SegmentTail(file, { key, listener, counts: this.counts, ...(resume === undefined ? {} : { resume }) });
    return this.#tail;
  }

  /** A segment whose turn is over: without a header it was never used, or is damaged from the beginning. */
  #withoutHeader(file: LiveFile): undefined {
    const damage = file.headerDamage;
    if (damage !== undefined && damage.code !== 'descriptor_truncated') {
      const kept = this.#report(file, { error: damage, position: 0 });
      this.#gaps.push(damageGap(file.id, { from: 0, code: damage.code, kept }));
    }
    this.#done(file.id, 0);
  }

  #finish(tail: SegmentTail): void {
    const { id } = tail.file;
    const resume = this.#firstLook?.resumeIn(id);
    if (tail.isShortOfResume && resume !== undefined && resume.position < END_OF_SEGMENT_POSITION) {
      this.#gaps.push(segmentGap('position_past_end', id, { from: tail.position, to: resume.position }));
    }
    this.#tail = undefined;
    this.counts.finished++;
    this.#listener.finished?.(id, tail.end);
    this.#done(id, tail.end);
  }

  #done(id: number, end: number): void {
    this.#hasNews = true;
    this.#current = id;
    this.#isCurrentDone = true;
    this.#ledger.finish(id, end);
    this.#ledger.flush();
  }

  #lost(id: number, reason: 'segment_vanished' | 'given_up', from = 0): void {
    this.#gaps.push(segmentGap(reason, id, { from }));
    this.#current = id;
    this.#isCurrentDone = true;
  }

  /** Counts and keeps it; throws under the policy `stop`. */
  #report(file: LiveFile, { error, position }: Damage): string | undefined {
    const kept = this.#quarantine.keep(file);
    this.counts.corrupt++;
    this.#listener.corrupt?.(file.id, position, error.code, kept);
    if (this.onCorruption === 'stop') throw new CorruptError(error.code, error.position, `${file.name}: ${error.message}`, { cause: error });
    return kept;
  }

  #damaged(tail: SegmentTail, damage: Damage): void {
    const { id } = tail.file;
    const kept = this.#report(tail.file, damage);
    tail.skipDamage();
    const to = tail.position > damage.position ? tail.position : END_OF_SEGMENT_POSITION;
    this.#gaps.push(damageGap(id, { from: damage.position, to, code: damage.error.code, kept }));
  }

  /** The spool is full: the unread rest of the oldest segment will not come. Only in its turn is it said, and again after a fault, until that is committed. */
  #giveUp(file: LiveFile): boolean {
    if (mayDelete(file.id, this.#endOf(file), this.#committed)) return true;
    this.counts.givenUp++;
    this.#givenUp.add(file.id);
    this.directory.vanished.add(file.id);
    if (file.id === this.#current && !this.#isCurrentDone) {
      const from = this.#tail?.end ?? 0;
      this.#tail = undefined;
      this.#lost(file.id, 'given_up', from);
    }
    return true;
  }

  #keepUp(): void {
    const now = this.#clock.now();
    if (now - this.#upkeepAt < this.pollInterval) return;
    this.#upkeepAt = now;
    const wasListed = this.directory.scan(now, { isQuiet: this.quietMs > QUIET_MS });
    this.#completed.look(now, this.#current);
    if (!wasListed && !this.#hasNews) return;
    this.#hasNews = false;
    this.#firstLook?.run();
    for (const file of this.directory.files.values()) this.#mode ??= commitLogFilesMode({ header: file.header, isPreallocated: file.isPreallocated, isStarted: file.isStarted, size: file.size() });
    this.#retirement.run((file) => this.#endOf(file), this.#needed);
    this.#retirement.makeRoom((file) => this.#endOf(file), this.#committed, () => this.spool?.isTight ?? !this.#hasRawRoom);
    this.spool?.run((file) => this.#isFinished(file) && (this.#options.durability !== 'fsync' || this.#synced.of(file, now) === Infinity));
    this.#retirement.removeOrphanIndexes();
  }

  get #hasRawRoom(): boolean {
    return hasRawRoom(this.directory, this.#options.rawLimit);
  }

  /** Undefined while the segment is not done; Infinity: done, but where it ended is not known. */
  #endOf({ id }: LiveFile): number | undefined {
    if (id > this.#current || (id === this.#current && !this.#isCurrentDone)) return undefined;
    const end = this.#ledger.endOf(id) ?? NOT_FINISHED;
    return end === NOT_FINISHED ? Infinity : end;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
