/** How to judge the mutations of one sync section: by what was in force when they were appended, and of late ones also when they were written. */
import { tokenOf, type Mutation, type TableMetadata, type Token } from '../../parsers/index.js';
import type { OwnerLookup } from './owner-lookup.js';
import type { Refusal } from './publishing.js';
import type { KeyspaceReplication } from './replication-history.js';
import type { Ring } from './ring.js';

/** `hold`: nobody can say yet; what follows in the log waits too. */
export type Verdict = 'publish' | 'hold' | 'drop';
/** No ring was read yet; the last one is too old to drop by; or the keyspace is refused (`Ownership.refusals`). */
export type HoldReason = 'ring_unknown' | 'ring_stale' | 'refused';

export interface KeyspaceDecision {
  readonly lookups: readonly OwnerLookup[];
  /** When none of them says that the node is the owner. */
  readonly otherwise: Verdict;
  readonly refusal: Refusal | undefined;
}

/** When writes were made that only a hint can have brought so late, and to which another ring or replication may apply; ms since 1970. */
export interface HintedWrites {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface SectionFacts {
  readonly mode: 'owner' | 'all';
  readonly isStale: boolean;
  readonly rings: readonly Ring[];
  readonly replications: readonly KeyspaceReplication[];
  /** Null: whatever a hint brings was written under the same. */
  readonly hinted: HintedWrites | null;
}

export interface SectionFunctions {
  readonly decisionFor: (keyspace: string) => KeyspaceDecision;
  /** Of a write, ms since 1970. */
  readonly whenWritten: (atMs: number) => SectionOwnership;
}

const MICROS_PER_MILLI = 1000;

/** How to judge the mutations of one sync section. */
export class SectionOwnership {
  readonly #facts: SectionFacts;
  readonly #version: number;
  readonly #functions: SectionFunctions;
  readonly #decisions = new Map<string, KeyspaceDecision>();
  readonly #token: Token = { hi: 0, lo: 0 };
  /** The answer for every token and keyspace, if there is one. */
  readonly #always: Verdict | undefined;

  constructor(facts: SectionFacts, version: number, functions: SectionFunctions) {
    this.#facts = facts;
    this.#version = version;
    this.#functions = functions;
    this.#always = facts.mode === 'all' ? 'publish' : facts.rings.length === 0 || facts.replications.length === 0 ? 'hold' : undefined;
  }

  /** Why a mutation of this keyspace is held, if it is. */
  holdReason(keyspace: string): HoldReason {
    if (this.#facts.rings.length === 0 || this.#facts.replications.length === 0) return 'ring_unknown';
    return this.#decision(keyspace).refusal === undefined ? 'ring_stale' : 'refused';
  }

  /** Of a mutation that is open; `table` is that of its first update: all of a mutation lies in one keyspace. */
  decideMutation(mutation: Mutation, { keyspace }: TableMetadata): Verdict {
    if (this.#always !== undefined) return this.#always;
    const { hi, lo } = tokenOf(mutation.bytes, mutation.keyStart, mutation.keyEnd, this.#token);
    const verdict = this.decide(keyspace, hi, lo);
    const { hinted } = this.#facts;
    if (verdict !== 'drop' || hinted === null) return verdict;
    const writtenMs = mutation.minTimestamp() / MICROS_PER_MILLI;
    if (writtenMs < hinted.fromMs || writtenMs >= hinted.untilMs) return verdict;
    // If nobody can say who owned it then, nobody ever will: that is no reason to hold.
    return this.#functions.whenWritten(writtenMs).decide(keyspace, hi, lo) === 'publish' ? 'publish' : 'drop';
  }

  /** Whether a mutation that was read earlier was published then: so said whichever of these rings it was judged by. */
  surelyPublished({ bytes, keyStart, keyEnd }: Mutation, { keyspace }: TableMetadata): boolean {
    if (this.#always !== undefined) return this.#always === 'publish';
    const { lookups, otherwise } = this.#decision(keyspace);
    const { hi, lo } = tokenOf(bytes, keyStart, keyEnd, this.#token);
    return lookups.length === 0 ? otherwise === 'publish' : lookups.every((lookup) => lookup.owns(hi, lo));
  }

  /** Of a token in two 32-bit halves. */
  decide(keyspace: string, tokenHi: number, tokenLo: number): Verdict {
    if (this.#always !== undefined) return this.#always;
    const { lookups, otherwise } = this.#decision(keyspace);
    for (let i = 0; i < lookups.length; i++) {
      if (lookups[i].owns(tokenHi, tokenLo)) return 'publish';
    }
    return otherwise;
  }

  /** Whether it would judge by the same facts; what is hinted for earlier bounds with the same rings is hinted for these. */
  isOf({ mode, isStale, hinted, rings, replications }: SectionFacts, version: number): boolean {
    const own = this.#facts;
    return version === this.#version && mode === own.mode && isStale === own.isStale && (hinted === null) === (own.hinted === null) && isSameList(rings, own.rings) && isSameList(replications, own.replications);
  }

  #decision(keyspace: string): KeyspaceDecision {
    let decision = this.#decisions.get(keyspace);
    if (decision === undefined) this.#decisions.set(keyspace, (decision = this.#functions.decisionFor(keyspace)));
    return decision;
  }
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
