/**
 * Promises of the live source under random actions of node, agent and clock: each synced CDC entry once and in order, or
 * covered by a gap; nothing unread deleted; nothing left behind. The seed is printed with a failure: CDC_SEED repeats it.
 */
import { expect } from 'chai';
import type { LiveSourceOptions } from '../../../../agent/source/live/live-options.js';
import { Rng, runSeed } from '../../../helpers/random.js';
import { DIRECTORIES, LEDGER, ModelAgent, QUARANTINE, SPOOL } from './harness.js';
import { MemoryFiles } from './memory-files.js';
import { ModelNode, RAW, type Mode, type ModelEntry } from './model-node.js';

const RUNS = Number(process.env['CDC_MODEL_RUNS'] ?? 100);
const STEPS = 120;
/** Seeds that once failed. */
const KEPT_SEEDS: readonly number[] = [81029214, 81117113, 81220427];

class AgentKilled extends Error {}

class World {
  readonly files = new MemoryFiles(...DIRECTORIES);
  readonly rng: Rng;
  readonly node: ModelNode;
  readonly agent: ModelAgent;
  /** Ids that the node removed before the agent could have noted them: nothing tells that they were. */
  readonly unseen = new Set<number>();
  readonly log: string[] = [];
  readonly mayLose: boolean;
  #killIn = Infinity;
  #isKilled = false;

