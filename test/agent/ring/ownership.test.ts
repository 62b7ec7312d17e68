import { expect } from 'chai';
import { Epochs } from '../../../agent/ring/epochs.js';
import { Ownership, type OwnershipOptions } from '../../../agent/ring/ownership.js';
import type { ReplicationOptions } from '../../../agent/ring/replication.js';
import { Ring } from '../../../agent/ring/ring.js';
import type { Verdict } from '../../../agent/ring/section-ownership.js';
import { parseToken } from '../../../agent/ring/token-array.js';
import { ConfigError } from '../../../agent/errors.js';
import { int64ToString, Mutation, Schema, tokenOf, type TableMetadata, type Token } from '../../../parsers/index.js';
import { Rng } from '../../helpers/random.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { column, data, int, live, mutation, row, scalar, table, update } from '../events/log.js';
import { nodeOf } from './random-ring.js';

const T0 = 1_700_000_000_000;
/** Node 0 owns up to 0, node 1 up to 100, node 2 (where it is) up to 50. */
const [HERE, OTHER, THIRD] = [nodeOf(0, { tokens: [0] }), nodeOf(1, { tokens: [100] }), nodeOf(2, { tokens: [50] })];
const REPLICATED = new Map<string, ReplicationOptions>([['shop', { class: 'NetworkTopologyStrategy', dc1: '1' }]]);

const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] }));
const NOTES = SCHEMA.tableById(notes.id) as TableMetadata;

/** Of one row with this key and write time, open. */
function entryOf(key: number, writtenMs: number): Mutation {
  const bytes = mutation(update(notes, [int(key)], { items: [row([], [data(notes, 'v', [live(int(0), { timestamp: BigInt(writtenMs) * 1000n })])])] }));
  const entry = new Mutation(SCHEMA);
  entry.open(bytes, 0, bytes.length, { base: 0, version: 7 });
  return entry;
}

function tokenTextOf({ bytes, keyStart, keyEnd }: Mutation): string {
  const { hi, lo } = tokenOf(bytes, keyStart, keyEnd, { hi: 0, lo: 0 });
  return int64ToString(hi, lo);
}

interface World {
  readonly epochs: Epochs;
  nowMs: number;
  readonly ownership: Ownership;
  /** Of a token, for what was appended in these bounds. */
  decide(token: number, bounds: readonly [number, number], keyspace?: string): Verdict;
}

function world(hostId: string, options: Partial<OwnershipOptions> = {}): World {
  const epochs = new Epochs(hostId);
  epochs.observeReplication(REPLICATED, T0);
  const made: World = {
    epochs,
    nowMs: T0,
    ownership: new Ownership({ mode: 'owner', epochs, now: () => made.nowMs, toleranceMs: 10_000, staleAfterMs: 6_000, ...options }),
    decide(token, [appendedAfterMs, appendedBeforeMs], keyspace = 'shop') {
      const { hi, lo } = parseToken(String(token)) as Token;
      return made.ownership.at({ appendedAfterMs, appendedBeforeMs }).decide(keyspace, hi, lo);
    },
  };
  return made;
}

/** Sees `nodes` every second up to and including `until`. */
function watch(seen: World, nodes: readonly ReturnType<typeof nodeOf>[], { from, until }: { readonly from: number; readonly until: number }): void {
  const ring = new Ring(nodes);
  for (let at = from; at <= until; at += 1000) seen.epochs.observeRing(ring, at);
  seen.nowMs = until;
}

