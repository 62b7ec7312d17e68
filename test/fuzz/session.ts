/** Runs cases one after the other; each is decided by the seed and its number alone, so that any can be repeated. */
import { inflateSync } from 'node:zlib';
import { garbageCollector } from '../../agent/observe/idle-memory.js';
import { Rng } from '../helpers/random.js';
import type { Bomb } from './bombs.js';
import { modelOriginals, recordedOriginals, uniformOriginals } from './corpus.js';
import type { Original } from './corpus.js';
import { DAMAGES } from './damage.js';
import { FORGERIES } from './forge.js';
import { Judge } from './judge.js';
import { prepare } from './prepare.js';
import type { Verdict, Violation } from './judge.js';

/** One case in so many is a bomb: they take as long as hundreds of others. */
const BOMB_EVERY = 2500;
const FORGED_SHARE = 0.35;
/** Share of the cases whose entries are compared by content, not by bytes alone. */
const DUMP_SHARE = 0.2;

const collectGarbage = garbageCollector();

export interface Finding extends Violation {
  readonly index: number;
  readonly operation: string;
  readonly original: string;
}

export interface OperationCount {
  cases: number;
  /** Cases in which damage was reported. */
  reported: number;
  /** Entries that came out. */
  entries: number;
}

export interface SessionReport {
  cases: number;
  readonly operations: Record<string, OperationCount>;
  readonly findings: Finding[];
  /** Wall time, or CPU time where that is beyond the limit. */
  slowestMs: number;
  slowest: string;
}

export function emptyReport(): SessionReport {
  return { cases: 0, operations: {}, findings: [], slowestMs: 0, slowest: '' };
}

export class FuzzSession {
  readonly originals: readonly Original[];
  readonly report = emptyReport();
  readonly #seed: number;
  readonly #judge: Judge;
  readonly #bombs: readonly Bomb[];
  readonly #groups = new Map<string, readonly Original[]>();
  readonly #damages = Object.entries(DAMAGES);
  readonly #forgeries = Object.entries(FORGERIES);

  constructor(seed: number, judge = new Judge()) {
    const { pieces, bombs } = prepare();
    this.#seed = seed;
    this.originals = [...recordedOriginals(pieces), ...modelOriginals(), ...uniformOriginals()];
    for (const { group } of this.originals) if (!this.#groups.has(group)) this.#groups.set(group, this.originals.filter((original) => original.group === group));
    this.#bombs = bombs;
    this.#judge = judge;
  }

  run(index: number): void {
    const rng = new Rng(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    const original = rng.pick(this.originals);
    const dump = rng.chance(DUMP_SHARE);
    if (index % BOMB_EVERY === BOMB_EVERY - 1) {
      // What reading one segment takes is measured; when V8 collects what earlier ones left is its own affair.
      collectGarbage();
      const bomb = this.#bombs[Math.floor(index / BOMB_EVERY) % this.#bombs.length];
      this.#count(index, `bomb: ${bomb.name}`, original, this.#judge.alone(original, inflateSync(bomb.file)));
    } else if (rng.chance(FORGED_SHARE)) {
      const [name, forge] = rng.pick(this.#forgeries);
      this.#count(index, `forged: ${name}`, original, this.#judge.forged(original, forge(rng, original), dump));
    } else {
      const [name, damage] = rng.pick(this.#damages);
      const others = this.#groups.get(original.group) ?? [];
      this.#count(index, name, original, this.#judge.damaged(original, damage(rng, original, others), dump));
    }
  }

  #count(index: number, operation: string, original: Original, verdict: Verdict): void {
    const { report } = this;
    report.cases++;
    const count = (report.operations[operation] ??= { cases: 0, reported: 0, entries: 0 });
    count.cases++;
    count.entries += verdict.entries;
    if (verdict.damages > 0) count.reported++;
    if (verdict.milliseconds > report.slowestMs) {
      report.slowestMs = verdict.milliseconds;
      report.slowest = `${index} (${operation}, ${original.name})`;
    }
    for (const violation of verdict.violations) {
      if (report.findings.length < 100) report.findings.push({ ...violation, index, operation, original: original.name });
    }
  }
}
