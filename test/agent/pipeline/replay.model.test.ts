/**
 * A replay at a random moment of a random life, to a random place: everything behind the place comes, once and in order,
 * nothing before it does, and what the dry run said is what happens. The seed is printed with a failure: CDC_SEED repeats it.
 */
import { expect } from 'chai';
import type { Amount } from '../../../agent/checkpoint/replay-plan.js';
import { compareStream, type ReplayTarget } from '../../../agent/checkpoint/replay-target.js';
import { UsageError } from '../../../agent/errors.js';
import { SegmentLedger } from '../../../agent/source/live/segment-ledger.js';
import type { LiveSourceOptions } from '../../../agent/source/live/live-options.js';
import type { StreamPosition } from '../../../agent/publisher/publisher.js';
import { Rng, runSeed } from '../../helpers/random.js';
import type { Mode, ModelEntry } from '../source/live/model-node.js';
import { RAW } from '../source/live/model-node.js';
import { LEDGER, SPOOL } from '../source/live/harness.js';
import { ReplayWorld } from './replay-world.js';

const RUNS = Number(process.env['CDC_MODEL_RUNS'] ?? 200);
const STEPS = 60;

function live(world: ReplayWorld, rng: Rng): void {
  const { node, agent } = world;
  const [, act] = rng.pick<readonly [string, () => void]>([
    ['append', () => node.append(rng.chance(0.5), rng.below(60))], ['append', () => node.append(true)],
    ['sync', () => node.sync()], ['sync', () => node.sync()], ['roll', () => node.roll()], ['discard', () => node.discard()],
    ['read', () => agent.read()], ['read some', () => agent.read(rng.below(4))], ['commit', () => agent.commit()], ['commit some', () => agent.commit(rng.below(4))],
    ['keep up', () => agent.keepUp()], ['time', () => { agent.now += rng.below(3000); node.clock += rng.below(3000); }],
    ...(rng.chance(0.2) ? [['kill -9 node', () => node.crash()], ['restart node', () => node.restart()], ['kill -9 agent', () => agent.crash()]] as const : []),
  ]);
  act();
}

function randomTarget(world: ReplayWorld, rng: Rng): ReplayTarget {
  const present = [...world.present()];
  const synced = world.node.entries.filter(({ isSynced, segment }) => isSynced && (present.includes(segment) || rng.chance(0.3)));
  const words: ReplayTarget[] = ['start', 'end'];
  if (world.agent.position !== undefined) words.push('kafka');
  if (rng.chance(0.3) || synced.length === 0) return rng.pick(words);
  const { segment, end } = rng.pick(synced);
  return rng.pick([{ segment, position: end }, { segment, position: end }, { segment, position: 0 }, { segment, position: end - 1 }]);
}

const placeOf = ({ segment, end }: ModelEntry): StreamPosition => ({ segment, position: end, index: 0 });
const idsOf = (entries: readonly ModelEntry[]): number[] => [...new Set(entries.map(({ segment }) => segment))].sort((a, b) => a - b);

async function run(seed: number): Promise<void> {
  const rng = new Rng(seed);
  const options: Partial<LiveSourceOptions> = { ...(rng.chance(0.3) ? { durability: 'fsync' as const } : {}), ...(rng.chance(0.4) ? { spool: undefined } : {}) };
  const world = new ReplayWorld(rng.pick<Mode>(['mmap', 'mmap', 'direct', 'compressed', 'encrypted']), options);
  const { node, agent } = world;
  for (let i = rng.below(STEPS); i >= 0; i--) live(world, rng);
  // The agent is down for a while.
  for (let i = rng.below(6); i > 0; i--) rng.pick([() => node.append(true), () => node.sync(), () => node.roll(), () => node.crash()])();
  const present = world.present();
  const target = randomTarget(world, rng);
  const known = world.found().position;
  const given = agent.delivered.length;
  const gaps = agent.gaps.length;
  const synced = new Set(node.entries.filter(({ isSynced }) => isSynced));
  const there = [...synced].filter(({ segment }) => present.has(segment));
  // Unused ones stand ready: what is written next may come into the first of them.
  const used = world.ports().segments.look().segments.filter(({ isStarted }) => isStarted).map(({ id }) => id);
  const highest = Math.max(...used, Math.min(...present), known?.segment ?? 0, new SegmentLedger(world.files, LEDGER).highest);
  if (typeof target !== 'string' && target.segment > highest) {
    const refusal: unknown = await world.prepare(target).catch((error: unknown) => error);
    expect(refusal, 'a place that nobody knows').to.be.instanceOf(UsageError);
    return;
  }
  const { prepared: { plan }, stored } = await world.replay(target);
  const isBehind = (entry: ModelEntry): boolean => compareStream(placeOf(entry), plan.to) > 0;
  const isPublished = (entry: ModelEntry): boolean => known !== null && compareStream(placeOf(entry), known) <= 0;

  // Sections without an entry are measured by their markers.
  const withEntries = ({ segments }: Amount): number[] => segments.filter((id) => there.some(({ segment }) => segment === id));
  expect(withEntries(plan.again), 'again').to.deep.equal(idsOf(there.filter((entry) => isBehind(entry) && isPublished(entry))));
  expect(withEntries(plan.givenUp), 'given up').to.deep.equal(idsOf(there.filter((entry) => !isBehind(entry) && !isPublished(entry))));
  expect(stored.events).to.equal(given);

  for (let i = 0; i < 3; i++) {
    node.append(true);
    node.roll();
  }
  node.append(true);
  node.sync();
  agent.now += 5000;
  agent.readAndCommit();
  agent.readAndCommit();
  const wanted = node.entries.filter((entry) => entry.isSynced && isBehind(entry) && (!synced.has(entry) || present.has(entry.segment)));
  expect(agent.texts.slice(given), 'delivered').to.deep.equal(wanted.map(({ text }) => text));
  expect(agent.gaps.slice(gaps).map(({ to }) => to.segment), 'gone').to.deep.equal(plan.gone);
  expect(world.files.list(RAW).filter((name) => name.endsWith('.log')).sort(), 'cdc_raw').to.deep.equal([node.active.name, node.spare.name].sort());
  expect(world.files.list(SPOOL), 'spool').to.deep.equal([]);
}

describe('replay: random lives', function () {
  this.timeout(60_000 + RUNS * 20);

  it(`gives what lies behind the place, once, and does what it said (${RUNS} lives)`, async () => {
    const kept = process.env['CDC_SEED'];
    const first = kept === undefined ? runSeed() : Number(kept);
    const tallies = { lives: 0 };
    for (let n = 0; n < (kept === undefined ? RUNS : 1); n++) {
      const seed = first + n;
      try {
        await run(seed);
        tallies.lives++;
      } catch (error) {
        throw new Error(`CDC_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    expect(tallies.lives).to.be.greaterThan(0);
  });
});
