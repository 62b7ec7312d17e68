/**
 * A node's log while the ring changes: coordinators know of a change before the node does, and the agent's process dies
 * now and then. Time, ring and crashes are a model; log, epochs, ownership, window of repeats and their files are real.
 */
import { RepeatWindow } from '../../../agent/events/repeat-window.js';
import { Tally } from '../../../agent/events/tally.js';
import { LiveLog } from '../../../agent/pipeline/live-log.js';
import type { Owners } from '../../../agent/pipeline/owners.js';
import type { StoredPosition } from '../../../agent/publisher/kafka/port.js';
import { loadEpochs, saveEpochs } from '../../../agent/ring/epoch-file.js';
import type { Epochs } from '../../../agent/ring/epochs.js';
import { Ownership, type OwnershipOptions } from '../../../agent/ring/ownership.js';
import { Ring, type RingNode } from '../../../agent/ring/ring.js';
import type { SchemaFollower } from '../../../agent/schema/schema-follower.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../../../agent/serializer/serializer.js';
import type { LiveItem } from '../../../agent/source/live/live-options.js';
import type { LiveSource } from '../../../agent/source/live/live-source.js';
import { CASSANDRA_JSON, Schema, tokenOf, type CommitLogPosition } from '../../../parsers/index.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import type { Rng } from '../../helpers/random.js';
import { column, data, int, live, mutation, row, scalar, table, update } from '../events/log.js';
import { memoryLog } from './memory-log.js';

export const T0 = 1_800_000_000_000;
const SYNC_MS = 100;
const LOOK_MS = 2000;
/** So long before a node leaves it may miss writes whose hints never reach it. */
const MISSED_MS = 20_000;
const REPLICATION = new Map([['shop', { class: 'NetworkTopologyStrategy', dc1: '1' }]]);
const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] }));

/** A ring that coordinators use from `knownMs` on, and the node shows from `shownMs` on. */
export interface RingStep {
  readonly nodes: readonly RingNode[];
  readonly knownMs: number;
  readonly shownMs: number;
}

export interface Write {
  readonly number: number;
  /** When it was sent to its replicas. */
  readonly writtenMs: number;
  /** Much later when a hint brought it. */
  readonly appendedMs: number;
  /** As its coordinator saw the ring; of what the owner missed shortly before it left, the next one. */
  readonly owner: string;
}

export interface PlannedLog {
  readonly writes: readonly Write[];
  readonly items: readonly Extract<LiveItem, { kind: 'section' }>[];
  readonly ends: readonly number[];
}

const SEGMENT = 5;

/** Owner of a key: whose token is the first at or behind its own. Said here once more, in other words than the product's. */
export function ownerOf(nodes: readonly RingNode[], key: number): string {
  const bytes = int(key);
  const { hi, lo } = tokenOf(bytes, 0, bytes.length, { hi: 0, lo: 0 });
  const token = (BigInt(hi) << 32n) | BigInt(lo >>> 0);
  const sorted = nodes.flatMap(({ hostId, tokens }) => tokens.map((text) => ({ hostId, at: BigInt(text) }))).sort((a, b) => (a.at < b.at ? -1 : 1));
  return (sorted.find(({ at }) => at >= token) ?? sorted[0]).hostId;
}

/** One write each `everyMs` or so, as long as `lengthMs`. Now and then the node stands still for some seconds: of these it gets the writes by hints. */
export function planLog(rng: Rng, steps: readonly RingStep[], { lengthMs, everyMs, hintedMs }: { readonly lengthMs: number; readonly everyMs: number; readonly hintedMs: number }): PlannedLog {
  const sent: Omit<Write, 'number'>[] = [];
  const stall = { from: T0, to: T0, hints: 0 };
  for (let at = T0; at < T0 + lengthMs; at += rng.between(1, 2 * everyMs)) {
    // One coordinator learns of it sooner than another.
    const step = steps.findLast(({ knownMs }) => knownMs + rng.between(0, 1000) <= at) ?? steps[0];
    if (at >= stall.to) {
      stall.from = at + rng.between(0, 10_000);
      stall.to = stall.from + rng.between(1000, 5000);
      stall.hints = stall.to + rng.between(2000, hintedMs);
    }
    const appendedMs = at >= stall.from ? stall.hints + rng.between(0, 500) : at;
    const owner = ownerOf(step.nodes, sent.length);
    const without = steps.find(({ nodes, knownMs }) => knownMs > at && knownMs < at + MISSED_MS && !nodes.some(({ hostId }) => hostId === owner));
    // Not both of them: nobody would have acknowledged it.
    const isMissed = without !== undefined && appendedMs === at && rng.chance(0.3);
    sent.push({ writtenMs: at, appendedMs: Math.min(appendedMs, T0 + lengthMs), owner: isMissed ? ownerOf(without.nodes, sent.length) : owner });
  }
  const keyed = sent.map((write, number) => ({ ...write, number }));
  const writes = keyed.sort((a, b) => a.appendedMs - b.appendedMs);
  const log = memoryLog(SEGMENT, writes.map(({ number, writtenMs }) => mutation(update(notes, [int(number)], { items: [row([], [data(notes, 'v', [live(int(0), { timestamp: BigInt(writtenMs) * 1000n })])])] }))), { isSynced: true });
  const items = log.sections.slice(0, writes.length);
  return { writes, items, ends: log.entries.map(({ end }) => end) };
}

export interface WorldOptions {
  readonly directory: string;
  readonly hostId: string;
  readonly steps: readonly RingStep[];
  readonly log: PlannedLog;
  readonly rng: Rng;
  /** False: a control that judges nothing again. */
  readonly judgesAgain?: boolean;
  readonly ownership?: Pick<OwnershipOptions, 'hintsMs'>;
}

