/**
 * 100,000 damaged segments: no crash, no hang, flat memory, and nothing that the originals did not hold. More, and other
 * seeds: `npm run test:fuzz -- --count 10000000 --seed N`.
 */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Rng, runSeed } from '../helpers/random.js';
import { serviceEnvironment } from '../helpers/service-environment.js';
import { walkSegment } from '../helpers/segment-walk.js';
import { modelOriginals, uniformOriginals } from './corpus.js';
import { DAMAGES } from './damage.js';
import { FORGERIES } from './forge.js';
import { CPU_LIMIT_MS, Judge } from './judge.js';
import type { ViolationKind, Walk } from './judge.js';
import type { FuzzResult } from './run.js';

const COUNT = 100_000;
const seed = runSeed(20_261_122);
/** The bar for a process that does nothing but read: a bare Node, and what reading adds to it. */
const MEMORY_MIB = 256;
const BARE_NODE_MIB = 45;

describe(`${COUNT} damaged segments (seed ${seed})`, function () {
  this.timeout(1_800_000);

  it('cause no crash, no hang, no growth of memory, and no entry that the originals did not hold', async () => {
    const script = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './run.ts' : './run.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, script, '--json', '--count', String(COUNT), '--seed', String(seed)], { maxBuffer: 1 << 26, env: { ...process.env, ...serviceEnvironment() } });
    const { report, corpus, maxRssMiB, baseRssMiB, seconds, stuck } = JSON.parse(stdout.trim().split('\n').pop() ?? '') as FuzzResult;
    console.log(`      ${report.cases} cases in ${seconds.toFixed(0)} s; slowest ${report.slowestMs.toFixed(0)} ms; ${maxRssMiB.toFixed(0)} MiB, ${baseRssMiB.toFixed(0)} before the first; corpus ${corpus}; seed ${seed}`);
    expect(stuck, 'a case that did not come back').to.equal(null);
    expect(report.findings).to.deep.equal([]);
    expect(report.cases).to.equal(COUNT);
    expect(report.slowestMs).to.be.lessThan(CPU_LIMIT_MS);
    expect(BARE_NODE_MIB + maxRssMiB - baseRssMiB, 'MiB').to.be.lessThan(MEMORY_MIB);
    // The damage did something: every kind of it was noticed, and let entries through.
    for (const [name, { cases, reported, entries }] of Object.entries(report.operations)) {
      if (name.startsWith('bomb')) continue;
      expect(cases, name).to.be.greaterThan(1000);
      expect(reported, `${name}: damage reported`).to.be.greaterThan(cases / 10);
      expect(entries, `${name}: entries read`).to.be.greaterThan(100);
    }
    expect(Object.keys(report.operations).filter((name) => name.startsWith('bomb')), 'bombs').to.have.lengthOf(32);
  });
});

describe('the judge of damaged segments', function () {
  this.timeout(120_000);
  const originals = [...modelOriginals(), ...uniformOriginals()];

  /** Kinds of violation that a reader of some fault is found guilty of in 300 damaged segments. */
  function verdicts(walk: Walk, operation: string, among = originals): Set<ViolationKind> {
    const judge = new Judge(walk);
    const kinds = new Set<ViolationKind>();
    for (let i = 0; i < 300; i++) {
      const rng = new Rng(i);
      const original = rng.pick(among);
      const damaged = DAMAGES[operation](rng, original, among);
      for (const { kind } of judge.damaged(original, damaged, true).violations) kinds.add(kind);
    }
    return kinds;
  }

  it('acquits the reader', () => {
    for (const operation of Object.keys(DAMAGES)) expect([...verdicts(walkSegment, operation)], operation).to.deep.equal([]);
  });

  it('finds entries that no original held: damage that came with sound checksums', () => {
    const judge = new Judge();
    let invented = 0;
    for (let i = 0; i < 200; i++) {
      const rng = new Rng(i);
      const original = rng.pick(originals);
      const { file } = FORGERIES['malformed mutation'](rng, original);
      if (judge.damaged(original, { file, donors: [], isAccountable: false, keeps: 'any' }, false).violations.some(({ kind }) => kind === 'invented')) invented++;
    }
    expect(invented).to.be.greaterThan(150);
  });

  it('finds content that differs though the bytes are the same', () => {
    const forging: Walk = (file, options, visitor) => walkSegment(file, options, {
      ...visitor,
      mutation: (updates, end) => visitor.mutation?.(updates.map((update) => ({ ...update, key: '00' })), end),
    });
    expect([...verdicts(forging, 'one bit')]).to.include('invented');
  });

  it('finds entries that come twice', () => {
    const repeating: Walk = (file, options, visitor) => walkSegment(file, options, {
      ...visitor,
      frame: (frame) => {
        visitor.frame?.(frame);
        visitor.frame?.(frame);
      },
    });
    expect([...verdicts(repeating, 'one bit', originals.filter(({ isPlain }) => isPlain))]).to.include('repeated');
  });

  it('finds wrong positions', () => {
    const shifting: Walk = (file, options, visitor) => walkSegment(file, options, {
      ...visitor,
      frame: ({ bytes, start, end, position }) => visitor.frame?.({ bytes, start, end, position: position + 8 }),
    });
    expect([...verdicts(shifting, 'one bit')]).to.include('misplaced');
  });

  it('finds entries that are lost without a word', () => {
    const silent: Walk = (file, options, visitor) => walkSegment(file, options, { ...visitor, damaged: () => undefined });
    expect([...verdicts(silent, 'one bit')]).to.include('lost');
  });

  it('finds sound entries that are refused', () => {
    const refusing: Walk = (file, options, visitor) => walkSegment(file, options, { ...visitor, mutation: (_updates, end) => visitor.damaged?.('mutation_malformed', end) });
    expect([...verdicts(refusing, 'cut')]).to.include('changed');
  });

  it('finds crashes and hangs', () => {
    const [original] = originals;
    const crashing: Walk = () => {
      throw new TypeError('undefined is not a function');
    };
    const spinning: Walk = () => {
      for (const before = process.cpuUsage(); process.cpuUsage(before).user < 1_100_000;);
      return 'end';
    };
    expect(new Judge(crashing).alone(original, original.file).violations.map(({ kind }) => kind)).to.deep.equal(['crash']);
    expect(new Judge(spinning).alone(original, original.file).violations.map(({ kind }) => kind)).to.deep.equal(['hang']);
  });
});
