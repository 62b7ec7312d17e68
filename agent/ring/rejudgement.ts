/**
 * After a change of the ring: coordinators knew of it earlier than this node, and sent writes to their new owner, which
 * passed them over by the old ring, while the old owner never got them. So what was read in the seconds before is judged
 * once more. Of it, that is ours which a ring since then gives to this node and the ring before did not: that one was
 * published.
 */
import { tokenOf, type Mutation, type TableMetadata, type Token } from '../../parsers/index.js';
import type { OwnerLookup } from './owner-lookup.js';
import type { Ring } from './ring.js';

type Lookups = (keyspace: string) => readonly OwnerLookup[];

export class Rejudgement {
  /** The newest that it judges by; another object when it has changed again. */
  readonly ring: Ring;
  readonly #before: Lookups;
  readonly #since: Lookups;
  readonly #token: Token = { hi: 0, lo: 0 };

  constructor(ring: Ring, { before, since }: { readonly before: Lookups; readonly since: Lookups }) {
    this.ring = ring;
    this.#before = remembering(before);
    this.#since = remembering(since);
  }

  /** Of a mutation that is open and was read before; `table` is that of its first update. */
  givesMutation({ bytes, keyStart, keyEnd }: Mutation, { keyspace }: TableMetadata): boolean {
    const { hi, lo } = tokenOf(bytes, keyStart, keyEnd, this.#token);
    return this.gives(keyspace, hi, lo);
  }

  /** Of a token in two 32-bit halves. */
  gives(keyspace: string, hi: number, lo: number): boolean {
    if (!this.#since(keyspace).some((lookup) => lookup.owns(hi, lo))) return false;
    const before = this.#before(keyspace);
    return before.length === 0 || !before.every((lookup) => lookup.owns(hi, lo));
  }
}

function remembering(lookups: Lookups): Lookups {
  const known = new Map<string, readonly OwnerLookup[]>();
  return (keyspace) => {
    let found = known.get(keyspace);
    if (found === undefined) known.set(keyspace, (found = lookups(keyspace)));
    return found;
  };
}
