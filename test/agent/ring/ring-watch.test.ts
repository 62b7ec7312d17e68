/** The ring as CQL shows it: whole, torn, with gossip or without, and a node that does not answer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { CqlRow } from '../../../agent/cassandra/node-connection.js';
import { ConfigError, RetryableError, type OperatorError } from '../../../agent/errors.js';
import { loadEpochs } from '../../../agent/ring/epoch-file.js';
import { Epochs } from '../../../agent/ring/epochs.js';
import { readRing, type RowSource } from '../../../agent/ring/ring-reader.js';
import { RingSettler } from '../../../agent/ring/ring-settler.js';
import { RingWatch } from '../../../agent/ring/ring-watch.js';
import { Ring, type RingNode } from '../../../agent/ring/ring.js';
import { nodeOf } from './random-ring.js';

const [HERE, OTHER, THIRD] = [nodeOf(0, { tokens: [0, 7] }), nodeOf(1, { tokens: [100] }), nodeOf(2, { tokens: [50] })];

/** Rows as the driver gives them; `gossip` null: not readable. */
class FakeSystem implements RowSource {
  local: Record<string, unknown> = localRow(HERE);
  peers: CqlRow[] = [peerRow(OTHER)];
  gossip: CqlRow[] | null = null;
  hasPeersV2 = true;
  failure: OperatorError | null = null;
  readonly asked: string[] = [];

  rows(cql: string): Promise<CqlRow[]> {
    this.asked.push(cql);
    if (this.failure !== null) return Promise.reject(this.failure);
    if (cql.includes('system_views.gossip_info')) return this.gossip === null ? Promise.reject(new ConfigError('cassandra_rights', 'no SELECT permission')) : Promise.resolve(this.gossip);
    if (cql.includes('peers_v2') && !this.hasPeersV2) return Promise.reject(new RetryableError('cassandra_error', 'unconfigured table peers_v2'));
    return Promise.resolve(cql.includes('system.local') ? [this.local] : this.peers);
  }
}

