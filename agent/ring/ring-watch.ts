/**
 * Looks at the ring every few seconds, sooner when something moves, and keeps the epochs. A look that fails changes nothing:
 * what was read last ages, and Ownership holds when it is too old.
 */
import { setTimeout as timer } from 'node:timers/promises';
import { OperatorError } from '../errors.js';
import { saveEpochs } from './epoch-file.js';
import type { Epochs } from './epochs.js';
import { Gossip, type NodeInMotion } from './gossip.js';
import { cantBelieve } from './look.js';
import type { Ring } from './ring.js';
import { readRing, type RowSource } from './ring-reader.js';
import { RingSettler } from './ring-settler.js';

/** What the watch tells: each becomes a log line and a metric elsewhere. */
export interface RingListener {
  /** The ring is another one than before; not called for the first that was ever seen. */
  changed?(ring: Ring): void;
  /** Nodes began or stopped to join, leave, move or be replaced. Empty: none does any more. */
  moving?(nodes: readonly NodeInMotion[]): void;
  /** A look failed, or what it saw can't be believed; `failures` in a row. */
  failed?(what: { readonly error: OperatorError; readonly failures: number }): void;
  /** This node was a member and is none any more. */
  left?(): void;
  /** The epochs can't be written. They are kept in memory, and tried again. */
  notSaved?(error: OperatorError): void;
}

export interface RingWatchOptions {
  readonly session: RowSource;
  readonly epochs: Epochs;
  /** The state directory. */
  readonly directory: string;
  readonly listener?: RingListener;
  readonly pollMs?: number;
  /** Nobody has asked who owns what for a while, and `hint` will be called when somebody does. */
  readonly isQuiet?: () => boolean;
  /** Ms since 1970. */
  readonly now?: () => number;
}

const POLL_MS = 2000;
/** When it is quiet; below the age at which nothing is dropped by it any more (Ownership). */
const QUIET_POLL_MS = 4000;
/** While something moves, or a look could not be believed. */
const SOON_MS = 400;
/** How long a changed ring stays under closer watch. */
const CLOSE_WATCH_MS = 15_000;
/** Without changes the file only learns that the ring was seen again. */
const SAVE_EVERY_MS = 60_000;

export class RingWatch {
  readonly #session: RowSource;
  readonly #epochs: Epochs;
  readonly #directory: string;
  readonly #listener: RingListener;
  readonly #pollMs: number;
  readonly #isQuiet: () => boolean;
  readonly #now: () => number;
  readonly #settler: RingSettler;
  readonly #gossip: Gossip;
  #inMotion: readonly NodeInMotion[] = [];
  #isWaiting = false;
  #failures = 0;
  #closeWatchUntilMs = -Infinity;
  #savedAtMs = -Infinity;
  #savedVersion = -1;
  #wake: (() => void) | undefined;

  constructor({ session, epochs, directory, listener = {}, pollMs = POLL_MS, isQuiet = () => false, now = Date.now }: RingWatchOptions) {
    this.#session = session;
    this.#epochs = epochs;
    this.#directory = directory;
    this.#listener = listener;
    this.#pollMs = pollMs;
    this.#isQuiet = isQuiet;
    this.#now = now;
    this.#settler = new RingSettler({ ring: epochs.rings.current?.value, replaced: epochs.replaced });
    this.#gossip = new Gossip(session, now);
  }

  /** Nodes that join, leave, move or are replaced, as far as gossip may be read. */
  get inMotion(): readonly NodeInMotion[] {
    return this.#inMotion;
  }

  /**
   * Looks until the ring is known. Rejects with OperatorError: when the node does not answer, is joining, or shows for
   * half a minute what can't be believed (RetryableError), when the agent can't work with it (ConfigError).
   */
  async start(signal?: AbortSignal): Promise<void> {
    const until = this.#now() + CLOSE_WATCH_MS * 2;
    for (;;) {
      const waiting = await this.#look(signal);
      if (waiting === null) return;
      if (this.#now() > until) throw cantBelieve(waiting);
      await timer(SOON_MS, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Looks until the signal comes, then writes what was seen last. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.hint(), { once: true });
    while (!signal.aborted) {
      await this.#pause();
      if (signal.aborted) break;
      await this.#tryLook(signal);
    }
    await this.#save({ isLast: true });
  }

  /** Something may have changed: look now. */
  hint(): void {
    this.#wake?.();
  }

  async #tryLook(signal: AbortSignal): Promise<void> {
    try {
      const waiting = await this.#look(signal);
      if (waiting !== null && !this.#isWaiting) {
        this.#isWaiting = true;
        return;
      }
      if (waiting !== null) throw cantBelieve(waiting);
      this.#isWaiting = false;
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof OperatorError)) throw error;
      this.#failures++;
      if (error.code === 'cassandra_joining' && this.#epochs.leave()) this.#listener.left?.();
      this.#listener.failed?.({ error, failures: this.#failures });
    }
  }

  /** Null when the ring is known, else why it can't be believed yet. */
  async #look(signal: AbortSignal | undefined): Promise<string | null> {
    const epochs = this.#epochs;
    const atMs = this.#now();
    const [snapshot] = await Promise.all([readRing(this.#session, signal), this.#lookAtGossip(signal)]);
    epochs.joinedAtMs = snapshot.joinedAtMs;
    const settled = this.#settler.settle(snapshot, atMs);
    if ('waiting' in settled) return settled.waiting;
    if (epochs.observeRing(settled.ring, atMs)) {
      this.#closeWatchUntilMs = atMs + CLOSE_WATCH_MS;
      this.#listener.changed?.(settled.ring);
    }
    await this.#save();
    return null;
  }

  async #lookAtGossip(signal: AbortSignal | undefined): Promise<void> {
    const inMotion = await this.#gossip.nodesInMotion(signal);
    if (JSON.stringify(inMotion) === JSON.stringify(this.#inMotion)) return;
    this.#inMotion = inMotion;
    this.#listener.moving?.(inMotion);
  }

  async #save({ isLast = false } = {}): Promise<void> {
    const nowMs = this.#now();
    if (this.#epochs.rings.current === undefined) return;
    if (!isLast && this.#savedVersion === this.#epochs.version && nowMs - this.#savedAtMs < SAVE_EVERY_MS) return;
    const { version } = this.#epochs;
    try {
      await saveEpochs(this.#directory, this.#epochs);
      this.#savedVersion = version;
      this.#savedAtMs = nowMs;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.#listener.notSaved?.(error);
    }
  }

  #pauseMs(): number {
    const isClose = this.#isWaiting || this.#inMotion.length > 0 || this.#now() < this.#closeWatchUntilMs;
    if (isClose) return Math.min(SOON_MS, this.#pollMs);
    return this.#isQuiet() ? Math.max(QUIET_POLL_MS, this.#pollMs) : this.#pollMs;
  }

  async #pause(): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await timer(this.#pauseMs(), undefined, { signal: woken.signal }).catch(() => undefined);
    this.#wake = undefined;
  }
}
