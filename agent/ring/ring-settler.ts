/**
 * Whether a look at the ring can be believed. Cassandra writes a row of peers column by column, and two rows may claim a
 * token while one node takes another's place, or for good when a dead node's row came back: a new ring counts when it is
 * whole and was seen twice.
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
  readonly #replaced: Set<string>;
  /** The nodes that made `#ring`, and those that would change it, as text. */
  #text = '';
  #candidate = '';
  /** What is wrong with the nodes that were looked at last, as half a sentence. */
  #checked: { readonly text: string; readonly problem: string | null } | undefined;
  #tornSinceMs: number | null = null;

  /** `ring`: the last one of an earlier run; `replaced`: host ids of nodes that others took the place of, added to here. */
  constructor({ ring, replaced = new Set() }: { readonly ring?: Ring | undefined; readonly replaced?: Set<string> } = {}) {
    this.#ring = ring;
    this.#replaced = replaced;
  }

  /** `nowMs`: only differences matter. */
  settle({ nodes: seen, incomplete }: RingSnapshot, nowMs: number): Settled {
    const nodes = this.#withoutReplaced(seen);
    const text = JSON.stringify(nodes);
    const torn = this.#tornReason(nodes, incomplete);
    const conflict = this.#conflict(nodes, text);
    if (torn === null && conflict === null) {
      this.#tornSinceMs = null;
    } else {
      this.#tornSinceMs ??= nowMs;
      const isOver = nowMs - this.#tornSinceMs >= GRACE_MS;
      if (isOver && conflict !== null) this.#noteReplaced(nodes);
      if (!isOver || conflict !== null) return { waiting: torn ?? conflict ?? '' };
    }
    if (this.#ring !== undefined && text === this.#text) return { ring: this.#ring };
    if (text !== this.#candidate) {
      this.#candidate = text;
      return { waiting: 'the ring has changed, or is changing' };
    }
    const ring = new Ring(nodes);
    this.#text = text;
    // After a restart the stored ring is the same, as another object.
    if (this.#ring?.key !== ring.key || !hasSameAddresses(this.#ring, ring)) this.#ring = ring;
    return { ring: this.#ring };
  }

  /** A row that lacks something and belongs to no member is a node that joins, or one that is long gone. */
  #tornReason(nodes: readonly RingNode[], incomplete: RingSnapshot['incomplete']): string | null {
    const known = this.#ring?.nodes ?? [];
    const torn = incomplete.find(({ hostId, address }) => known.some((node) => (node.hostId === hostId || node.address === address) && !nodes.some((now) => now.hostId === node.hostId)));
    return torn === undefined ? null : `the row of ${torn.address} in system.peers_v2 is incomplete`;
  }

  #conflict(nodes: readonly RingNode[], text: string): string | null {
    // Thousands of tokens are not sorted anew at every look.
    if (this.#checked?.text !== text) this.#checked = { text, problem: problemOf(nodes) };
    return this.#checked.problem;
  }

  /**
   * Members whose tokens a newcomer claims have been replaced by it. Only what was seen by this process is a witness: of
   * two rows that were there at the start, either may be the newcomer.
   */
  #noteReplaced(nodes: readonly RingNode[]): void {
    if (this.#text === '') return;
    const known = new Set(this.#ring?.nodes.map(({ hostId }) => hostId));
    const claimed = new Set(nodes.filter(({ hostId }) => !known.has(hostId)).flatMap(({ tokens }) => tokens));
    nodes.forEach(({ hostId, tokens }, index) => {
      if (index > 0 && known.has(hostId) && tokens.some((token) => claimed.has(token))) this.#replaced.add(hostId);
    });
  }

  /** Leaves out nodes that were replaced and still claim what is another's. */
  #withoutReplaced(nodes: readonly RingNode[]): readonly RingNode[] {
    if (!nodes.some(({ hostId }) => this.#replaced.has(hostId))) return nodes;
    const others = new Set(nodes.filter(({ hostId }) => !this.#replaced.has(hostId)).flatMap(({ tokens }) => tokens));
    return nodes.filter(({ hostId, tokens }) => !this.#replaced.has(hostId) || !tokens.some((token) => others.has(token)));
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