function localRow({ hostId, address, datacenter, rack, tokens }: RingNode): Record<string, unknown> {
  return { host_id: hostId, broadcast_address: address, data_center: datacenter, rack, tokens: [...tokens], release_version: '5.0.6', partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner', bootstrapped: 'COMPLETED', joined_us: '1700000000123456' };
}

function peerRow({ hostId, address, datacenter, rack, tokens }: RingNode, lacking: Record<string, null> = {}): CqlRow {
  return { host_id: hostId, peer: address, data_center: datacenter, rack, tokens: [...tokens], ...lacking };
}

describe('readRing', () => {
  it('gives the nodes that own tokens, and when this one became a member', async () => {
    const system = new FakeSystem();
    system.peers = [peerRow(OTHER), peerRow(THIRD, { tokens: null })];
    expect(await readRing(system)).to.deep.equal({ localHostId: HERE.hostId, nodes: [HERE, OTHER], incomplete: [{ hostId: THIRD.hostId, address: THIRD.address }], joinedAtMs: 1_700_000_000_123 });
  });

  it('reads system.peers where there is no peers_v2', async () => {
    const system = new FakeSystem();
    system.hasPeersV2 = false;
    expect((await readRing(system)).nodes).to.deep.equal([HERE, OTHER]);
    expect(system.asked.at(-1)).to.match(/FROM system\.peers$/);
  });

  it('says what can\'t be worked with: another partitioner; a node that is joining is waited for', async () => {
    const system = new FakeSystem();
    system.local = { ...localRow(HERE), bootstrapped: 'IN_PROGRESS' };
    expect(await readRing(system).catch((error: unknown) => error)).to.be.instanceOf(RetryableError).and.have.property('code', 'cassandra_joining');
    system.local = { ...localRow(HERE), partitioner: 'org.apache.cassandra.dht.RandomPartitioner' };
    expect(await readRing(system).catch((error: unknown) => error)).to.be.instanceOf(ConfigError).and.have.property('message').that.includes('RandomPartitioner');
  });
});

describe('RingSettler', () => {
  const look = (settler: RingSettler, nodes: RingNode[], { at = 0, incomplete = [] as RingNode[] } = {}): string[] | string => {
    const settled = settler.settle({ localHostId: HERE.hostId, nodes, incomplete, joinedAtMs: null }, at);
    return 'waiting' in settled ? settled.waiting : settled.ring.nodes.map(({ address }) => address);
  };
  const ALL = [HERE, OTHER, THIRD].map(({ address }) => address);

  it('believes a ring that was seen twice', () => {
    const settler = new RingSettler();
    expect(look(settler, [HERE, OTHER])).to.equal('the ring has changed, or is changing');
    expect(look(settler, [HERE, OTHER])).to.deep.equal(ALL.slice(0, 2));
    expect(look(settler, [HERE, OTHER, THIRD])).to.be.a('string');
    expect(look(settler, [HERE, OTHER, { ...THIRD, tokens: ['50', '51'] }])).to.be.a('string');
    expect(look(settler, [HERE, OTHER, { ...THIRD, tokens: ['50', '51'] }])).to.deep.equal(ALL);
  });

  it('waits while the row of a member is torn, and takes no notice of strangers\' rows', () => {
    const settler = new RingSettler({ ring: new Ring([HERE, OTHER]) });
    expect(look(settler, [HERE], { incomplete: [{ ...OTHER, tokens: [] }] })).to.equal('the row of 127.0.0.2 in system.peers_v2 is incomplete');
    look(settler, [HERE, OTHER], { incomplete: [THIRD] });
    expect(look(settler, [HERE, OTHER], { incomplete: [THIRD] })).to.deep.equal(ALL.slice(0, 2));
  });

  it('takes a row that stays torn for half a minute for a node that is gone', () => {
    const settler = new RingSettler({ ring: new Ring([HERE, OTHER]) });
    const torn = { incomplete: [{ ...OTHER, tokens: [] }] };
    for (let at = 0; at < 30_000; at += 2000) expect(look(settler, [HERE], { ...torn, at })).to.be.a('string');
    look(settler, [HERE], { ...torn, at: 30_000 });
    expect(look(settler, [HERE], { ...torn, at: 32_000 })).to.deep.equal([HERE.address]);
  });

  it('waits while two rows claim one token; the newcomer is the replacement', () => {
    const settler = new RingSettler();
    for (const at of [0, 1]) look(settler, [HERE, OTHER], { at });
    const newcomer = { ...THIRD, tokens: OTHER.tokens };
    expect(look(settler, [HERE, OTHER, newcomer])).to.equal('127.0.0.2 and 127.0.0.3 both claim a token');
    expect(look(settler, [HERE, OTHER, newcomer], { at: 29_999 })).to.be.a('string');
    look(settler, [HERE, OTHER, newcomer], { at: 30_000 });
    look(settler, [HERE, OTHER, newcomer], { at: 30_400 });
    expect(look(settler, [HERE, OTHER, newcomer], { at: 30_800 })).to.deep.equal([HERE.address, THIRD.address]);
    for (const at of [31_000, 90_000]) expect(look(settler, [HERE, OTHER, newcomer], { at }), 'the row stays').to.deep.equal([HERE.address, THIRD.address]);
    expect(look(settler, [HERE, newcomer], { at: 91_000 }), 'the row is gone').to.deep.equal([HERE.address, THIRD.address]);
  });

  it('knows after a restart which one was replaced', () => {
    const newcomer = { ...THIRD, tokens: OTHER.tokens };
    const settler = new RingSettler({ ring: new Ring([HERE, newcomer]), replaced: new Set([OTHER.hostId]) });
    look(settler, [HERE, OTHER, newcomer]);
    expect(look(settler, [HERE, OTHER, newcomer])).to.deep.equal([HERE.address, THIRD.address]);
    // With tokens of its own it is a member again.
    look(settler, [HERE, { ...OTHER, tokens: ['77'] }, newcomer]);
    expect(look(settler, [HERE, { ...OTHER, tokens: ['77'] }, newcomer])).to.deep.equal(ALL);
  });

  it('never takes this node for replaced, nor guesses without a ring of before', () => {
    const newcomer = { ...THIRD, tokens: HERE.tokens };
    const settler = new RingSettler();
    for (const at of [0, 1]) look(settler, [HERE, OTHER], { at });
    for (const at of [2, 40_000, 41_000, 42_000]) expect(look(settler, [HERE, OTHER, newcomer], { at })).to.include('both claim a token');
    const fresh = new RingSettler();
    for (const at of [0, 40_000, 80_000]) expect(look(fresh, [HERE, newcomer], { at })).to.equal('127.0.0.1 and 127.0.0.3 both claim a token');
    const restarted = new RingSettler({ ring: new Ring([HERE, OTHER]) });
    for (const at of [0, 40_000, 80_000, 81_000]) expect(look(restarted, [HERE, OTHER, { ...THIRD, tokens: OTHER.tokens }], { at })).to.include('both claim a token');
  });
});

describe('RingWatch', () => {
  let directory = '';
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'cdc-ring-')); });
  afterEach(() => rm(directory, { recursive: true }));

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 500 && !condition(); i++) await sleep(10);
    if (!condition()) throw new Error('it did not happen within 5 s');
  }

  it('sees changes, ages while the node does not answer, and finds its epochs again', async () => {
    const system = new FakeSystem();
    const epochs = new Epochs(HERE.hostId);
    const told: string[] = [];
    const watch = new RingWatch({
      session: system, epochs, directory, pollMs: 20,
      listener: { changed: ({ nodes }) => void told.push(`${nodes.length} nodes`), failed: ({ error, failures }) => void told.push(`${error.code} ${failures}`) },
    });
    await watch.start();
    expect(epochs.rings.current?.value.nodes).to.deep.equal([HERE, OTHER]);
    expect(epochs.joinedAtMs).to.equal(1_700_000_000_123);
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    system.peers = [peerRow(OTHER), peerRow(THIRD)];
    await until(() => told.includes('3 nodes'));
    system.failure = new RetryableError('cassandra_unreachable', 'no answer');
    await until(() => told.includes('cassandra_unreachable 2'));
    const { confirmedMs } = epochs.rings.current as { confirmedMs: number };
    await until(() => told.includes('cassandra_unreachable 4'));
    expect(epochs.rings.current?.confirmedMs, 'nothing was seen').to.equal(confirmedMs);
    system.failure = null;
    await until(() => (epochs.rings.current?.confirmedMs ?? 0) > confirmedMs);
    stop.abort();
    await running;
    const loaded = await loadEpochs(directory, HERE.hostId);
    expect(loaded.rings.periods.map(({ value }) => value.nodes.length)).to.deep.equal([2, 3]);
    expect(loaded.rings.current?.confirmedMs).to.equal(epochs.rings.current?.confirmedMs);
    expect(told.filter((one) => one.endsWith('nodes'))).to.deep.equal(['3 nodes']);
  });

  it('looks at once when it is told to', async () => {
    const system = new FakeSystem();
    const epochs = new Epochs(HERE.hostId);
    const watch = new RingWatch({ session: system, epochs, directory, pollMs: 3_600_000 });
    await watch.start();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    await sleep(20);
    const asked = system.asked.length;
    watch.hint();
    await until(() => system.asked.length > asked);
    stop.abort();
    await running;
  });

  it('knows that this node has left: it was a member, and says that it is none', async () => {
    const system = new FakeSystem();
    const epochs = new Epochs(HERE.hostId);
    let left = 0;
    const watch = new RingWatch({ session: system, epochs, directory, pollMs: 10, listener: { left: () => void left++ } });
    await watch.start();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    system.failure = new RetryableError('cassandra_unreachable', 'no answer');
    await sleep(100);
    expect(epochs.hasLeft, 'it may only be restarting').to.equal(false);
    system.failure = null;
    system.local = { ...localRow(HERE), bootstrapped: 'NEEDS_BOOTSTRAP' };
    await until(() => epochs.hasLeft);
    await sleep(100);
    expect(left).to.equal(1);
    system.local = localRow(HERE);
    await until(() => !epochs.hasLeft);
    stop.abort();
    await running;
  });

  it('looks less often when nobody asks, and at once when somebody does', async () => {
    const system = new FakeSystem();
    let isQuiet = true;
    const watch = new RingWatch({ session: system, epochs: new Epochs(HERE.hostId), directory, pollMs: 10, isQuiet: () => isQuiet });
    await watch.start();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    const asked = system.asked.length;
    await sleep(300);
    expect(system.asked.length).to.equal(asked);
    isQuiet = false;
    watch.hint();
    await until(() => system.asked.length > asked + 4);
    stop.abort();
    await running;
  });

  it('shows nodes in motion where gossip may be read, and asks no more where it may not', async () => {
    const system = new FakeSystem();
    const states: string[] = [];
    const watch = new RingWatch({ session: system, epochs: new Epochs(HERE.hostId), directory, listener: { moving: (nodes) => void states.push(nodes.map(({ address, state }) => `${address} ${state}`).join()) } });
    await watch.start();
    expect(system.asked.filter((cql) => cql.includes('gossip_info')).length).to.equal(1);
    system.gossip = [{ address: '127.0.0.1', status: null, status_with_port: 'NORMAL,0' }, { address: '127.0.0.3', status: 'BOOT,50', status_with_port: 'BOOT,50' }, { address: '127.0.0.9', status: null, status_with_port: 'LEFT,1,2' }];
    const seeing = new RingWatch({ session: system, epochs: new Epochs(HERE.hostId), directory, listener: { moving: (nodes) => void states.push(nodes.map(({ address, state }) => `${address} ${state}`).join()) } });
    await seeing.start();
    expect(states).to.deep.equal(['127.0.0.3 BOOT']);
    expect(seeing.inMotion.length).to.equal(1);
  });
});