/** Kafka, the clock and the files outlive the process. */
export class RingChangeWorld {
  readonly published: number[] = [];
  now = T0;
  stored: StoredPosition | null = null;
  readonly #options: WorldOptions;
  #epochs!: Epochs;
  #lookAt = 0;
  #savedVersion = -1;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** Everything is published, the last ring was seen, and nothing is to be judged again. */
  get isOver(): boolean {
    const { log: { ends }, steps } = this.#options;
    const { unsettled, rings } = this.#epochs;
    return this.stored !== null && this.stored.position >= ends[ends.length - 1] && unsettled === null && rings.current?.value.key === new Ring(steps[steps.length - 1].nodes).key;
  }

  /** One life of the process: until everything is published, or until `diesAt`. */
  async live(diesAt: number): Promise<void> {
    const { directory, hostId, rng } = this.#options;
    this.#epochs = await loadEpochs(directory, hostId);
    this.#look();
    const repeats = new RepeatWindow({ now: () => this.now, size: 64 });
    const log = this.#log(repeats);
    const stop = new AbortController();
    let batch: number[] = [];
    let end: CommitLogPosition = this.stored ?? { segment: 0, position: 0 };
    /** Being committed. */
    let cut: { readonly events: readonly number[]; readonly position: StoredPosition; readonly atMs: number } | undefined;
    const chunks = log.read(this.stored, stop.signal)[Symbol.asyncIterator]();
    const turn = (): void => {
      if (this.now >= diesAt || this.isOver) return stop.abort();
      if (cut !== undefined && this.now >= cut.atMs) {
        this.published.push(...cut.events);
        this.stored = cut.position;
        log.committed();
        cut = undefined;
      }
      if (cut !== undefined || !rng.chance(0.3)) return;
      cut = { events: batch, position: { ...end, index: 0, events: 0, instance: '', extra: {}, ...log.needs() }, atMs: this.now + rng.between(1, 300) };
      batch = [];
    };
    this.#turn = turn;
    for (let next = await chunks.next(); next.done !== true && !stop.signal.aborted; next = await chunks.next()) {
      for (const { records, end: at } of next.value) {
        for (const { bytes, keyStart, keyEnd } of records) batch.push((JSON.parse(bytes.toString('utf8', keyStart, keyEnd)) as { k: number }).k);
        // As Delivery does: never back.
        if (at.segment > end.segment || at.position > end.position) end = { ...at };
        turn();
      }
      await this.#pass(1);
    }
  }

  #turn: () => void = () => undefined;

  /** Time goes by. */
  async #pass(ms: number): Promise<void> {
    this.now += ms;
    if (this.now >= this.#lookAt) this.#look();
    // A crash may come between what is known and what is on disk.
    if (this.#savedVersion !== this.#epochs.version && this.#options.rng.chance(0.3)) await this.#save();
    this.#turn();
  }

  async #save(): Promise<void> {
    this.#savedVersion = this.#epochs.version;
    await saveEpochs(this.#options.directory, this.#epochs);
  }

  #look(): void {
    const shown = this.#options.steps.findLast(({ shownMs }) => shownMs <= this.now) ?? this.#options.steps[0];
    this.#epochs.observeRing(new Ring(shown.nodes), this.now);
    this.#lookAt = this.now + LOOK_MS;
  }

  #log(repeats: RepeatWindow): LiveLog {
    const epochs = this.#epochs;
    epochs.observeReplication(REPLICATION, 0);
    const ownership = new Ownership({ mode: 'owner', epochs, now: () => this.now, ...this.#options.ownership });
    const owners: Owners = {
      at: (bounds) => {
        const section = ownership.at(bounds);
        return { decide: (one, of) => section.decideMutation(one, of), surelyPublished: (one, of) => section.surelyPublished(one, of) };
      },
      joined: null,
      held: () => undefined, released: () => undefined, schemaMoved: () => undefined,
      get settledBeforeMs() { return epochs.settledBeforeMs; },
      rejudgement: () => (this.#options.judgesAgain === false ? null : ownership.rejudgement()),
      settle: (ring) => epochs.settle(ring),
    };
    const follower = { schema: SCHEMA, reconcile: () => Promise.resolve(false) } as Partial<SchemaFollower> as SchemaFollower;
    return new LiveLog({
      source: this.#source(), owners, repeats, tally: new Tally(), unknown: undefined as never,
      serializer: new JsonSerializer({ topic: '{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE }),
      begin: () => Promise.resolve(follower), beginAgain: () => Promise.resolve(follower),
      control: { topic: 'control', source: UNKNOWN_SOURCE }, now: () => this.now, sleep: (ms) => this.#pass(ms),
    });
  }

  /** Shows each entry a sync later. */
  #source(): LiveSource {
    const { writes, items, ends } = this.#options.log;
    let next = 0;
    const source = {
      isCaughtUp: false,
      pollInterval: 20,
      begin: (from: CommitLogPosition | undefined): void => {
        next = from === undefined || from.segment < SEGMENT ? 0 : ends.findIndex((end) => end > from.position);
        if (next < 0) next = ends.length;
        source.isCaughtUp = false;
      },
      committed: () => undefined,
      poll: (): LiveItem | undefined => {
        const isThere = next < writes.length && writes[next].appendedMs + SYNC_MS <= this.now;
        source.isCaughtUp = !isThere;
        return isThere ? items[next++] : undefined;
      },
    };
    return source as Partial<LiveSource> as LiveSource;
  }
}
