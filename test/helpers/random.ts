/**
 * A small seeded random source (sfc32): the same seed gives the same schemas, mutations and damage on every machine.
 * Not for secrets.
 */
export class Rng {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.imul(seed | 0, 0x9e3779b1) | 0;
    this.#c = ~seed | 0;
    for (let i = 0; i < 16; i++) this.u32();
  }

  /** Uniform in [0, 2^32). */
  u32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * bound);
  }

  /** Uniform in [low, high], both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.u32() < probability * 0x1_0000_0000;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.below(items.length)];
  }

  /** Any signed 64-bit integer. */
  int64(): bigint {
    return BigInt.asIntN(64, (BigInt(this.u32()) << 32n) | BigInt(this.u32()));
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let word = 0;
    for (let i = 0; i < length; i++) bytes[i] = word = (i & 3) === 0 ? this.u32() : word >>> 8;
    return bytes;
  }

  /** A random subset in the order of `items`, each kept with `probability`. */
  subset<T>(items: readonly T[], probability: number): T[] {
    return items.filter(() => this.chance(probability));
  }

  /** A source of its own for a part of the work, so that a change in one part leaves the others as they were. */
  fork(): Rng {
    return new Rng(this.u32());
  }
}

/** The seed of this run: CDC_SEED when set (to repeat a failure), else `fallback`, else one from the clock. */
export function runSeed(fallback?: number): number {
  const given = process.env['CDC_SEED'];
  if (given !== undefined && given !== '') {
    const seed = Number(given);
    if (!Number.isInteger(seed)) throw new Error(`CDC_SEED is not an integer: ${given}`);
    return seed | 0;
  }
  return fallback ?? Date.now() % 0x7fff_ffff;
}
