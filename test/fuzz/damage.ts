/**
 * Blind damage: what disks, copies and hostile neighbours do to a file without knowing its checksums. After it, a reader may
 * find less than the original held, in another order or twice, but nothing else.
 */
import type { Rng } from '../helpers/random.js';
import type { Original } from './corpus.js';

export interface Damaged {
  readonly file: Buffer;
  /** Other originals that parts were taken from. */
  readonly donors: readonly Original[];
  /** Every entry that is not found must be accounted for by a reported damage. */
  readonly isAccountable: boolean;
  /**
   * `place`: nothing was moved, entries come out in their order, each once, and at their places before the damage.
   * `order`: bytes are missing or too many, entries come out in their order, each once. `any`: parts were moved or repeated.
   */
  readonly keeps: 'place' | 'order' | 'any';
}

export type Damage = (rng: Rng, original: Original, others: readonly Original[]) => Damaged;

const moved = (file: Buffer): Damaged => ({ file, donors: [], isAccountable: false, keeps: 'any' });
const inPlace = (file: Buffer, isAccountable: boolean): Damaged => ({ file, donors: [], isAccountable, keeps: 'place' });
const inOrder = (file: Buffer): Damaged => ({ file, donors: [], isAccountable: false, keeps: 'order' });

/** Anywhere, but rather where there is data than in the padding. */
function place(rng: Rng, original: Original): number {
  const end = rng.chance(0.9) ? original.markers[original.markers.length - 1] : original.file.length;
  return rng.below(Math.max(1, end));
}

function range(rng: Rng, original: Original, longest: number): [start: number, end: number] {
  const start = place(rng, original);
  return [start, Math.min(original.file.length, start + rng.between(1, longest))];
}

/** Offsets of integers that steer the reader: markers, lengths behind them, entry sizes and checksums. */
function steering(rng: Rng, original: Original): number {
  if (rng.chance(0.1)) return rng.below(original.headerLength);
  const marker = rng.pick(original.markers);
  if (!original.isPlain) return marker + rng.pick([0, 4, 8, 12, 16, 20, 24]);
  if (rng.chance(0.3) || original.entries.length === 0) return marker + rng.pick([0, 4]);
  const { end, mutation } = rng.pick(original.entries);
  return end - mutation.length - 12 + rng.pick([0, 4, 8, 24, 8 + mutation.length]);
}

const INTEGERS = [0, 1, -1, 2, 7, 8, 9, 10, 11, 12, 255, 256, 65_535, 65_536, 0x7fff_ffff, -0x8000_0000, 0x0100_0000, 0x1000_0000, 0x4000_0000, 67_108_864];

export const DAMAGES: Readonly<Record<string, Damage>> = {
  'one bit'(rng, original) {
    const file = Buffer.from(original.file);
    file[place(rng, original)] ^= 1 << rng.below(8);
    return inPlace(file, true);
  },
  'some bits'(rng, original) {
    const file = Buffer.from(original.file);
    for (let i = rng.between(2, 16); i > 0; i--) file[place(rng, original)] ^= 1 << rng.below(8);
    return inPlace(file, true);
  },
  'bytes overwritten'(rng, original) {
    const file = Buffer.from(original.file);
    const [start, end] = range(rng, original, 64);
    rng.bytes(end - start).copy(file, start);
    return inPlace(file, true);
  },
  'zeroed'(rng, original) {
    const file = Buffer.from(original.file);
    const [start, end] = range(rng, original, rng.pick([4, 8, 512, 4096]));
    file.fill(0, start, end);
    return inPlace(file, false);
  },
  'cut'(rng, original) {
    const at = rng.chance(0.5) ? place(rng, original) : Math.max(0, rng.pick(original.markers) + rng.between(-12, 12));
    return inPlace(original.file.subarray(0, at), false);
  },
  'bytes removed'(rng, original) {
    const [start, end] = range(rng, original, rng.pick([1, 4, 64, 2048]));
    return inOrder(Buffer.concat([original.file.subarray(0, start), original.file.subarray(end)]));
  },
  'bytes inserted'(rng, original) {
    const at = place(rng, original);
    return inOrder(Buffer.concat([original.file.subarray(0, at), rng.bytes(rng.pick([1, 4, 64])), original.file.subarray(at)]));
  },
  'range repeated'(rng, original) {
    const [start, end] = range(rng, original, 4096);
    return moved(Buffer.concat([original.file.subarray(0, end), original.file.subarray(start)]));
  },
  'ranges exchanged'(rng, original) {
    const file = Buffer.from(original.file);
    const [start, end] = range(rng, original, 256);
    const other = place(rng, original);
    original.file.copy(file, other, start, end);
    original.file.copy(file, start, other, Math.min(other + end - start, file.length));
    return moved(file);
  },
  'length lies'(rng, original) {
    const file = Buffer.from(original.file);
    for (let i = rng.between(1, 2); i > 0; i--) {
      const at = Math.min(steering(rng, original), file.length - 4);
      // By some bytes, or by some entries.
      const entry = original.entries.length === 0 ? 1 : rng.pick(original.entries).mutation.length + 12;
      const near = file.readInt32BE(at) + (rng.chance(0.5) ? rng.between(-16, 16) : entry * rng.between(-4, 16));
      const value = rng.pick([...INTEGERS, near, near, near, file.length, file.length - at, rng.u32()]);
      file.writeInt32BE(value | 0, at);
    }
    // Two zeros in a marker mean that nothing has been synced yet: no damage, and nothing to report.
    const isUnsynced = original.markers.some((marker) => marker + 8 <= file.length && file.readInt32BE(marker) === 0 && file.readInt32BE(marker + 4) === 0);
    return inPlace(file, !isUnsynced || file.equals(original.file));
  },
  'spliced'(rng, original, others) {
    const donor = rng.pick(others);
    const from = rng.chance(0.5) ? rng.pick(original.markers) : place(rng, original);
    const to = rng.chance(0.5) ? from : rng.chance(0.5) ? rng.pick(donor.markers) : place(rng, donor);
    return { file: Buffer.concat([original.file.subarray(0, from), donor.file.subarray(to)]), donors: [donor], isAccountable: false, keeps: 'any' };
  },
  'patched from another'(rng, original, others) {
    const donor = rng.pick(others);
    const file = Buffer.from(original.file);
    const [start, end] = range(rng, donor, 1024);
    donor.file.copy(file, place(rng, original), start, end);
    return { file, donors: [donor], isAccountable: false, keeps: 'any' };
  },
  'entry bodies exchanged'(rng, original) {
    if (!original.isPlain || original.entries.length < 2) return DAMAGES['ranges exchanged'](rng, original, []);
    const file = Buffer.from(original.file);
    const a = rng.pick(original.entries);
    const b = rng.pick(original.entries);
    const length = Math.min(a.mutation.length, b.mutation.length);
    b.mutation.copy(file, a.end - 4 - a.mutation.length, 0, length);
    a.mutation.copy(file, b.end - 4 - b.mutation.length, 0, length);
    return { file, donors: [], isAccountable: true, keeps: 'any' };
  },
  'something behind the end'(rng, original) {
    const end = original.markers[original.markers.length - 1];
    const tail = rng.chance(0.5) ? rng.bytes(rng.between(1, 64)) : original.file.subarray(rng.pick(original.markers));
    return { ...moved(Buffer.concat([original.file.subarray(0, end), rng.chance(0.5) ? Buffer.alloc(8) : Buffer.alloc(0), tail])), isAccountable: true };
  },
};
