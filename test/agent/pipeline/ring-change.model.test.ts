/** Nothing is lost while the ring changes, whenever the agent learns of it and dies; what comes twice is of the change. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RingNode } from '../../../agent/ring/ring.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { nodeOf } from '../ring/random-ring.js';
import { planLog, RingChangeWorld, T0, type RingStep, type WorldOptions } from './ring-change-world.js';

const RUNS = 75;
const LENGTH_MS = 120_000;
/** Longest time until the node shows what coordinators know. */
const SHOWN_MS = 6000;
/** So long each ring is there, and at most so long the agent is away: a ring that it never saw it can't judge by. */
const SEEN_MS = 5000;
const AWAY_MS = 3500;
/** What is read again at a change, and longest time that an owner of before goes on. */
const WINDOW_MS = 40_000;
/** So long after the node stood still hints may come. */
const HINTED_MS = 40_000;

interface Outcome {
  lost: number;
  /** Published by this node, and by the owner of then too, or twice. */
  twice: number;
  twiceOutside: number;
}

interface Options {
  readonly crashes: boolean;
  readonly judgesAgain?: boolean;
  readonly ownership?: WorldOptions['ownership'];
}

const HERE = 0;
const isControl = ({ judgesAgain, ownership }: Options): boolean => judgesAgain === false || ownership !== undefined;
const tokens = (rng: Rng): string[] => Array.from({ length: 4 }, () => rng.int64().toString());

/** Nodes come, go and move; this one stays. */
function stepsOf(rng: Rng, changes: number): RingStep[] {
  let nodes: RingNode[] = [0, 1, 2, 3].map((number) => nodeOf(number, { tokens: tokens(rng) }));
  const steps: RingStep[] = [{ nodes, knownMs: 0, shownMs: 0 }];
  let at = T0 + rng.between(5000, 15_000);
  for (let i = 0; i < changes; i++) {
    const other = rng.between(1, nodes.length - 1);
    const moved = rng.chance(0.5) ? HERE : other;
    const what = rng.pick(['leaves', 'leaves', 'moves', 'joins']);
    if (what === 'leaves' && nodes.length > 2) nodes = nodes.filter((_, index) => index !== other);
    else if (what === 'moves') nodes = nodes.map((node, index) => (index === moved ? { ...node, tokens: tokens(rng) } : node));
    else nodes = [...nodes, nodeOf(10 + i, { tokens: tokens(rng) })];
    const previous = steps[steps.length - 1];
    steps.push({ nodes, knownMs: at, shownMs: Math.max(at + rng.between(0, SHOWN_MS), previous.shownMs + SEEN_MS) });
    at += rng.chance(0.5) ? rng.between(SEEN_MS, 9000) : rng.between(8000, 20_000);
  }
  return steps;
}

describe('a log while the ring changes', function () {
  this.timeout(120_000);
  let directory = '';
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'cdc-ring-change-')); });
  afterEach(() => rm(directory, { recursive: true }));

  async function run(seed: number, { crashes, judgesAgain = true, ownership = {} }: Options): Promise<Outcome> {
    const rng = new Rng(seed);
    const steps = stepsOf(rng, rng.between(1, 3));
    const { hostId } = nodeOf(HERE, { tokens: [] });
    const log = planLog(rng, steps, { lengthMs: LENGTH_MS, everyMs: 150, hintedMs: HINTED_MS });
    const state = await mkdtemp(join(directory, 'run-'));
    const world = new RingChangeWorld({ directory: state, hostId, steps, log, rng, judgesAgain, ownership });
    const until = T0 + LENGTH_MS + 30_000;
    while (world.now < until && !(world.now > T0 && world.isOver)) {
      await world.live(crashes ? world.now + rng.between(500, 15_000) : until);
      if (world.now < until && crashes) world.now += rng.between(0, AWAY_MS);
    }
    const outcome: Outcome = { lost: 0, twice: 0, twiceOutside: 0 };
    const counts = new Map<number, number>();
    for (const number of world.published) counts.set(number, (counts.get(number) ?? 0) + 1);
    for (const { number, writtenMs, appendedMs, owner } of log.writes) {
      const ours = counts.get(number) ?? 0;
      const all = ours + (owner === hostId ? 0 : 1);
      if (all === 0) outcome.lost++;
      if (all <= 1) continue;
      outcome.twice++;
      const isOfChange = steps.slice(1).some(({ knownMs, shownMs }) => appendedMs > knownMs - WINDOW_MS && writtenMs < shownMs + WINDOW_MS);
      if (!isOfChange) outcome.twiceOutside++;
    }
    return outcome;
  }

  async function runs(count: number, options: Options): Promise<Outcome & { readonly seed: number }> {
    const first = runSeed();
    const sum = { lost: 0, twice: 0, twiceOutside: 0, seed: first };
    for (let seed = first; seed < first + count; seed++) {
      const { lost, twice, twiceOutside } = await run(seed, options);
      if (!isControl(options)) expect({ seed, lost }).to.deep.equal({ seed, lost: 0 });
      sum.lost += lost;
      sum.twice += twice;
      sum.twiceOutside += twiceOutside;
    }
    return sum;
  }

  it('every write is published that its coordinator sent here as to its owner', async () => {
    const found = await runs(RUNS, { crashes: false });
    expect(found).to.include({ lost: 0, twiceOutside: 0 });
  });

  it('also when the process dies again and again', async () => {
    const found = await runs(RUNS, { crashes: true });
    expect(found).to.include({ lost: 0, twiceOutside: 0 });
  });

  it('control: without judging again some would be lost', async () => {
    expect((await runs(20, { crashes: false, judgesAgain: false })).lost).to.be.greaterThan(0);
  });

  it('control: judged only by the ring of the append, some that hints bring would be lost', async () => {
    expect((await runs(20, { crashes: false, ownership: { hintsMs: -Infinity } })).lost).to.be.greaterThan(0);
  });
});
