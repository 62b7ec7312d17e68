/**
 * From mutations to transactions: pulls the source, cuts transactions, builds the next one while one commits, and goes back
 * to the stored position after every fault. When Kafka stops, the pulling stops: that is the back pressure.
 */
import type { CommitLogPosition } from '../../../parsers/commitlog/position.js';
import { RetryableError } from '../../errors.js';
import { AbortedError } from './aborted.js';
import { DeliveryRun, type IdleTimes } from './delivery-run.js';
import type { CommitPosition, PublishRecord, RecoverablePublisher, StoredPosition } from './port.js';
import type { Waiter } from './waiter.js';

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
  /** Milliseconds between two transactions, and so the longest that an event waits for company. After a pause it does not wait. */
  readonly intervalMs: number;
  readonly maxEvents: number;
  /** Encoded, before compression. */
  readonly maxBytes: number;
}

export interface DeliveryOptions extends IdleTimes {
  readonly publisher: RecoverablePublisher;
  readonly source: DeliverySource;
  readonly limits: TransactionLimits;
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
    this.limits = options.limits;
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
    const run = new DeliveryRun(this.#options, () => this.limits.intervalMs, from);
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

  async #addAll(mutations: Iterable<MutationEvents>, run: DeliveryRun, signal: AbortSignal): Promise<void> {
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
  #add(records: readonly PublishRecord[], first: number, place: { end: CommitLogPosition; run: DeliveryRun }): Promise<void> | undefined {
    const publisher = this.#publisher;
    if (records.length - first > 1 || publisher.pendingEvents >= this.limits.maxEvents) return this.#addRecords(records, first, place);
    place.run.opened();
    return publisher.append(records, first, records.length);
  }

  async #addRecords(records: readonly PublishRecord[], first: number, { end, run }: { end: CommitLogPosition; run: DeliveryRun }): Promise<void> {
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

  async #cutWhenFree(run: DeliveryRun): Promise<void> {
    await run.settled();
    this.#cut(run);
  }

  #cut(run: DeliveryRun): void {
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