describe('Ownership', () => {
  it('publishes what the node owns and drops the rest', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE, OTHER], { from: T0, until: T0 + 1000 });
    expect(here.decide(0, [T0, T0 + 500])).to.equal('publish');
    expect(here.decide(1, [T0, T0 + 500])).to.equal('drop');
  });

  it('holds everything until a ring and the replication are known', () => {
    const here = world(HERE.hostId);
    expect(here.decide(0, [T0, T0])).to.equal('hold');
    expect(here.ownership.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).holdReason('shop')).to.equal('ring_unknown');
    const epochs = new Epochs(HERE.hostId);
    epochs.observeRing(new Ring([HERE]), T0);
    const ownership = new Ownership({ mode: 'owner', epochs, now: () => T0 });
    expect(ownership.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).decide('shop', 0, 0)).to.equal('hold');
  });

  it('a ring that was read too long ago is good enough to publish by, not to drop by', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE, OTHER], { from: T0, until: T0 });
    here.nowMs = T0 + 60_000;
    expect(here.decide(1, [T0 + 5_900, T0 + 6_000])).to.equal('drop');
    expect(here.decide(1, [T0 + 5_900, T0 + 6_001])).to.equal('hold');
    expect(here.decide(0, [T0 + 5_900, T0 + 60_000])).to.equal('publish');
    expect(here.ownership.at({ appendedAfterMs: T0 + 5_900, appendedBeforeMs: T0 + 6_001 }).holdReason('shop')).to.equal('ring_stale');
  });

  it('once the node has left, its last ring holds to the end of its log', () => {
    const here = world(HERE.hostId);
    expect(here.epochs.leave(), 'it was never a member').to.equal(false);
    watch(here, [HERE, OTHER], { from: T0, until: T0 });
    here.nowMs = T0 + 600_000;
    expect(here.decide(1, [T0 + 60_000, T0 + 600_000])).to.equal('hold');
    expect(here.epochs.leave()).to.equal(true);
    expect(here.epochs.leave(), 'no news').to.equal(false);
    expect(here.decide(1, [T0 + 60_000, T0 + 600_000])).to.equal('drop');
    expect(here.decide(0, [T0 + 60_000, T0 + 600_000])).to.equal('publish');
    here.epochs.observeRing(new Ring([HERE, OTHER]), T0 + 600_000);
    here.nowMs = T0 + 660_000;
    expect(here.decide(1, [T0 + 610_000, T0 + 660_000]), 'a member again').to.equal('hold');
  });

  it('what is dated in the future is judged as of now: a wrong write time holds nothing up for ever', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE, OTHER], { from: T0, until: T0 + 1000 });
    expect(here.decide(1, [T0, T0 + 10 ** 9])).to.equal('drop');
    expect(here.decide(1, [T0 + 10 ** 8, T0 + 10 ** 9])).to.equal('drop');
  });

  it('judges a backlog by the ring of its time', () => {
    const here = world(HERE.hostId);
    // Alone, then with a node that takes half: token 1 was ours, and is no more.
    watch(here, [HERE], { from: T0, until: T0 + 100_000 });
    watch(here, [HERE, OTHER], { from: T0 + 101_000, until: T0 + 200_000 });
    expect(here.decide(1, [T0 - 50_000, T0 - 40_000]), 'before the first look').to.equal('publish');
    expect(here.decide(1, [T0 + 10_000, T0 + 90_000])).to.equal('publish');
    expect(here.decide(1, [T0 + 120_000, T0 + 121_000])).to.equal('drop');
    expect(here.decide(1, [T0 + 50_000, T0 + 150_000]), 'either ring').to.equal('publish');
  });

  it('within the tolerance of a change the owner of before publishes too', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE], { from: T0, until: T0 + 100_000 });
    watch(here, [HERE, OTHER], { from: T0 + 101_000, until: T0 + 200_000 });
    expect(here.decide(1, [T0 + 111_000, T0 + 111_000])).to.equal('publish');
    expect(here.decide(1, [T0 + 111_001, T0 + 111_002])).to.equal('drop');
  });

  it('what a hint brings is published by who owned it when it was written', () => {
    const hour = 3_600_000;
    const here = world(HERE.hostId);
    const key = entryOf(7, T0);
    const other = nodeOf(1, { tokens: [tokenTextOf(key)] });
    watch(here, [HERE], { from: T0, until: T0 + 100_000 });
    watch(here, [HERE, other], { from: T0 + 101_000, until: T0 + 200_000 });
    const decide = (writtenMs: number, appendedMs: number): Verdict => {
      here.nowMs = appendedMs;
      here.epochs.observeRing(here.epochs.rings.current?.value as Ring, appendedMs);
      return here.ownership.at({ appendedAfterMs: appendedMs - 200, appendedBeforeMs: appendedMs }).decideMutation(entryOf(7, writtenMs), NOTES);
    };
    expect(decide(T0 + 90_000, T0 + 150_000), 'a minute later').to.equal('publish');
    expect(decide(T0 + 110_000, T0 + 150_000), 'its coordinator may not have known of the change').to.equal('publish');
    expect(decide(T0 + 112_000, T0 + 150_000), 'written after the change').to.equal('drop');
    expect(decide(T0 + 90_000, T0 + 5 * hour), 'hours later').to.equal('publish');
    expect(decide(T0 - 7 * hour, T0 + 5 * hour), 'no hint is that old').to.equal('drop');
    expect(decide(T0 + 90_000, T0 + 7 * hour), 'nor that late').to.equal('drop');
  });

  it('a hint from a time of which nobody can say who owned what holds nothing up', () => {
    const replicated = new Map<string, ReplicationOptions>([['shop', { class: 'NetworkTopologyStrategy', dc1: '1', dc2: '1' }]]);
    const here = world(HERE.hostId, { datacenter: 'dc2' });
    here.epochs.observeReplication(replicated, T0);
    watch(here, [HERE], { from: T0, until: T0 + 100_000 });
    watch(here, [HERE, nodeOf(1, { tokens: [100], datacenter: 'dc2' })], { from: T0 + 101_000, until: T0 + 200_000 });
    const section = here.ownership.at({ appendedAfterMs: T0 + 150_000, appendedBeforeMs: T0 + 150_100 });
    expect(section.decideMutation(entryOf(7, T0 + 50_000), NOTES)).to.equal('drop');
  });

  it('of what is read again it remembers as published only what every ring that may have been in force gave to the node', () => {
    const here = world(HERE.hostId);
    const entry = entryOf(7, T0);
    const other = nodeOf(1, { tokens: [tokenTextOf(entry)] });
    watch(here, [HERE], { from: T0, until: T0 + 100_000 });
    const surely = (from: number, to: number): boolean => here.ownership.at({ appendedAfterMs: from, appendedBeforeMs: to }).surelyPublished(entry, NOTES);
    expect(surely(T0, T0 + 100_000)).to.equal(true);
    watch(here, [HERE, other], { from: T0 + 101_000, until: T0 + 200_000 });
    expect(surely(T0, T0 + 50_000)).to.equal(true);
    expect(surely(T0, T0 + 150_000), 'either ring').to.equal(false);
    expect(surely(T0 + 150_000, T0 + 160_000), 'the other\'s').to.equal(false);
    expect(world(HERE.hostId).ownership.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).surelyPublished(entry, NOTES), 'no ring').to.equal(false);
    expect(world(HERE.hostId, { mode: 'all' }).ownership.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).surelyPublished(entry, NOTES)).to.equal(true);
  });

  it('judges again what was read before a change: ours by the new ring, and not by the one before', () => {
    const here = world(HERE.hostId);
    const gives = (token: number): boolean | undefined => {
      const { hi, lo } = parseToken(String(token)) as Token;
      return here.ownership.rejudgement()?.gives('shop', hi, lo);
    };
    watch(here, [HERE, OTHER], { from: T0, until: T0 + 100_000 });
    expect(gives(1), 'no change').to.equal(undefined);
    expect(here.epochs.settledBeforeMs).to.equal(T0 + 70_000);
    watch(here, [HERE], { from: T0 + 101_000, until: T0 + 150_000 });
    expect([gives(0), gives(1)], 'ours before, ours now').to.deep.equal([false, true]);
    expect(here.epochs.settledBeforeMs, 'stays until it is settled').to.equal(T0 + 70_000);
    // Another change before that: what either gives, and the first did not.
    watch(here, [HERE, { ...OTHER, tokens: ['50'] }], { from: T0 + 151_000, until: T0 + 160_000 });
    expect([gives(0), gives(20), gives(60)]).to.deep.equal([false, true, true]);
    here.epochs.settle(new Ring([HERE]));
    expect(here.epochs.settledBeforeMs, 'the first of them is settled').to.equal(T0 + 120_000);
    expect([gives(20), gives(60)]).to.deep.equal([false, false]);
    here.epochs.settle(here.epochs.rings.current?.value as Ring);
    expect([gives(20), here.epochs.settledBeforeMs]).to.deep.equal([undefined, T0 + 130_000]);
    expect(new Ownership({ mode: 'all', epochs: here.epochs, now: () => T0 }).rejudgement()).to.equal(null);
  });

  /**
   * What the three nodes of a ring that changes answer in the end, each deciding as it reads: a hold is asked again after
   * each look. The change reaches the nodes within `spreadMs` of each other; looks fail for a while now and then.
   */
  function answersLive(rng: Rng, spreadMs: number): Verdict[] {
    const before = [HERE, OTHER, THIRD];
    const after = rng.pick([[HERE, OTHER], [HERE, OTHER, { ...THIRD, tokens: [String(rng.between(101, 150))] }], [OTHER, THIRD]]);
    const token = rng.between(-20, 170);
    const appended = T0 + 45_000 + rng.below(60_000);
    return before.map(({ hostId }) => {
      const node = world(hostId);
      const change = T0 + 60_000 + rng.below(spreadMs);
      const silence = T0 + 40_000 + rng.below(40_000);
      const isSilent = rng.chance(0.5);
      const arrives = appended + rng.below(100);
      let verdict: Verdict = 'hold';
      for (let at = T0 + rng.below(2000); at < T0 + 200_000 && verdict === 'hold'; at += 2000) {
        if (!isSilent || at < silence || at > silence + 40_000) node.epochs.observeRing(new Ring(at < change ? before : after), at);
        if (at + 2000 < arrives) continue;
        node.nowMs = Math.max(at, arrives);
        verdict = node.decide(token, [arrives - 200, arrives]);
      }
      return verdict;
    });
  }

  it('no gap: whenever each node learns of a change, somebody publishes', () => {
    const rng = new Rng(11);
    const counts = [0, 0, 0, 0];
    for (let round = 0; round < 3000; round++) {
      const answers = answersLive(rng, 3500);
      expect(answers, `round ${round}`).to.include('publish').and.not.to.include('hold');
      counts[answers.filter((answer) => answer === 'publish').length]++;
    }
    // Nothing is shown by nodes that all publish everything.
    expect(counts[1], 'published once').to.be.greaterThan(2000);
    expect(counts[2], 'twice, within the tolerance').to.be.greaterThan(50);
  });

  it('a change that takes longer than the tolerance to spread can make a gap: the test above would see it', () => {
    const rng = new Rng(12);
    const answers = Array.from({ length: 3000 }, () => answersLive(rng, 60_000));
    expect(answers.filter((one) => !one.includes('publish')).length).to.be.greaterThan(0);
  });

  it('a node that left the ring owns nothing that came later', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE, OTHER], { from: T0, until: T0 + 50_000 });
    watch(here, [OTHER], { from: T0 + 51_000, until: T0 + 100_000 });
    expect(here.decide(0, [T0 + 10_000, T0 + 10_000])).to.equal('publish');
    expect(here.decide(0, [T0 + 90_000, T0 + 90_000])).to.equal('drop');
  });

  it('mode all publishes every copy, ring or no ring', () => {
    const here = world(HERE.hostId, { mode: 'all' });
    expect(here.decide(1, [T0, T0])).to.equal('publish');
    expect(here.decide(1, [T0, T0], 'unheard_of')).to.equal('publish');
    expect(here.ownership.view(['shop'])).to.deep.include({ mode: 'all', ownedShare: 1 });
  });
});

