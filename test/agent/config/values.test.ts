/** What values become: numbers in ms and bytes, addresses, maps. */
import { expect } from 'chai';
import fc from 'fast-check';
import { guessDuration, guessSize, parseDuration, parseSize } from '../../../agent/config/units.js';
import { editDistance, nearest } from '../../../agent/config/nearest.js';
import type { AgentConfig } from '../../../agent/config/declaration.js';
import type { Secret } from '../../../agent/config/secret.js';
import { load, REQUIRED } from './world.js';

/** The compiler checks these: types are inferred from the declaration, not loosened to `unknown`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const TYPES: readonly [
  Same<AgentConfig['kafka']['compression'], 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'>,
  Same<AgentConfig['kafka']['transaction']['interval'], number>,
  Same<AgentConfig['cassandra']['password'], Secret | undefined>,
  Same<NonNullable<AgentConfig['kafka']['sasl']>['mechanism'], 'scram-sha-512' | 'scram-sha-256' | 'plain' | 'oauthbearer'>,
  Same<undefined extends AgentConfig['cassandra']['tls'] ? true : false, true>,
  Same<undefined extends AgentConfig['kafka']['transaction'] ? true : false, false>,
  Same<AgentConfig['events']['json_columns'], ReadonlyMap<string, readonly string[]>>,
] = [true, true, true, true, true, true, true];

describe('configuration: values', function () {
  this.timeout(30_000);

  it('has the documented defaults', () => {
    const { config } = load(REQUIRED);
    expect(config.cassandra.contact_points).to.deep.equal([{ host: '127.0.0.1', port: 9042 }]);
    expect(config.kafka.brokers).to.deep.equal([{ host: 'k1', port: 9092 }]);
    expect(config.kafka.transaction).to.deep.equal({ interval: 60, max_events: 4000, max_bytes: 2_097_152, timeout: 10_000 });
    expect(config.kafka.compression).to.equal('lz4');
    expect(config.kafka.topics).to.deep.equal({ create: false, partitions: 6, replication_factor: 3, config: new Map() });
    expect(config.source.poll_interval).to.equal(20);
    expect(config.source.spool).to.deep.equal({ directory: undefined, limit: 8 * 2 ** 30, when_full: 'block' });
    expect(config.source).to.include({ durability: 'marker', on_corruption: 'stop' });
    expect(config.tables).to.deep.equal({ include: ['*.*'], exclude: [], columns: new Map(), hash_key: undefined });
    expect(config.ownership).to.deep.equal({ mode: 'owner', datacenter: undefined, late_after: 60_000, late_policy: 'publish' });
    expect(config.events).to.deep.equal({ format: 'json', topic: 'cdc.{keyspace}.{table}', prefix: 'cdc', timestamp: 'writetime', headers: new Map(), json_columns: new Map(), tombstones: false, values: { int64: 'number', decimal: 'number', blob: 'hex', timestamp: 'cql' } });
    expect(config.state_directory).to.equal('/var/lib/cassandra-cdc-agent');
    expect(config.log).to.deep.equal({ level: 'info', format: 'auto', levels: new Map() });
    expect(config.http.listen).to.deep.equal({ host: '127.0.0.1', port: 9300 });
    expect([config.kafka.tls, config.kafka.sasl, config.cassandra.tls, config.http.tls]).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it('reads what is given', () => {
    const { config } = load(`cassandra: { contact_points: ["[::1]:9043", node.example.com], tls: {} }
kafka: { brokers: [10.0.0.1:19092], topics: { config: { retention.ms: 604800000, cleanup.policy: compact, preallocate: true } } }
tables: { columns: { "shop.*": { exclude: [card], hash: [email] } } }
events: { timestamp: { metrics.readings: observed_at }, headers: { origin: billing, user: "{column:updated by}" }, json_columns: { shop.orders: [payload] } }
log: { levels: { source: debug } }
`);
    expect(config.cassandra.contact_points).to.deep.equal([{ host: '::1', port: 9043 }, { host: 'node.example.com', port: 9042 }]);
    expect(config.cassandra.tls).to.include({ verify_hostname: true, ca: undefined });
    expect([...config.kafka.topics.config]).to.deep.equal([['retention.ms', '604800000'], ['cleanup.policy', 'compact'], ['preallocate', 'true']]);
    expect(config.tables.columns.get('shop.*')).to.deep.equal({ include: ['*'], exclude: ['card'], hash: ['email'] });
    expect(config.events.timestamp).to.deep.equal(new Map([['metrics.readings', 'observed_at']]));
    expect([...config.events.headers]).to.deep.equal([['origin', { text: 'billing' }], ['user', { column: 'updated by' }]]);
    expect(config.events.json_columns.get('shop.orders')).to.deep.equal(['payload']);
    expect(config.log.levels.get('source')).to.equal('debug');
  });

  it('warns of topics that can collide with its own', () => {
    expect(load(`${REQUIRED}events: { topic: "cdc.{table}" }\n`).warnings.map(({ line, key }) => [line, key])).to.deep.equal([[3, 'events.topic']]);
    expect(load(REQUIRED).warnings).to.deep.equal([]);
  });
});

describe('configuration: units', function () {
  this.timeout(30_000);

  const FACTORS = [['ms', 1], ['s', 1e3], ['m', 6e4], ['h', 36e5], ['d', 864e5]] as const;
  const SIZES = [['B', 1], ['KiB', 1024], ['MiB', 1024 ** 2], ['GiB', 1024 ** 3], ['TiB', 1024 ** 4]] as const;

  it('multiplies the number by its unit', () => {
    fc.assert(fc.property(fc.nat(8_000), fc.constantFrom(...FACTORS), (amount, [unit, factor]) => parseDuration(`${amount}${unit}`) === amount * factor));
    fc.assert(fc.property(fc.nat(8_000), fc.constantFrom(...SIZES), (amount, [unit, factor]) => parseSize(`${amount}${unit}`) === amount * factor));
  });

  it('refuses everything else', () => {
    for (const text of ['', '10', 'ms', '-1ms', '1.5s', '1 s', '10S', '1e3ms', '١s', '9999999999999999ms', '999999999999999d']) expect(parseDuration(text), text).to.equal(undefined);
    for (const text of ['', '10', '1MB', '1mib', '1 MiB', '0x10B', '99999999999999TiB']) expect(parseSize(text), text).to.equal(undefined);
  });

  it('guesses what was meant', () => {
    const durations = { '10 sec': '10s', '5 Minutes': '5m', '1.5s': '1500ms', '1.5m': '90s', '0.5h': '1800s', '7': '7ms', '1 fortnight': undefined };
    for (const [text, meant] of Object.entries(durations)) expect(guessDuration(text, 'ms'), text).to.equal(meant);
    const sizes = { '64MB': '64MiB', '64 mb': '64MiB', '8G': '8GiB', '1.5GiB': '1536MiB', '512': '512B', '100 bytes': '100B', many: undefined };
    for (const [text, meant] of Object.entries(sizes)) expect(guessSize(text), text).to.equal(meant);
  });
});

describe('configuration: the nearest word', function () {
  this.timeout(30_000);

  it('counts edits, a swap of neighbours as one', () => {
    expect(['kitten', 'sitting'].map((word) => editDistance(word, 'kitten'))).to.deep.equal([0, 3]);
    expect(editDistance('brokres', 'brokers')).to.equal(1);
    expect(editDistance('', 'abc')).to.equal(3);
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => editDistance(a, b) === editDistance(b, a) && editDistance(a, b) <= Math.max(a.length, b.length)));
  });

  it('finds near words only', () => {
    expect(nearest('Contact-Points', ['contact_points', 'password'])).to.equal('contact_points');
    expect(nearest('tsl', ['tls', 'sasl'])).to.equal('tls');
    expect(nearest('xyz', ['tls', 'sasl'])).to.equal(undefined);
  });
});
