/**
 * Whether a look at the ring can be believed. Cassandra writes a row of peers column by column, and two rows may claim a
 * token while one node takes another's place: a new ring counts when it is whole and was seen twice.
 */
import { Ring, RingError, type RingNode } from './ring.js';
import type { RingSnapshot } from './ring-reader.js';

/** So long a row may stay torn, or two claim one token, before the ring is taken without the one that is older. */
const GRACE_MS = 30_000;

export type Settled =
  /** The ring in force; the same object as before when nothing changed. */
  | { readonly ring: Ring }
  /** Look again soon: why, as a sentence. */
  | { readonly waiting: string };

export class RingSettler {
  #ring: Ring | undefined;
  /** The snapshot that made `#ring`, and one that would change it, as text. */
  #text = '';
  #candidate = '';
  /** What is wrong with the nodes that were looked at last, as half a sentence. */
  #checked: { readonly text: string; readonly problem: string | null } | undefined;
  #tornSinceMs: number | null = null;

  constructor(ring?: Ring) {
    this.#ring = ring;
  }

  /** `nowMs`: only differences matter. */
  settle(snapshot: RingSnapshot, nowMs: number): Settled {
    const text = JSON.stringify(snapshot.nodes);
    const torn = this.#tornReason(snapshot, text);
    if (torn !== null) {
      this.#tornSinceMs ??= nowMs;
      if (this.#ring === undefined || nowMs - this.#tornSinceMs < GRACE_MS) return { waiting: torn };
    } else {
      this.#tornSinceMs = null;
    }
    if (this.#ring !== undefined && text === this.#text) return { ring: this.#ring };
    if (text !== this.#candidate) {
      this.#candidate = text;
      return { waiting: 'the ring has changed, or is changing' };
    }
    const ring = new Ring(this.#withoutReplaced(snapshot.nodes));
    this.#text = text;
    // After a restart the stored ring is the same, as another object.
    if (this.#ring?.key !== ring.key || !hasSameAddresses(this.#ring, ring)) this.#ring = ring;
    return { ring: this.#ring };
  }

  #tornReason({ nodes, incomplete }: RingSnapshot, text: string): string | null {
    const known = this.#ring?.nodes ?? [];
    // A row that lacks something and belongs to no member is a node that joins, or one that is long gone.
    const torn = incomplete.find(({ hostId, address }) => known.some((node) => (node.hostId === hostId || node.address === address) && !nodes.some((now) => now.hostId === node.hostId)));
    if (torn !== undefined) return `the row of ${torn.address} in system.peers_v2 is incomplete`;
    // Thousands of tokens are not sorted anew at every look.
    if (this.#checked?.text !== text) this.#checked = { text, problem: problemOf(nodes) };
    return this.#checked.problem;
  }

  /**
   * Nodes of the ring before whose tokens a newcomer claims have been replaced by it. A stored ring is no witness: of two
   * that were there at the start, either may be the newcomer.
   */
  #withoutReplaced(nodes: readonly RingNode[]): readonly RingNode[] {
    if (this.#text === '') return nodes;
    const known = new Set(this.#ring?.nodes.map(({ hostId }) => hostId));
    const claimed = new Set(nodes.filter(({ hostId }) => !known.has(hostId)).flatMap(({ tokens }) => tokens));
    return nodes.filter(({ hostId, tokens }, index) => index === 0 || !known.has(hostId) || !tokens.some((token) => claimed.has(token)));
  }
}

function problemOf(nodes: readonly RingNode[]): string | null {
  try {
    new Ring(nodes);
    return null;
  } catch (error) {
    if (error instanceof RingError) return error.message;
    throw error;
  }
}

function hasSameAddresses(a: Ring, b: Ring): boolean {
  return a.nodes.every(({ address }, index) => address === b.nodes[index].address);
}
