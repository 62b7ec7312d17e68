/**
 * Which mutations this node publishes: of the copies that the replicas log, exactly one.
 *
 * ```ts
 * const epochs = await loadEpochs(config.state_directory, node.hostId);
 * const watch = new RingWatch({ session, epochs, directory: config.state_directory, listener });
 * await session.untilAnswered(() => watch.start(signal), signal);       // the first ring
 * epochs.observeReplication(tracker.replication(), appendedAfterMs);    // at the start, and behind each change of
 *                                                                       // tracker.keyspaceChanges: then ask `at` again
 * const ownership = new Ownership({ mode, datacenter, epochs, now: Date.now });
 * ownership.assertDecidable(keyspacesOfCapturedTables);                 // ConfigError that names the keyspaces, and the fix
 * void watch.run(signal);                                               // polls until the signal
 *
 * const section = ownership.at({ appendedAfterMs, appendedBeforeMs });  // once per sync section
 * switch (section.decideMutation(mutation, table)) {                    // table: of the mutation's first update
 *   case 'publish': …
 *   case 'drop': …                                                      // not owned
 *   case 'hold': …                                                      // stay in front of it, ask again with a new `at`;
 *                                                                       // section.holdReason(table.keyspace) says why
 * }
 * ```
 * Ask for captured tables only: what nobody wants needs no owner, and a refused keyspace would hold the log up.
 */
import { ConfigError } from '../errors.js';
import type { Epochs } from './epochs.js';
import { OwnerLookup } from './owner-lookup.js';
import { isRefusal, publishersOf, publishingDatacenter, type Refusal } from './publishing.js';
import { parseReplication, type ReplicationOptions } from './replication.js';
import { textOfOptions, type KeyspaceReplication } from './replication-history.js';
import { Rejudgement } from './rejudgement.js';
import type { Ring } from './ring.js';
import { SectionOwnership, type HintedWrites, type KeyspaceDecision, type SectionFacts } from './section-ownership.js';
import type { AppendBounds } from './timeline.js';

export interface OwnershipOptions {
  /** `all`: every copy, no ring needed. */
  readonly mode: 'owner' | 'all';
  /** `ownership.datacenter`. */
  readonly datacenter?: string | undefined;
  readonly epochs: Epochs;
  /** Ms since 1970. */
  readonly now: () => number;
  /** So long behind a change the owner of before publishes too: nodes learn of it at different times. */
  readonly toleranceMs?: number;
  /** What was appended so long after the ring was last read is not dropped by it. Must stay below the tolerance. */
  readonly staleAfterMs?: number;
  /** Oldest write that a hint may bring. */
  readonly hintsMs?: number;
}

export interface KeyspaceShare {
  readonly keyspace: string;
  /** Of the whole ring, 0 to 1; 0 when the keyspace is refused. */
  readonly share: number;
  readonly refusal: Refusal | undefined;
}

/** For logs, status and metrics: by the ring and the replication of now. */
export interface OwnershipView {
  readonly mode: 'owner' | 'all';
  /** Changes of the ring since the agent was first started here. */
  readonly ringChanges: number;
  readonly nodes: number;
  /** Mean over the keyspaces; 1 in mode `all`. */
  readonly ownedShare: number;
  readonly keyspaces: readonly KeyspaceShare[];
  /** When the ring was last read, ms since 1970; null before the first time. */
  readonly ringReadAtMs: number | null;
}

const TOLERANCE_MS = 10_000;
const STALE_AFTER_MS = 6_000;
/** Hints are kept for writes of three hours by default (max_hint_window), and to replay them takes its time. */
const HINTS_MS = 6 * 3_600_000;

export class Ownership {
  readonly #options: Required<Omit<OwnershipOptions, 'datacenter'>> & { readonly datacenter: string | undefined };
  readonly #lookups = new WeakMap<Ring, Map<string, OwnerLookup>>();
  #section: SectionOwnership | undefined;
  /** Of a write that came late. */
  #written: SectionOwnership | undefined;
  #rejudgement: { readonly version: number; readonly made: Rejudgement } | undefined;

