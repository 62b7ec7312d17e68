/**
 * From mutations to transactions: pulls the source, cuts transactions, builds the next one while one commits, and goes back
 * to the stored position after every fault. When Kafka stops, the pulling stops: that is the back pressure.
 */
import { comparePositions, type CommitLogPosition } from '../../../parsers/commitlog/position.js';
import { RetryableError } from '../../errors.js';
import { AbortedError } from './aborted.js';
import type { CommitPosition, PublishRecord, RecoverablePublisher, StoredPosition, StreamPosition } from './port.js';
import { Waiter } from './waiter.js';

/** The events of one mutation, in order; none when it gives no event. */
export interface MutationEvents {
  readonly records: readonly PublishRecord[];
  /** Just behind the mutation. */
  readonly end: CommitLogPosition;
}

export interface DeliverySource {
  /**
   * Mutations behind `from` in log order, in chunks (a sync section's, say). With `from.index` > 0 the mutation that ends
   * at `from` comes first, whole. null = from the beginning. Ends early when the signal aborts. Records are copied before
   * the next chunk is asked for.
   */
  read(from: StoredPosition | null, signal: AbortSignal): AsyncIterable<Iterable<MutationEvents>>;
}

/** What ends a transaction: whichever comes first. */
export interface TransactionLimits {
  /** Milliseconds between two transactions, and so the longest that an event waits for company; 60. After a pause it does not wait. */
  readonly intervalMs: number;
  /** 4,000. */
  readonly maxEvents: number;
  /** 2 MiB: a transaction costs the broker as much as thousands of events. */
  readonly maxBytes: number;
}

/** What came in one piece with the first event goes with it. */
const SETTLE_MS = 2;
const LIMITS: TransactionLimits = { intervalMs: 60, maxEvents: 4000, maxBytes: 2 << 20 };

export interface DeliveryOptions {
  readonly publisher: RecoverablePublisher;
  readonly source: DeliverySource;
  readonly limits?: Partial<TransactionLimits>;
  /** Milliseconds until a position that moved without events is stored; 1,000. */
  readonly positionMs?: number;
  /** Milliseconds until the position is stored again though nothing moved, so that it does not expire; one hour. */
  readonly heartbeatMs?: number;
  /** What goes into the position beside how far everything is published, asked for when a transaction is cut. */
  readonly needs?: () => Pick<CommitPosition, 'low' | 'settled' | 'written'>;
  readonly onCommitted?: (position: StoredPosition) => void | Promise<void>;
}

/** Mutations handled before others get a turn, when none of them causes a wait. */
const YIELD_AFTER = 4000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #publisher: RecoverablePublisher;
  /** Replaced at run time: they hold from the next cut on. */
  limits: TransactionLimits;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#publisher = options.publisher;
    this.limits = { ...LIMITS, ...options.limits };
  }

  /**
   * Delivers until the source ends or the signal aborts (what is in hand is committed then). Faults of Kafka are survived;
   * errors of the source and fatal ones of the publisher are thrown.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const position = await this.#publisher.recover(signal);
        await this.#deliverFrom(position, signal);
        return;
      } catch (error) {
        if (error instanceof CallerError) throw error.cause;
        // A fault of Kafka: the publisher has told of it and is dead. Again, from the stored position.
        if (!(error instanceof RetryableError || error instanceof AbortedError)) throw error;
      }
    }
  }

  async #deliverFrom(from: StoredPosition | null, signal: AbortSignal): Promise<void> {
    const run = new Run(this.#options, () => this.limits.intervalMs, from);
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort();
      run.waiter.wake();
    };
    signal.addEventListener('abort', onAbort);
    const chunks = this.#options.source.read(from, stop.signal)[Symbol.asyncIterator]();
    this.#publisher.begin();
    try {
      let pulled = pull(chunks, run.waiter);
      for (;;) {
        if (run.failure !== undefined) throw run.failure;
        if (signal.aborted) break;
        if (pulled.settled) {
          const chunk = pulled.take();
          if (chunk === undefined) break;
          await this.#addAll(chunk, run, signal);
          pulled = pull(chunks, run.waiter);
        } else if (run.isDue()) {
          this.#cut(run);
        } else {
          await run.waiter.wait(run.msUntilDue());
        }
      }
      await run.settled();
      if (run.hasNews) this.#cut(run);
      await run.settled();
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      // A pull may be under way: its end is not waited for, and its error is of no interest any more.
      chunks.return?.().catch(() => undefined);
    }
  }

  async #addAll(mutations: Iterable<MutationEvents>, run: Run, signal: AbortSignal): Promise<void> {
    const each = mutations[Symbol.iterator]();
    let handled = 0;
    for (let next = guardedNext(each); next.done !== true; next = guardedNext(each)) {
      const { records, end } = next.value;
      const first = run.firstIndex(end, records.length);
      const adding = records.length > first ? this.#add(records, first, { end, run }) : undefined;
      if (adding !== undefined) await adding;
      run.moveTo(end, 0);
      if (this.#publisher.pendingEvents >= this.limits.maxEvents || this.#publisher.pendingBytes >= this.limits.maxBytes) await this.#cutWhenFree(run);
      else if (++handled % YIELD_AFTER === 0) await new Promise(setImmediate);
      if (run.failure !== undefined) throw run.failure;
      if (signal.aborted) return;
    }
  }

  /** Most mutations give one record, which fits: for that nothing is waited for. */
  #add(records: readonly PublishRecord[], first: number, place: { end: CommitLogPosition; run: Run }): Promise<void> | undefined {
    const publisher = this.#publisher;
    if (records.length - first > 1 || publisher.pendingEvents >= this.limits.maxEvents) return this.#addRecords(records, first, place);
    place.run.opened();
    return publisher.append(records, first, records.length);
  }

  async #addRecords(records: readonly PublishRecord[], first: number, { end, run }: { end: CommitLogPosition; run: Run }): Promise<void> {
    const publisher = this.#publisher;
    // At a mutation's boundary where it fits.
    if (publisher.pendingEvents > 0 && publisher.pendingEvents + records.length - first > this.limits.maxEvents) await this.#cutWhenFree(run);
    for (let index = first; index < records.length; index++) {
      const learning = publisher.append(records, index, index + 1);
      if (learning !== undefined) await learning;
      run.opened();
      const full = publisher.pendingEvents >= this.limits.maxEvents || publisher.pendingBytes >= 2 * this.limits.maxBytes;
      if (full && index + 1 < records.length) {
        run.moveTo(end, index + 1);
        await this.#cutWhenFree(run);
      }
    }
  }

  async #cutWhenFree(run: Run): Promise<void> {
    await run.settled();
    this.#cut(run);
  }

  #cut(run: Run): void {
    const { needs, onCommitted } = this.#options;
    run.committing(
      this.#publisher.commit({ ...run.position, ...needs?.() }).then(async (stored) => {
        try {
          await onCommitted?.(stored);
        } catch (error) {
          throw new CallerError('onCommitted', { cause: error });
        }
      }),
    );
    this.#publisher.begin();
  }
}