describe('Ownership of keyspaces', () => {
  const TWO: ReplicationOptions = { class: 'NetworkTopologyStrategy', dc1: '1', dc2: '1' };
  const nodes = [HERE, nodeOf(1, { tokens: [100], datacenter: 'dc2' })];

  it('a refused one is held, named and repaired by the choice of a datacenter; others go on', () => {
    const here = world(HERE.hostId);
    watch(here, nodes, { from: T0, until: T0 });
    here.epochs.observeReplication(new Map([...REPLICATED, ['two', TWO]]), T0);
    expect(here.decide(0, [T0, T0], 'two')).to.equal('hold');
    expect(here.ownership.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).holdReason('two')).to.equal('refused');
    expect(here.decide(0, [T0, T0])).to.equal('publish');
    expect(here.ownership.refusals(['shop', 'two']).map(({ keyspace }) => keyspace)).to.deep.equal(['two']);
    expect(() => here.ownership.assertDecidable(['shop', 'two'])).to.throw(ConfigError, 'keyspace two is replicated to dc1 and dc2: which of them publishes?');
    here.ownership.assertDecidable(['shop']);
    const chosen = new Ownership({ mode: 'owner', datacenter: 'dc2', epochs: here.epochs, now: () => T0 });
    expect(chosen.at({ appendedAfterMs: T0, appendedBeforeMs: T0 }).decide('two', 0, 0)).to.equal('drop');
    expect(chosen.refusals(['two'])).to.deep.equal([]);
  });

  it('a change of replication counts from its place in the log; what was before counts within the tolerance', () => {
    const here = world(HERE.hostId, { datacenter: 'dc1' });
    const changed = world(nodes[1].hostId, { datacenter: 'dc2' });
    for (const one of [here, changed]) watch(one, nodes, { from: T0, until: T0 + 100_000 });
    // Replication moves to dc2, whose node publishes at once.
    changed.epochs.observeReplication(new Map([['shop', { class: 'NetworkTopologyStrategy', dc2: '1' }]]), T0 + 50_000);
    expect(changed.decide(0, [T0 + 50_000, T0 + 50_100])).to.equal('publish');
    here.epochs.observeReplication(new Map([['shop', { class: 'SimpleStrategy', replication_factor: '1' }]]), T0 + 50_000);
    expect(here.decide(1, [T0 + 50_000, T0 + 50_100]), 'before: all of dc1').to.equal('publish');
    expect(here.decide(1, [T0 + 60_001, T0 + 60_100]), 'now: the node of dc2').to.equal('drop');
  });

  it('one that is gone is judged as it was last; one that nobody ever saw is published by everyone', () => {
    const here = world(HERE.hostId);
    watch(here, [HERE, OTHER], { from: T0, until: T0 + 100_000 });
    here.epochs.observeReplication(new Map(), T0 + 1000);
    here.epochs.observeReplication(new Map([['new', { class: 'LocalStrategy' }]]), T0 + 2000);
    expect(here.decide(1, [T0 + 90_000, T0 + 90_000])).to.equal('drop');
    expect(here.decide(0, [T0 + 90_000, T0 + 90_000])).to.equal('publish');
    expect(here.decide(1, [T0 + 90_000, T0 + 90_000], 'ghost')).to.equal('publish');
  });

  it('the view tells shares, refusals and changes', () => {
    const here = world(HERE.hostId);
    const quarter = nodeOf(3, { tokens: [(2n ** 62n).toString()] });
    watch(here, [{ ...HERE, tokens: [(-(2n ** 62n)).toString()] }, quarter], { from: T0, until: T0 });
    here.epochs.observeReplication(new Map([...REPLICATED, ['two', TWO], ['simple', { class: 'SimpleStrategy', replication_factor: '2' }]]), T0);
    watch(here, [{ ...HERE, tokens: ['0'] }, quarter], { from: T0 + 1000, until: T0 + 5000 });
    const view = here.ownership.view(['shop', 'two']);
    expect(view).to.deep.include({ mode: 'owner', ringChanges: 1, nodes: 2, ringReadAtMs: T0 + 5000, ownedShare: 0.375 });
    expect(view.keyspaces.map(({ keyspace, share, refusal }) => [keyspace, share, refusal?.reason])).to.deep.equal([['shop', 0.75, undefined], ['two', 0, 'datacenter_not_chosen']]);
  });
});
