import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError } from '../../../agent/errors.js';
import { EPOCH_FILE, loadEpochs, saveEpochs } from '../../../agent/ring/epoch-file.js';
import { Epochs } from '../../../agent/ring/epochs.js';
import { Ownership } from '../../../agent/ring/ownership.js';
import { Ring } from '../../../agent/ring/ring.js';
import { parseToken } from '../../../agent/ring/token-array.js';
import type { Token } from '../../../parsers/index.js';
import { Rng } from '../../helpers/random.js';
import { nodeOf, randomNodes } from './random-ring.js';

const HOST = nodeOf(0, { tokens: [0] }).hostId;

/** Node 0 with others that come and go. */
function randomEpochs(rng: Rng, changes: number): Epochs {
  const epochs = new Epochs(HOST);
  let at = 1_700_000_000_000;
  for (let i = 0; i < changes; i++) {
    const nodes = randomNodes(rng.fork(), { tokens: 4, nodesPerDatacenter: 3, datacenters: 1 });
    const ring = new Ring(nodes);
    for (let look = 0; look < 3; look++) epochs.observeRing(ring, (at += rng.between(500, 60_000)));
    if (rng.chance(0.3)) epochs.observeReplication(new Map([['shop', { class: 'NetworkTopologyStrategy', dc1: String(rng.between(1, 4)) }]]), at);
  }
  if (rng.chance(0.5)) epochs.replaced.add(nodeOf(77, { tokens: [] }).hostId);
  if (rng.chance(0.5) && epochs.rings.current !== undefined) epochs.settle(rng.pick(epochs.rings.periods).value);
  if (rng.chance(0.5)) epochs.leaveOut({ segment: rng.between(1, 1000), position: rng.between(1, 1000) });
  epochs.joinedAtMs = rng.chance(0.5) ? null : 1_600_000_000_000;
  return epochs;
}

async function rejection(work: Promise<unknown>): Promise<ConfigError> {
  try {
    await work;
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('it did not reject');
}

describe('the epochs on disk', () => {
  let directory = '';
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'cdc-epochs-')); });
  afterEach(() => rm(directory, { recursive: true }));

  it('there are none at first', async () => {
    expect((await loadEpochs(directory, HOST)).rings.periods).to.deep.equal([]);
  });

  it('judge the same after a restart as before it', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const rng = new Rng(seed);
      const epochs = randomEpochs(rng, rng.between(1, 20));
      await saveEpochs(directory, epochs);
      const loaded = await loadEpochs(directory, HOST);
      expect([loaded.ringChanges, loaded.joinedAtMs, loaded.joined, [...loaded.replaced]]).to.deep.equal([epochs.ringChanges, epochs.joinedAtMs, epochs.joined, [...epochs.replaced]]);
      expect([loaded.unsettled?.fromMs, loaded.unsettled?.ring.key, loaded.settledBeforeMs]).to.deep.equal([epochs.unsettled?.fromMs, epochs.unsettled?.ring.key, epochs.settledBeforeMs]);
      const [before, after] = [epochs, loaded].map((one) => new Ownership({ mode: 'owner', epochs: one, now: () => 1_800_000_000_000 }));
      for (let i = 0; i < 200; i++) {
        const appendedAfterMs = 1_700_000_000_000 + rng.below(1_000_000);
        const bounds = { appendedAfterMs, appendedBeforeMs: appendedAfterMs + rng.below(100_000) };
        const { hi, lo } = parseToken(rng.int64().toString()) as Token;
        expect(after.at(bounds).decide('shop', hi, lo)).to.equal(before.at(bounds).decide('shop', hi, lo));
      }
    }
  });

  it('are bounded: the oldest rings go first', async () => {
    const epochs = randomEpochs(new Rng(3), 200);
    await saveEpochs(directory, epochs);
    const { rings } = await loadEpochs(directory, HOST);
    expect(rings.periods.length).to.equal(64);
    expect(rings.current?.value.key).to.equal(epochs.rings.current?.value.key);
    const thousand = Array.from({ length: 1000 }, (_, number) => nodeOf(number, { tokens: Array.from({ length: 16 }, (_token, i) => BigInt.asIntN(64, BigInt(number * 16 + i) * 1_152_921_504_606_847n)).map(String) }));
    const large = new Epochs(HOST);
    for (let i = 0; i < 64; i++) large.observeRing(new Ring(thousand.slice(0, 1000 - i)), i);
    await saveEpochs(directory, large);
    expect((await readFile(join(directory, EPOCH_FILE))).length, 'bytes of 64 rings of 1,000 nodes').to.be.lessThan(2_000_000);
  });

  it('damage anywhere is one clear error with the fix, never other epochs', async () => {
    await saveEpochs(directory, randomEpochs(new Rng(5), 5));
    const path = join(directory, EPOCH_FILE);
    const whole = await readFile(path);
    const rng = new Rng(6);
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(whole);
      if (i % 3 === 0) damaged[rng.below(damaged.length)] ^= 1 << rng.below(8);
      await writeFile(path, i % 3 === 0 ? damaged : i % 3 === 1 ? whole.subarray(0, rng.below(whole.length)) : rng.bytes(rng.below(100)));
      const error = await rejection(loadEpochs(directory, HOST));
      expect(error.code).to.be.oneOf(['ring_epochs_damaged', 'ring_epochs_newer']);
      expect(error.fix).to.not.equal(undefined);
    }
  });

  it('of another node, and of a newer agent, are refused', async () => {
    await saveEpochs(directory, randomEpochs(new Rng(5), 2));
    const other = await rejection(loadEpochs(directory, nodeOf(1, { tokens: [] }).hostId));
    expect(other.message).to.include(HOST).and.include(nodeOf(1, { tokens: [] }).hostId);
    await writeFile(join(directory, EPOCH_FILE), '{"v":9,"kind":"ring-epochs"}\n{}\n');
    expect((await rejection(loadEpochs(directory, HOST))).code).to.equal('ring_epochs_newer');
  });
});
