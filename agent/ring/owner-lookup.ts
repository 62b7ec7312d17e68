/** Whether a node publishes a token: computed once for a ring and a keyspace's replication, asked for every mutation. */
import type { Token } from '../../parsers/index.js';
import type { Ring } from './ring.js';
import { TokenArray } from './token-array.js';

export class OwnerLookup {
  /** Share of the whole ring that the node publishes, 0 to 1. */
  readonly share: number;
  /** Ends of runs of neighbouring ranges with one answer: at 16 tokens a node, a small part of all ranges. */
  readonly #ends: TokenArray;
  readonly #answers: Uint8Array;

  /** `publishers`: by index of the token, the index of the node that publishes the range which ends there; `node`: -1 when it is not in the ring. */
  constructor(ring: Ring, publishers: Int32Array, node: number) {
    const count = publishers.length;
    const isOwned = (index: number): boolean => node >= 0 && publishers[index] === node;
    const ends: Token[] = [];
    const answers: number[] = [];
    let share = 0;
    for (let index = 0; index < count; index++) {
      if (isOwned(index)) share += ring.tokens.widthBefore(index);
      if (isOwned(index) === isOwned((index + 1) % count)) continue;
      ends.push(ring.tokens.at(index));
      answers.push(isOwned(index) ? 1 : 0);
    }
    if (ends.length === 0 && count > 0) {
      ends.push(ring.tokens.at(0));
      answers.push(isOwned(0) ? 1 : 0);
    }
    this.share = share;
    this.#ends = new TokenArray(ends);
    this.#answers = Uint8Array.from(answers);
  }

  owns(hi: number, lo: number): boolean {
    return this.#answers[this.#ends.firstNotBelow(hi, lo)] === 1;
  }
}