  constructor({ datacenter, toleranceMs = TOLERANCE_MS, staleAfterMs = STALE_AFTER_MS, hintsMs = HINTS_MS, ...options }: OwnershipOptions) {
    this.#options = { datacenter, toleranceMs, staleAfterMs, hintsMs, ...options };
  }

  /**
   * How to judge what was appended in these bounds; `appendedBeforeMs` must not be earlier than the append (now, when nothing
   * better is known: it is taken as now when it lies in the future).
   */
  at({ appendedAfterMs, appendedBeforeMs }: AppendBounds): SectionOwnership {
    const { epochs, toleranceMs, staleAfterMs, mode, now } = this.#options;
    const before = Math.min(appendedBeforeMs, now());
    const bounds = { appendedAfterMs: Math.min(appendedAfterMs, before), appendedBeforeMs: before };
    const current = epochs.rings.current;
    const facts: SectionFacts = {
      mode,
      isStale: current !== undefined && !epochs.hasLeft && before > current.confirmedMs + staleAfterMs,
      rings: mode === 'all' ? [] : epochs.rings.during(bounds, toleranceMs),
      replications: mode === 'all' ? [] : epochs.replications.during(bounds.appendedAfterMs, toleranceMs),
      hinted: this.#hinted(bounds.appendedAfterMs),
    };
    return (this.#section = this.#sectionOf(facts, this.#section));
  }

  #sectionOf(facts: SectionFacts, before: SectionOwnership | undefined): SectionOwnership {
    const { version } = this.#options.epochs;
    if (before?.isOf(facts, version) === true) return before;
    return new SectionOwnership(facts, version, { decisionFor: (keyspace) => this.#decisionFor(keyspace, facts), whenWritten: (atMs) => this.#whenWritten(atMs) });
  }

  /** Writes of before the last change, while hints may bring them. What is not older than its append is judged by the rings of then anyway. */
  #hinted(appendedAfterMs: number): HintedWrites | null {
    const { epochs: { lastChangeMs }, mode, toleranceMs, hintsMs } = this.#options;
    const untilMs = lastChangeMs + toleranceMs;
    if (mode === 'all' || untilMs === -Infinity || appendedAfterMs >= untilMs + hintsMs) return null;
    return { fromMs: untilMs - hintsMs, untilMs: Math.min(untilMs, appendedAfterMs) };
  }

  /** By what was in force when the write was sent to its replicas: its coordinator may have known of a change earlier, or later, than this node. */
  #whenWritten(atMs: number): SectionOwnership {
    const { epochs: { rings, replications }, mode, toleranceMs } = this.#options;
    const facts: SectionFacts = {
      mode, isStale: false, hinted: null,
      rings: rings.during({ appendedAfterMs: atMs, appendedBeforeMs: atMs + toleranceMs }, toleranceMs),
      replications: replications.during(atMs, toleranceMs),
    };
    return (this.#written = this.#sectionOf(facts, this.#written));
  }

  /** For what was read before a change of the ring was seen, until `Epochs.settle`; null: there was none. */
  rejudgement(): Rejudgement | null {
    const { epochs, mode, toleranceMs } = this.#options;
    const { version, unsettled, rings, replications } = epochs;
    if (mode === 'all' || unsettled === null || rings.current === undefined) return null;
    if (this.#rejudgement?.version === version) return this.#rejudgement.made;
    const since = epochs.ringsSince;
    const options = { isStale: false, replications: replications.during(unsettled.fromMs, toleranceMs) };
    const made = new Rejudgement(rings.current.value, {
      before: (keyspace) => this.#decisionFor(keyspace, { ...options, rings: [unsettled.ring] }).lookups,
      since: (keyspace) => this.#decisionFor(keyspace, { ...options, rings: since }).lookups,
    });
    this.#rejudgement = { version, made };
    return made;
  }

  /** Keyspaces of which nobody can say who publishes them, by the ring and the replication of now. */
  refusals(keyspaces: Iterable<string>): Refusal[] {
    return [...keyspaces].flatMap((keyspace) => this.#current(keyspace)?.refusal ?? []);
  }

  /** Throws ConfigError that names each keyspace whose changes could only be held. */
  assertDecidable(keyspaces: Iterable<string>): void {
    const refusals = this.refusals(keyspaces);
    if (refusals.length === 0) return;
    throw new ConfigError('ownership_undecided', refusals.map(({ message }) => message).join('; '), { fix: [...new Set(refusals.map(({ fix }) => fix))].join('; ') });
  }

  view(keyspaces: Iterable<string>): OwnershipView {
    const { mode, epochs } = this.#options;
    const shares = [...keyspaces].map((keyspace) => {
      const decision = this.#current(keyspace);
      return { keyspace, share: mode === 'all' ? 1 : (decision?.lookups[0]?.share ?? 0), refusal: decision?.refusal };
    });
    const current = epochs.rings.current;
    return {
      mode,
      ringChanges: epochs.ringChanges,
      nodes: current?.value.nodes.length ?? 0,
      ownedShare: mode === 'all' ? 1 : shares.reduce((sum, { share }) => sum + share, 0) / Math.max(1, shares.length),
      keyspaces: shares,
      ringReadAtMs: current?.confirmedMs ?? null,
    };
  }

  #current(keyspace: string): KeyspaceDecision | undefined {
    const { epochs: { rings, replications }, mode } = this.#options;
    if (mode === 'all' || rings.current === undefined || replications.current === undefined) return undefined;
    return this.#decisionFor(keyspace, { isStale: false, rings: [rings.current.value], replications: [replications.current] });
  }

  #decisionFor(keyspace: string, { rings, replications, isStale }: Omit<SectionFacts, 'mode' | 'hinted'>): KeyspaceDecision {
    const lookups: OwnerLookup[] = [];
    let refusal: Refusal | undefined;
    const optionsList = this.#optionsOf(keyspace, replications);
    // Nothing says where a keyspace that is long gone had its replicas: rather each copy than none.
    if (optionsList.length === 0) return { lookups, otherwise: replications.length === 0 ? 'hold' : 'publish', refusal };
    for (const ring of rings) {
      for (const options of optionsList) {
        const answer = this.#lookup(ring, keyspace, options);
        if (answer instanceof OwnerLookup) lookups.push(answer);
        else refusal = answer;
      }
    }
    return { lookups: [...new Set(lookups)], otherwise: refusal !== undefined || isStale || rings.length === 0 ? 'hold' : 'drop', refusal };
  }

  /** As they were then; for a keyspace that was not there then, as they were last. */
  #optionsOf(keyspace: string, replications: readonly KeyspaceReplication[]): ReplicationOptions[] {
    const then = replications.map((replication) => replication.get(keyspace)).filter((options) => options !== undefined);
    const last = this.#options.epochs.replications.lastOf(keyspace);
    return then.length > 0 || last === undefined ? then : [last];
  }

  #lookup(ring: Ring, keyspace: string, options: ReplicationOptions): OwnerLookup | Refusal {
    const replication = parseReplication(options);
    const chosen = publishingDatacenter(ring, { keyspace, replication, datacenter: this.#options.datacenter });
    if (isRefusal(chosen)) return chosen;
    let lookups = this.#lookups.get(ring);
    if (lookups === undefined) this.#lookups.set(ring, (lookups = new Map<string, OwnerLookup>()));
    const key = `${chosen.datacenter ?? ''} ${textOfOptions(options)}`;
    let lookup = lookups.get(key);
    if (lookup === undefined) {
      const localNode = ring.indexOf(this.#options.epochs.hostId);
      lookups.set(key, (lookup = new OwnerLookup(ring, publishersOf(ring, { replication, localNode }, chosen.datacenter), localNode)));
    }
    return lookup;
  }
}