  constructor(seed: number) {
    this.rng = new Rng(seed);
    const mode = this.rng.pick<Mode>(['mmap', 'mmap', 'direct', 'compressed', 'encrypted']);
    this.node = new ModelNode(this.files, mode);
    this.mayLose = this.rng.chance(0.3);
    const options: Partial<LiveSourceOptions> = {
      ...(this.rng.chance(0.3) ? { durability: 'fsync' as const } : {}),
      ...(this.rng.chance(0.4) ? { spool: undefined } : this.mayLose ? { spool: { directory: SPOOL, limit: 450_000, whenFull: 'gap' as const } } : {}),
    };
    this.log.push(`${mode} ${JSON.stringify(options)}`);
    this.agent = new ModelAgent(this.files, options);
    this.files.onChange = () => {
      if (this.#killIn-- > 0) return;
      this.#isKilled = true;
      throw new AgentKilled();
    };
    this.files.onUnlink = (path, inode) => this.#checkUnlink(path, inode.number);
  }

  step(): void {
    const { node, agent, rng } = this;
    const [name, act] = rng.pick<readonly [string, () => void]>([
      ['append', () => node.append(rng.chance(0.5), rng.below(60))], ['append', () => node.append(true)],
      ['sync', () => node.sync()], ['sync', () => node.sync()], ['torn', () => { node.sync(rng.below(1000)); agent.read(); node.sync(); }],
      ['roll', () => node.roll()], ['discard', () => node.discard()],
      ['read', () => agent.read()], ['read some', () => agent.read(rng.below(4))], ['rewind', () => agent.rewind()], ['commit', () => agent.commit()], ['commit some', () => agent.commit(rng.below(4))],
      ['keep up', () => agent.keepUp()], ['time', () => { agent.now += rng.below(3000); node.clock += rng.below(3000); }],
      ...(rng.chance(0.3) ? [['kill -9 node', () => node.crash()], ['restart node', () => node.restart()], ['kill -9 agent', () => this.#restartAgent()], ['kill agent in a write', () => { this.#killIn = rng.below(3); }]] as const : []),
      ...(this.mayLose ? [['drop', () => { const id = node.dropOldest(); if (id !== undefined && !(this.files.readText(LEDGER, 1e6) ?? '').includes(`[${id},`)) this.unseen.add(id); }] as const] : []),
    ]);
    this.log.push(name);
    this.#guarded(act);
    this.check();
  }

  /** Everything is synced, read and committed; the node has long gone on to other segments. */
  settle(): void {
    const { node, agent } = this;
    this.#killIn = Infinity;
    for (let i = 0; i < 3; i++) {
      node.append(true);
      node.roll();
    }
    node.append(true);
    node.sync();
    agent.now += 5000;
    agent.readAndCommit();
    agent.readAndCommit();
  }

  /** In order, once: what was delivered is a subsequence of what was written. */
  check(): void {
    let at = 0;
    const { entries } = this.node;
    for (const { text } of this.agent.delivered) {
      while (at < entries.length && entries[at].text !== text) at++;
      expect(at, `${text} is delivered twice, out of order, or was never written`).to.be.lessThan(entries.length);
      expect(entries[at].isLost, `${text} was never synced`).to.equal(false);
      at++;
    }
  }

  checkEnd(): void {
    const delivered = new Set(this.agent.texts);
    for (const entry of this.node.entries) {
      if (!entry.isCdc || !entry.isSynced || delivered.has(entry.text)) continue;
      expect(this.mayLose && (this.unseen.has(entry.segment) || this.#isInGap(entry)), `${entry.text} is neither delivered nor in a gap`).to.equal(true);
    }
    if (!this.mayLose) expect(JSON.stringify(this.agent.gaps.filter(({ isCertain }) => isCertain))).to.equal('[]');
    const left = this.files.list(RAW).filter((name) => name.endsWith('.log')).sort();
    expect(left, 'cdc_raw').to.deep.equal([this.node.active.name, this.node.spare.name].sort());
    expect(this.files.list(RAW).filter((name) => name.endsWith('.idx')), 'indexes').to.have.length.at.most(1);
    expect(this.files.list(SPOOL), 'spool').to.deep.equal([]);
    expect(this.files.openDescriptors, 'descriptors').to.equal(2);
    expect(this.agent.source.counts.refused).to.equal(0);
  }

  #isInGap({ segment, end }: ModelEntry): boolean {
    return this.agent.gaps.some(({ from, to }) => from.segment === segment && from.position < end && end <= to.position);
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof AgentKilled)) throw error;
    }
    if (!this.#isKilled) return;
    this.#isKilled = false;
    this.log.push('(killed)');
    this.node.sync();
    this.#restartAgent();
  }

  #restartAgent(): void {
    this.#killIn = Infinity;
    this.agent.crash();
  }

  /** The agent removes a name: the segment must be committed, or still have another name. */
  #checkUnlink(path: string, inode: number): void {
    if (!path.endsWith('.log')) return;
    const others = [...this.files.names].filter(([name, { number }]) => name !== path && number === inode && [RAW, SPOOL, QUARANTINE].some((root) => name.startsWith(root)));
    const id = Number(/-(\d+)\.log$/.exec(path)?.[1]);
    if (others.length > 0 || (this.mayLose && path.startsWith(SPOOL))) return;
    const { position } = this.agent;
    const unread = this.node.entries.filter((entry) => entry.segment === id && entry.isSynced && !(position !== undefined && (position.segment > id || (position.segment === id && position.position >= entry.end))));
    expect(unread.map(({ text }) => text), `${path} was deleted with unread entries`).to.deep.equal([]);
  }
}

function run(seed: number): void {
  const world = new World(seed);
  try {
    for (let i = 0; i < STEPS; i++) world.step();
    world.settle();
    world.check();
    world.checkEnd();
  } catch (error) {
    throw new Error(`CDC_SEED=${seed}: ${(error as Error).message}\n${world.log.join(', ')}`, { cause: error });
  }
}

describe('live source under random actions', function () {
  this.timeout(120_000);

  for (const seed of KEPT_SEEDS) it(`seed ${seed}`, () => run(seed));

  it(`each entry once, in order, or in a gap; nothing unread deleted (${RUNS} runs)`, () => {
    const first = runSeed();
    const only = process.env['CDC_SEED'] !== undefined;
    for (let i = 0; i < (only ? 1 : RUNS); i++) run(first + i);
  });

  it('notices an entry that is left out', () => {
    const world = new World(1);
    world.settle();
    world.agent.delivered.splice(1, 1);
    expect(() => world.checkEnd()).to.throw(/neither delivered nor in a gap/);
  });

  it('notices an entry that comes twice', () => {
    const world = new World(1);
    world.settle();
    world.agent.delivered.push(world.agent.delivered[1]);
    expect(() => world.check()).to.throw(/delivered twice/);
  });

  it('notices a deletion of what is unread', () => {
    const world = new World(1);
    world.node.append(true);
    world.node.sync();
    expect(() => world.files.unlink(`${RAW}/${world.node.active.name}`)).to.throw(/deleted with unread entries/);
  });
});
