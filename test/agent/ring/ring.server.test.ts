/** The ring of a real cluster: three nodes in two datacenters, a fourth that joins and leaves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { types, type Client } from 'cassandra-driver';
import { CassandraSession } from '../../../agent/cassandra/session.js';
import { readSystemSchema } from '../../../agent/cassandra/system-schema.js';
import { loadEpochs } from '../../../agent/ring/epoch-file.js';
import { Epochs } from '../../../agent/ring/epochs.js';
import { partitionKeyBytes } from '../../../agent/ring/key/partition-key.js';
import { Ownership } from '../../../agent/ring/ownership.js';
import { replicasOf } from '../../../agent/ring/placement.js';
import { parseReplication } from '../../../agent/ring/replication.js';
import { readRing } from '../../../agent/ring/ring-reader.js';
import { RingWatch } from '../../../agent/ring/ring-watch.js';
import { Ring } from '../../../agent/ring/ring.js';
import { formatToken } from '../../../agent/ring/token-array.js';
import { replicationFromRows, schemaFromRows, tokenOf, type SystemSchemaRows, type TableMetadata, type Token } from '../../../parsers/index.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { runCli } from '../../helpers/run-cli.js';
import { startCassandra, startRing, type CassandraNode, type CassandraRing } from '../../lab/index.js';
import { runJava } from '../../oracle/java.js';

const seed = runSeed();
const KEYSPACES = {
  both: { class: 'NetworkTopologyStrategy', dc1: '2', dc2: '1' },
  one: { class: 'NetworkTopologyStrategy', dc1: '1' },
  simple: { class: 'SimpleStrategy', replication_factor: '2' },
};
const KEY_TYPES = 'a int, b text, c uuid, d timestamp, e date, f time, g inet, h decimal, i varint, j boolean, k double, l float, m smallint, n tinyint, o bigint, p blob, q ascii, r timeuuid';
const NESTED_TYPES = 'a frozen<list<int>>, b frozen<set<text>>, c frozen<map<bigint, text>>, d frozen<tuple<int, text>>, e frozen<place>';

function sessionOf(node: CassandraNode, topologyChanged?: () => void): CassandraSession {
  const [host, port] = node.contactPoint.split(':');
  return new CassandraSession({ contactPoints: [{ host, port: Number(port) }] }, topologyChanged === undefined ? {} : { listener: { topologyChanged } });
}

async function withSession<T>(node: CassandraNode, use: (session: CassandraSession) => Promise<T>): Promise<T> {
  const session = sessionOf(node);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

function tokenOfBytes(bytes: Buffer): Token {
  return { ...tokenOf(bytes, 0, bytes.length, { hi: 0, lo: 0 }) };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) if (condition()) return;
  throw new Error(`${what}: not within a minute`);
}

describe(`the ring of a real cluster (CDC_SEED=${seed})`, function () {
  this.timeout(400_000);
  let cluster: CassandraRing;
  let client: Client;
  let directory = '';

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cdc-ring-'));
    cluster = await startRing({ version: '5.0.6', nodes: 3, heap: '384M', placeOf: (i) => ({ datacenter: i === 2 ? 'dc2' : 'dc1', rack: `r${(i % 2) + 1}` }) });
    client = await cluster.nodes[0].client({ socketOptions: { readTimeout: 60_000 } });
    for (const [name, options] of Object.entries(KEYSPACES)) await client.execute(`CREATE KEYSPACE ${name} WITH replication = ${JSON.stringify(options).replaceAll('"', '\'')}`);
    for (const name of Object.keys(KEYSPACES)) await client.execute(`CREATE TABLE ${name}.t (k int PRIMARY KEY, v text) WITH cdc = true`);
    await client.execute('CREATE TYPE both.place (street text, zip int)');
    await client.execute(`CREATE TABLE both.scalars (${KEY_TYPES}, PRIMARY KEY ((${KEY_TYPES.replace(/ \w+(?=,|$)/g, '')})))`);
    await client.execute(`CREATE TABLE both.nested (${NESTED_TYPES}, PRIMARY KEY ((a, b, c, d, e)))`);
  });
  after(async () => {
    await cluster.remove();
    await rm(directory, { recursive: true });
  });

  async function tables(): Promise<readonly TableMetadata[]> {
    return withSession(cluster.nodes[0], async (session) => schemaFromRows((await readSystemSchema(session)).rows as unknown as SystemSchemaRows));
  }

  async function configFor(node: CassandraNode, ownership = ''): Promise<string> {
    const path = join(directory, `${node.address}.yaml`);
    await writeFile(path, `cassandra: { contact_points: ["${node.contactPoint}"] }\nkafka: { brokers: ["127.0.0.1:9"] }\n${ownership}`);
    return path;
  }

  it('every node shows the same ring, the one that nodetool shows', async () => {
    const snapshots = await Promise.all(cluster.nodes.map((node) => withSession(node, readRing)));
    expect(new Set(snapshots.map(({ nodes }) => new Ring(nodes).key)).size).to.equal(1);
    expect(snapshots.map(({ localHostId, nodes }) => nodes.find(({ hostId }) => hostId === localHostId)?.address)).to.deep.equal(cluster.nodes.map(({ address }) => address));
    const shown = (await cluster.nodes[0].nodetool('ring')).split('\n');
    const status = await cluster.nodes[0].nodetool('status');
    let datacenter = '';
    const rows = shown.flatMap((line) => {
      datacenter = /^Datacenter: (\S+)/.exec(line)?.[1] ?? datacenter;
      const [, address, rack, token] = /^(\d+\.\S+)\s+(\S+)\s+Up\s+Normal\s.*\s(-?\d+)\s*$/.exec(line) ?? [];
      return address === undefined ? [] : [`${address} ${datacenter} ${rack} ${token}`];
    });
    expect(rows.length).to.equal(48);
    expect(snapshots[0].nodes.flatMap((node) => node.tokens.map((token) => `${node.address} ${node.datacenter} ${node.rack} ${token}`)).sort()).to.deep.equal(rows.sort());
    for (const { address, hostId } of snapshots[0].nodes) expect(status).to.match(new RegExp(`${address.replaceAll('.', '\\.')} .*${hostId}`));
  });

  it('replicas of 600 random keys are the natural endpoints that the node names, in its order', async () => {
    const { nodes } = await withSession(cluster.nodes[0], readRing);
    const ring = new Ring(nodes);
    const rng = new Rng(seed);
    const asked = Object.entries(KEYSPACES).flatMap(([keyspace, options]) => Array.from({ length: 200 }, () => ({ keyspace, options, key: rng.u32() | 0 })));
    const answers = (await runJava({ version: '5.0.6', main: 'NaturalEndpoints', heap: '64m', args: [String(cluster.nodes[0].jmxPort)], stdin: asked.map(({ keyspace, key }) => `${keyspace}\tt\t${key}\n`).join('') })).trimEnd().split('\n');
    const ours = asked.map(({ options, key }) => {
      const { hi, lo } = tokenOfBytes(int32(key));
      return replicasOf(ring, ring.tokens.firstNotBelow(hi, lo), { replication: parseReplication(options), localNode: 0 }).map(({ node }) => ring.nodes[node].address).join(' ');
    });
    expect(ours).to.deep.equal(answers);
    expect(new Set(answers).size, 'different lists').to.be.greaterThan(6);
  });

  it('the agents of the three nodes divide 1,000 keys of each keyspace: each has one', async () => {
    const rows = await withSession(cluster.nodes[0], async (session) => replicationFromRows((await readSystemSchema(session)).rows as unknown as SystemSchemaRows));
    const agents = await Promise.all(cluster.nodes.map(async (node) => {
      const { nodes, localHostId } = await withSession(node, readRing);
      const epochs = new Epochs(localHostId);
      epochs.observeRing(new Ring(nodes), Date.now());
      epochs.observeReplication(rows, Date.now());
      return { place: nodes[0].datacenter, ownership: new Ownership({ mode: 'owner', datacenter: 'dc1', epochs, now: Date.now }) };
    }));
    const rng = new Rng(seed);
    for (const keyspace of Object.keys(KEYSPACES)) {
      for (let i = 0; i < 1000; i++) {
        const { hi, lo } = tokenOfBytes(int32(rng.u32() | 0));
        const owners = agents.filter(({ ownership }) => ownership.at({ appendedAfterMs: Date.now() - 10, appendedBeforeMs: Date.now() }).decide(keyspace, hi, lo) === 'publish');
        expect(owners.length).to.equal(1);
        if (keyspace !== 'simple') expect(owners[0].place).to.equal('dc1');
      }
      expect(agents.reduce((sum, { ownership }) => sum + ownership.view([keyspace]).ownedShare, 0)).to.be.closeTo(1, 1e-9);
    }
  });

  it('keys of every type, written as in CQL, have the tokens that the node computes', async () => {
    const rng = new Rng(seed);
    const uuid = (version: number): string => rng.bytes(16).toString('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-${version}$3-8$4-$5`);
    const pick = (...texts: string[]): string => rng.pick(texts);
    const scalars = (): string[] => [
      pick('0', '-1', '2147483647', '-2147483648'), pick('\'\'', '\'it\'\'s\'', '\'Grüße, 世界 😀\''), uuid(4),
      pick('\'2026-11-22 10:00:00.123Z\'', '\'1969-12-31 23:59:59+0130\'', '\'0001-01-01 00:00:00.000Z\'', '1795341600000'), pick('\'2026-11-22\'', '\'1969-12-31\'', '\'0001-02-28\'', '2147483649'),
      pick('\'23:59:59.999999999\'', '\'00:00:00\'', '86399999999999'), pick('\'127.0.0.1\'', '\'::1\'', '\'2001:db8::ff00:42:8329\'', '\'::ffff:10.0.0.1\''),
      pick('1.50', '-0.001', '1E+20', '123456789012345678901234567890.5'), pick('0', '-129', '170141183460469231731687303715884105728'), pick('true', 'false'),
      pick('1.5', '-1E300', 'NaN', '-Infinity', '0.1'), pick('0.3', '-1.5E10', 'Infinity'), pick('32767', '-32768'), pick('-128', '127'), pick('9223372036854775807', '-9223372036854775808'),
      pick('0x', '0x00FF'), pick('\'plain\'', '\'\''), uuid(1),
    ];
    const nested = (): string[] => [
      pick('[]', '[1, -1, 1]'), pick('{\'b\', \'a\', \'ü\', \'a\'}', '{}'), pick('{2: \'x\', -7: \'y\'}', '{}'), pick('(1, \'a\')', '(2, null)'), pick('{street: \'Elm\', zip: 8000}', '{zip: 1}'),
    ];
    const found = await tables();
    for (const [name, makeRow] of [['scalars', scalars], ['nested', nested]] as const) {
      const table = found.find((one) => one.keyspace === 'both' && one.name === name) as TableMetadata;
      const columns = table.partitionKey.map((column) => column.name).join(', ');
      for (let i = 0; i < 30; i++) {
        const row = makeRow();
        // On every replica: the count asks any one of them.
        await client.execute(`INSERT INTO both.${name} (${columns}) VALUES (${row.join(', ')})`, [], { consistency: types.consistencies.all });
        const { hi, lo } = tokenOfBytes(partitionKeyBytes(table, row));
        const [{ n }] = (await client.execute(`SELECT count(*) AS n FROM both.${name} WHERE token(${columns}) = ${formatToken(hi, lo)}`)).rows as unknown as { n: { toNumber(): number } }[];
        expect(n.toNumber(), `${name}: ${row.join(', ')}`).to.equal(1);
      }
    }
  });

  it('`owner` prints token, replicas in order and the reason, the same on each node', async () => {
    const [first, , third] = cluster.nodes;
    await client.execute('INSERT INTO both.t (k, v) VALUES (42, \'x\')');
    const token = String(((await client.execute('SELECT token(k) AS value FROM both.t WHERE k = 42')).rows[0] as unknown as { value: unknown }).value);
    const [endpoints] = (await runJava({ version: '5.0.6', main: 'NaturalEndpoints', heap: '64m', args: [String(first.jmxPort)], stdin: 'both\tt\t42\n' })).split('\n');
    const ownership = 'ownership: { datacenter: dc1 }\n';
    const key = ['--keyspace', 'both', '--table', 't', '--key', '{"k": 42}'];
    const answers = await Promise.all([first, third].map(async (node) => runCli(['owner', '-c', await configFor(node, ownership), ...key, '--json'])));
    const [here, there] = answers.map(({ stdout, stderr }) => {
      expect(stderr).to.equal('');
      return JSON.parse(stdout) as { token: string; reason: string; replicas: { address: string; local: boolean; publishes: boolean }[] };
    });
    expect(here.token).to.equal(token);
    expect(here.replicas.map(({ address }) => address).join(' ')).to.equal(endpoints);
    expect(here.reason).to.equal('it is the first full replica in dc1, which ownership.datacenter names');
    expect(there.replicas.map(({ local: _local, ...rest }) => rest)).to.deep.equal(here.replicas.map(({ local: _local, ...rest }) => rest));
    expect([here, there].map(({ replicas }) => replicas.filter(({ local }) => local).map(({ address }) => address))).to.deep.equal([[first.address], [third.address]]);
    const byToken = await runCli(['owner', '-c', await configFor(first, ownership), '--keyspace', 'both', '--token', token]);
    expect(byToken.stdout).to.match(new RegExp(`^token +${token}\nkeyspace +both\nreplication +NetworkTopologyStrategy dc1: 2, dc2: 1\nreplicas\n( +[123] +127\\S+ +dc[12]/r[12] +[0-9a-f-]{36}.*\n){3}reason +it is the first full replica in dc1.*\n$`));
    expect(byToken.stdout.match(/publishes/g)?.length).to.equal(1);
  });

  it('`owner` says why nobody publishes, and what can\'t be asked', async () => {
    const config = await configFor(cluster.nodes[0]);
    const owner = (...args: string[]): ReturnType<typeof runCli> => runCli(['owner', '-c', config, ...args]);
    const undecided = await owner('--keyspace', 'both', '--token', '0');
    expect(undecided).to.include({ code: 1, stderr: '' });
    expect(undecided.stdout).to.include('reason       keyspace both is replicated to dc1 and dc2: which of them publishes?\nfix          set ownership.datacenter on every agent');
    const wrong = await Promise.all([owner('--keyspace', 'nowhere', '--token', '0'), owner('--keyspace', 'one', '--table', 'u', '--key', '1'), owner('--keyspace', 'one', '--table', 't', '--key', 'x'), owner('--keyspace', 'one'), owner('--keyspace', 'one', '--token', '1e3')]);
    expect(wrong.map(({ code, stderr }) => `${code} ${stderr.split('\n')[0]}`)).to.deep.equal([
      '64 error: there is no keyspace nowhere', '64 error: there is no table one.u', '64 error: the key can\'t be read: k: x is no integer', '64 error: one of --key and --token is needed', '64 error: 1e3 is no token',
    ]);
  });

  it('a node that joins and leaves: two epochs, no torn ring between, gossip first', async () => {
    const [first] = cluster.nodes;
    const epochs = new Epochs((await withSession(first, readRing)).localHostId);
    const told: { readonly what: string; readonly at: number }[] = [];
    const tell = (what: string): void => void told.push({ what, at: Date.now() });
    const session = sessionOf(first, () => { tell('event'); watch.hint(); });
    const watch = new RingWatch({
      session, epochs, directory, pollMs: 1000,
      listener: { changed: ({ nodes }) => tell(`${nodes.length} nodes`), moving: (nodes) => tell(nodes.map(({ state }) => state).join() || 'nobody moves'), failed: ({ error }) => tell(error.message) },
    });
    await watch.start();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    const startedAt = Date.now();
    const joining = await startCassandra({ version: '5.0.6', heap: '384M', datacenter: 'dc1', rack: 'r1', seeds: [first.address], config: { auto_bootstrap: true }, jvm: ['-Dcassandra.ring_delay_ms=6000'] });
    try {
      await until('the join is seen', () => told.some(({ what }) => what === '4 nodes'));
      const { joinedAtMs } = await withSession(joining, readRing);
      expect(joinedAtMs).to.be.greaterThan(startedAt).and.lessThan(Date.now());
      await joining.nodetool('decommission');
      await until('the leave is seen', () => told.filter(({ what }) => what === '3 nodes').length === 1);
    } finally {
      await joining.remove();
    }
    stop.abort();
    await running;
    await session.close();
    const order = told.map(({ what }) => what);
    expect(order.filter((what) => what.endsWith('nodes'))).to.deep.equal(['4 nodes', '3 nodes']);
    expect(order.indexOf('BOOT'), order.join('; ')).to.be.greaterThan(-1).and.lessThan(order.indexOf('4 nodes'));
    expect(order.indexOf('LEAVING'), order.join('; ')).to.be.greaterThan(order.indexOf('4 nodes')).and.lessThan(order.indexOf('3 nodes'));
    const stored = await loadEpochs(directory, epochs.hostId);
    expect(stored.rings.periods.map(({ value }) => value.nodes.length)).to.deep.equal([3, 4, 3]);
    expect(stored.rings.periods[0].value.key).to.equal(stored.rings.periods[2].value.key);
    console.log(`      ${told.map(({ what, at }) => `${((at - startedAt) / 1000).toFixed(1)} s ${what}`).join(', ')}`);
  });
});