/** One life: from a recovery to the next fault. */
class Run {
  readonly waiter = new Waiter();
  failure: Error | undefined;
  /** How far everything is given, in numbers: it moves with every mutation. */
  #segment = 0;
  #offset = 0;
  #index = 0;
  #resumeAt: StreamPosition | null = null;
  #inFlight: Promise<void> | undefined;
  #openedAt = 0;
  #movedAt = 0;
  #committedAt = performance.now();
  /** When the last transaction was cut. */
  #cutAt = -Infinity;
  readonly #interval: () => number;
  readonly #times: { readonly position: number; readonly heartbeat: number };

  constructor({ positionMs = 1000, heartbeatMs = 3_600_000 }: DeliveryOptions, interval: () => number, from: StoredPosition | null) {
    this.#interval = interval;
    this.#times = { position: positionMs, heartbeat: heartbeatMs };
    if (from === null) return;
    this.#segment = from.segment;
    this.#offset = from.position;
    this.#index = from.index;
    if (from.index > 0) this.#resumeAt = this.position;
  }

  get position(): StreamPosition {
    return { segment: this.#segment, position: this.#offset, index: this.#index };
  }

  get hasNews(): boolean {
    return this.#openedAt > 0 || this.#movedAt > 0;
  }

  /** Events of this mutation that were published before. */
  firstIndex(end: CommitLogPosition, events: number): number {
    const resume = this.#resumeAt;
    if (resume === null) return 0;
    const order = comparePositions(end, resume);
    // What stands before it is only read again.
    if (order < 0) return 0;
    this.#resumeAt = null;
    return order === 0 ? Math.min(resume.index, events) : 0;
  }

  opened(): void {
    this.#openedAt ||= performance.now();
  }

  /** Never back: a source begins before the position where it needs to know what was published last. */
  moveTo({ segment, position }: CommitLogPosition, index: number): void {
    if (segment < this.#segment || (segment === this.#segment && position < this.#offset)) return;
    this.#segment = segment;
    this.#offset = position;
    this.#index = index;
    this.#movedAt ||= performance.now();
  }

  committing(commit: Promise<void>): void {
    this.#openedAt = 0;
    this.#movedAt = 0;
    this.#cutAt = performance.now();
    this.#inFlight = commit.then(
      () => {
        this.#inFlight = undefined;
        this.#committedAt = performance.now();
        this.waiter.wake();
      },
      (error: unknown) => {
        this.#inFlight = undefined;
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.waiter.wake();
      },
    );
  }

  /** Nothing is being committed any more; rejects when it failed. */
  async settled(): Promise<void> {
    await this.#inFlight;
    if (this.failure !== undefined) throw this.failure;
  }

  isDue(): boolean {
    return this.#inFlight === undefined && performance.now() >= this.#dueAt();
  }

  msUntilDue(): number {
    return this.#inFlight === undefined ? Math.max(1, this.#dueAt() - performance.now()) : Infinity;
  }

  #dueAt(): number {
    if (this.#openedAt > 0) return Math.max(this.#openedAt + SETTLE_MS, Math.min(this.#openedAt, this.#cutAt) + this.#interval());
    if (this.#movedAt > 0) return this.#movedAt + this.#times.position;
    return this.#committedAt + this.#times.heartbeat;
  }
}

/** Keeps an error of the source, or of who wants to know of commits, apart from Kafka's. */
class CallerError extends Error {}

interface Pulled {
  readonly settled: boolean;
  /** undefined = the source has ended. */
  take(): Iterable<MutationEvents> | undefined;
}

function pull(chunks: AsyncIterator<Iterable<MutationEvents>>, waiter: Waiter): Pulled {
  let result: IteratorResult<Iterable<MutationEvents>, unknown> | undefined;
  let failure: CallerError | undefined;
  const settle = (): void => waiter.wake();
  chunks.next().then((next) => (result = next), (error: unknown) => (failure = new CallerError('source', { cause: error }))).then(settle, settle);
  return {
    get settled() { return result !== undefined || failure !== undefined; },
    take() {
      if (failure !== undefined) throw failure;
      return result === undefined || result.done === true ? undefined : result.value;
    },
  };
}

function guardedNext(mutations: Iterator<MutationEvents>): IteratorResult<MutationEvents, unknown> {
  try {
    return mutations.next();
  } catch (error) {
    throw new CallerError('source', { cause: error });
  }
}
