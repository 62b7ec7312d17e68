/** A world that is right passes; each thing that is broken is said, with what to do. */
import { expect } from 'chai';
import type { Finding, Status } from '../../../agent/check/finding.js';
import { CHECKS, runChecks } from '../../../agent/check/run-checks.js';
import { ConfigError, RetryableError } from '../../../agent/errors.js';
import { DAY, NOW, checked, healthy, type World } from './world.js';

interface Broken {
  readonly what: string;
  readonly break: (world: World) => void;
  readonly name: string;
  readonly status: Status;
  /** In the message, the fix or the commands. */
  readonly says: readonly RegExp[];
}

const withYaml = (text: string) => (world: World): void => void (world.yaml += text);
const settings = (values: Record<string, string>) => (world: World): void => void (world.settings = { ...(world.settings as Record<string, string>), ...values });
const file = (path: string, status: object) => (world: World): void => void world.files.set(path, { ...world.files.get(path), ...status });
const topic = (name: string, differs: object) => (world: World): void => void world.topics.set(name, differs);
const TLS = 'cassandra: { contact_points: ["db1:9042"], tls: { ca: /ca.pem } }\nkafka: { brokers: ["k1:9093"], tls: { cert: /c.pem, key: /c.key } }\n';
const certificate = (notAfter: number, notBefore = NOW - DAY) => ({ subject: 'CN=x', notBefore, notAfter });

const BROKEN: readonly Broken[] = [
  { what: 'a warning of the configuration', break: withYaml('events: { topic: "cdc.{table}" }\n'), name: 'config', status: 'warn', says: [/agent\.yaml:3:\d+ events\.topic/] },
  { what: 'root', break: (world) => void (world.uid = 0), name: 'user', status: 'warn', says: [/sudo -u/] },
  { what: 'a key that everybody can read', break: (world) => { world.yaml = TLS; for (const path of ['/ca.pem', '/c.pem']) world.files.set(path, {}); world.files.set('/c.key', { mode: 0o644 }); }, name: 'files', status: 'warn', says: [/kafka\.tls\.key/, /chmod o= \/c\.key/] },
  { what: 'a certificate file that is missing', break: (world) => { world.yaml = TLS; }, name: 'files', status: 'fail', says: [/\/ca\.pem does not exist/] },
  { what: 'a certificate file that can\'t be read', break: (world) => { world.yaml = TLS; world.files.set('/ca.pem', { denied: ['read'] }); }, name: 'files', status: 'fail', says: [/cdc may not read \/ca\.pem/] },
  { what: 'a node that is down', break: (world) => void (world.node = new RetryableError('cassandra_unreachable', 'no Cassandra node answers at x', { fix: 'start it' })), name: 'cassandra', status: 'fail', says: [/no Cassandra node/, /start it/] },
  { what: 'a wrong password', break: (world) => void (world.node = new ConfigError('cassandra_auth', 'refused the login', { fix: 'check cassandra.password' })), name: 'cassandra', status: 'fail', says: [/refused the login/, /cassandra\.password/] },
  { what: 'a release that nobody tested', break: (world) => void (world.node = { ...(world.node as object), releaseVersion: '5.1.0' } as World['node']), name: 'cassandra_version', status: 'warn', says: [/5\.1\.0/] },
  { what: 'a node on another host', break: (world) => { world.addresses = ['10.0.0.1']; world.node = { ...(world.node as object), rpcAddress: '10.0.0.2', listenAddress: '10.0.0.2' } as World['node']; }, name: 'cassandra_local', status: 'warn', says: [/no address of this host/] },
  { what: 'a password over an open network', break: (world) => void (world.yaml = 'cassandra: { contact_points: ["db1:9042"], username: u, password: "${env:SECRET}" }\nkafka: { brokers: ["k1:9092"] }\n'), name: 'cassandra_tls', status: 'warn', says: [/without TLS/] },
  { what: 'no grant and no cassandra.yaml', break: (world) => { world.settings = null; world.cassandraYaml = new Error('x'); }, name: 'settings', status: 'warn', says: [/GRANT SELECT ON KEYSPACE system_views/] },
  { what: 'a cassandra.yaml that the node did not read', break: (world) => void (world.cassandraYaml = 'cdc_enabled: false\n'), name: 'settings', status: 'warn', says: [/cdcEnabled/] },
  { what: 'cdc off', break: settings({ cdc_enabled: 'false' }), name: 'cdc_enabled', status: 'fail', says: [/cdc_enabled: true/] },
  { what: 'cdc off, by cassandra.yaml alone', break: (world) => { world.settings = null; world.cassandraYaml = 'cluster_name: x\n'; }, name: 'cdc_enabled', status: 'fail', says: [/cassandra\.yaml/] },
  { what: 'compression with a long sync', break: settings({ commitlog_compression: 'LZ4Compressor' }), name: 'commit_log', status: 'warn', says: [/within 10 s \(compressed, periodic sync\)/, /commitlog_sync_period: 200ms/] },
  { what: 'the same on 4.0', break: (world) => { settings({ commitlog_compression: 'LZ4Compressor' })(world); world.node = { ...(world.node as object), releaseVersion: '4.0.15' } as World['node']; }, name: 'commit_log', status: 'warn', says: [/commitlog_sync_period_in_ms: 200"/] },
  { what: 'direct I/O', break: settings({ commitlog_disk_access_mode: 'auto' }), name: 'commit_log', status: 'warn', says: [/direct I\/O or mmap/] },
  { what: 'segments that are deleted unread', break: settings({ cdc_block_writes: 'false' }), name: 'cdc_block_writes', status: 'warn', says: [/read or not/] },
  { what: 'repair past the log', break: settings({ cdc_on_repair_enabled: 'false' }), name: 'cdc_on_repair_enabled', status: 'warn', says: [/by repair only/] },
  { what: 'little space', break: settings({ cdc_total_space: '128MiB' }), name: 'cdc_total_space', status: 'warn', says: [/fewer than 8 segments of 32 MiB/] },
  { what: 'a cdc_raw that is nearly full', break: settings({ cdc_total_space: '64MiB' }), name: 'cdc_total_space', status: 'warn', says: [/64 MiB of it used: nearly full, then writes/] },
  { what: 'an encrypted log without its key', break: settings({ 'transparent_data_encryption_options.enabled': 'true' }), name: 'encryption', status: 'fail', says: [/encryption_key_file/] },
  { what: 'clocks apart', break: (world) => void (world.nodeClock = NOW - 5000), name: 'clock', status: 'warn', says: [/5 s apart/] },
  { what: 'no table with cdc', break: (world) => world.schema['tables'].forEach((row) => void (row['cdc'] = null)), name: 'tables', status: 'warn', says: [/WITH cdc = true/] },
  { what: 'tables that nobody wants', break: withYaml('tables: { include: ["other.*"] }\n'), name: 'tables', status: 'warn', says: [/tables\.include/] },
  { what: 'a key column that is left out', break: withYaml('tables: { columns: { "shop.*": { exclude: [status, id] } } }\n'), name: 'columns', status: 'fail', says: [/tables\.columns\."shop\.\*"\.exclude names id, a primary key column of shop\.orders/, /under hash/] },
  { what: 'a key column that a pattern fits', break: withYaml('tables: { columns: { "shop.orders": { exclude: ["c*"] } } }\n'), name: 'columns', status: 'warn', says: [/"c\*", which fits customer too, a primary key column of shop\.orders/] },
  { what: 'a hashed column that is not there', break: withYaml('tables: { columns: { "shop.customers": { hash: [emial] } } }\n'), name: 'columns', status: 'warn', says: [/hash names emial, a column that shop\.customers does not have: nothing is hashed/] },
  { what: 'columns of a table that is not there', break: withYaml('tables: { columns: { "shop.ordres": { hash: [status] } } }\n'), name: 'columns', status: 'warn', says: [/fits no table/] },
  { what: 'a record time of a wrong type', break: withYaml('events: { timestamp: { shop.orders: status } }\n'), name: 'record_time', status: 'fail', says: [/status of shop\.orders is of the type text/, /timestamp, bigint, date, timeuuid/] },
  { what: 'a record time that is not there', break: withYaml('events: { timestamp: { shop.orders: at } }\n'), name: 'record_time', status: 'fail', says: [/names at, a column that shop\.orders does not have/] },
  { what: 'a record time of a table that is not published', break: withYaml('events: { timestamp: { shop.audit: at } }\n'), name: 'record_time', status: 'warn', says: [/shop\.audit, which is not published/] },
  { what: 'a record time that is masked', break: withYaml('tables: { columns: { "shop.customers": { hash: [since] } } }\nevents: { timestamp: { shop.customers: since } }\n'), name: 'record_time', status: 'fail', says: [/is hashed by tables\.columns/] },
  { what: 'JSON in a column of numbers', break: withYaml('events: { json_columns: { shop.products: [stock] } }\n'), name: 'json_columns', status: 'fail', says: [/stock of shop\.products is of the type int/] },
  { what: 'JSON in a key', break: withYaml('events: { json_columns: { shop.products: [sku] } }\n'), name: 'json_columns', status: 'fail', says: [/primary key column, which stays text/] },
  { what: 'a header of a column that nobody has', break: withYaml('events: { headers: { user: "{column:updated_by}" } }\n'), name: 'headers', status: 'warn', says: [/events\.headers\.user takes the column updated_by/] },
  { what: 'a header of a column that is left out', break: withYaml('tables: { columns: { "*.*": { exclude: [email] } } }\nevents: { headers: { user: "{column:email}" } }\n'), name: 'headers', status: 'warn', says: [/column email/] },
  { what: 'a keyspace that is not logged', break: (world) => world.schema['keyspaces'].forEach((row) => void (row['durable_writes'] = false)), name: 'durable_writes', status: 'fail', says: [/ALTER KEYSPACE "shop" WITH durable_writes = true/] },
  { what: 'several datacenters', break: (world) => world.schema['keyspaces'].forEach((row) => void (row['replication'] = { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc1: '3', dc2: '3' })), name: 'datacenter', status: 'fail', says: [/dc1 and dc2/, /ownership\.datacenter/] },
  { what: 'a replication strategy of somebody\'s own', break: (world) => world.schema['keyspaces'].forEach((row) => void (row['replication'] = { class: 'com.example.OddStrategy', dc1: '3' })), name: 'datacenter', status: 'fail', says: [/com\.example\.OddStrategy/, /tables\.exclude/] },
  { what: 'a datacenter without replicas', break: (world) => { withYaml('ownership: { datacenter: dc9 }\n')(world); world.schema['keyspaces'].forEach((row) => void (row['replication'] = { class: 'NetworkTopologyStrategy', dc1: '3' })); }, name: 'datacenter', status: 'fail', says: [/nobody would publish/] },
  { what: 'no cdc_raw', break: (world) => void world.files.delete('/data/cdc_raw'), name: 'cdc_raw', status: 'fail', says: [/does not exist/] },
  { what: 'a cdc_raw behind a closed door', break: file('/data/cdc_raw', { error: 'EACCES' }), name: 'cdc_raw', status: 'fail', says: [/EACCES/, /setfacl -m u:cdc:rwx -m d:u:cdc:r \/data\/cdc_raw/] },
  { what: 'a file in place of cdc_raw', break: file('/data/cdc_raw', { isDirectory: false }), name: 'cdc_raw', status: 'fail', says: [/no directory/] },
  { what: 'a cdc_raw that can only be read', break: file('/data/cdc_raw', { denied: ['write'] }), name: 'cdc_raw', status: 'fail', says: [/write \(segments are moved and deleted\)/, /chmod 2770 \/data\/cdc_raw/, /setfacl -m d:u:cdc:r \/data\/commitlog/] },
  { what: 'a sticky cdc_raw', break: file('/data/cdc_raw', { mode: 0o3770 }), name: 'cdc_raw', status: 'fail', says: [/chmod -t/] },
  { what: 'a segment that can\'t be read', break: file('/data/cdc_raw/CommitLog-7-9.log', { denied: ['read'] }), name: 'cdc_raw', status: 'fail', says: [/CommitLog-7-9\.log/, /find \/data\/cdc_raw/] },
  { what: 'an empty cdc_raw', break: (world) => { for (const name of ['10.log', '9.log', '9_cdc.idx']) world.files.delete(`/data/cdc_raw/CommitLog-7-${name}`); }, name: 'cdc_raw', status: 'warn', says: [/no segment/] },
  { what: 'another directory than the node\'s', break: (world) => { withYaml('source: { cdc_raw_directory: /mnt/raw }\n')(world); world.files.set('/mnt/raw', { isDirectory: true }); world.files.set('/mnt/raw/CommitLog-7-1.log', {}); }, name: 'cdc_raw_directory', status: 'warn', says: [/the node writes to \/data\/cdc_raw/] },
  { what: 'a state directory on another disk', break: file('/var/lib/cassandra-cdc-agent', { filesystem: '2 /var' }), name: 'spool', status: 'warn', says: [/no spool/, /cdc_spool/] },
  { what: 'a spool on another disk', break: (world) => { withYaml('source: { spool: { directory: /mnt/spool } }\n')(world); world.files.set('/mnt/spool', { isDirectory: true, filesystem: '2 /mnt' }); }, name: 'spool', status: 'fail', says: [/another filesystem/] },
  { what: 'a spool that is closed', break: (world) => { withYaml('source: { spool: { directory: /data/spool } }\n')(world); world.files.set('/data/spool', { isDirectory: true, denied: ['write'] }); }, name: 'spool', status: 'fail', says: [/install -d -o cdc/] },
  { what: 'little room for the spool', break: (world) => void (world.free = 2 ** 30), name: 'spool', status: 'warn', says: [/1 GiB free/] },
  { what: 'a state directory that is closed', break: file('/var/lib/cassandra-cdc-agent', { denied: ['write'] }), name: 'state_directory', status: 'fail', says: [/install -d/] },
  { what: 'a state directory open to all', break: file('/var/lib/cassandra-cdc-agent', { mode: 0o755 }), name: 'state_directory', status: 'warn', says: [/chmod o=/] },
  { what: 'no Kafka', break: (world) => void (world.kafka = new RetryableError('kafka_unreachable', 'Kafka does not answer', { fix: 'check the brokers' })), name: 'kafka', status: 'fail', says: [/does not answer/, /check the brokers/] },
  { what: 'no right on the transactional id', break: (world) => void (world.kafka = { ...(world.kafka as object), transactionalId: 'denied' } as World['kafka']), name: 'kafka_transactional_id', status: 'fail', says: [/--operation Write --transactional-id 'cdc-c-h-1'/] },
  { what: 'a transaction timeout that is too long', break: (world) => void (world.kafka = { ...(world.kafka as object), transactionalId: 'timeout too long' } as World['kafka']), name: 'kafka_transactional_id', status: 'fail', says: [/transaction\.max\.timeout\.ms/] },
  { what: 'no right on the group', break: (world) => void (world.kafka = { ...(world.kafka as object), mayReadGroup: false } as World['kafka']), name: 'kafka_group', status: 'fail', says: [/allow Read on the group/, /--operation Read --group 'cdc-c-h-1'/] },
  { what: 'a missing topic', break: topic('cdc.shop.orders', { exists: false }), name: 'kafka_topics', status: 'fail', says: [/cdc\.shop\.orders does not exist/, /kafka-topics\.sh .*--create --topic cdc\.shop\.orders --partitions 6/] },
  { what: 'a missing position topic', break: topic('cdc.position', { exists: false }), name: 'kafka_topics', status: 'fail', says: [/--topic cdc\.position --partitions 1 /] },
  { what: 'a hidden topic', break: topic('cdc.shop.orders', { exists: false, isDenied: true }), name: 'kafka_topics', status: 'fail', says: [/hides or refuses/, /--operation Write --topic cdc\.shop\.orders/] },
  { what: 'a topic that may not be written', break: topic('cdc.shop.orders', { mayWrite: false }), name: 'kafka_topics', status: 'fail', says: [/write cdc\.shop\.orders/] },
  { what: 'a topic of gaps that may not be written', break: topic('cdc.control', { mayWrite: false }), name: 'kafka_topics', status: 'fail', says: [/write cdc\.control/, /--operation Write --topic cdc\.control/] },
  { what: 'a missing topic of gaps', break: topic('cdc.control', { exists: false }), name: 'kafka_topics', status: 'fail', says: [/--create --topic cdc\.control/] },
  { what: 'a position topic that may not be read', break: topic('cdc.position', { mayRead: false }), name: 'kafka_position', status: 'fail', says: [/--operation Read --topic cdc\.position/] },
  { what: 'a position topic with several partitions', break: topic('cdc.position', { partitions: 4 }), name: 'kafka_position', status: 'warn', says: [/4 partitions/] },
  { what: 'topics that may not be made', break: (world) => { withYaml('')(world); world.yaml = 'cassandra: { contact_points: [127.0.0.1:9042] }\nkafka: { brokers: ["k1:9092"], topics: { create: true } }\n'; world.kafka = { ...(world.kafka as object), mayCreateTopics: false } as World['kafka']; topic('cdc.shop.orders', { exists: false })(world); }, name: 'kafka_topics', status: 'fail', says: [/lets the agent make no topics/] },
  { what: 'small messages', break: topic('cdc.shop.orders', { maxMessageBytes: 10_000 }), name: 'kafka_message_size', status: 'warn', says: [/max\.message\.bytes of cdc\.shop\.orders is 9\.8 KiB/] },
  { what: 'a server certificate that ended', break: (world) => { world.yaml = TLS; world.certificates.set('db1:9042', certificate(NOW - DAY)); }, name: 'certificates', status: 'fail', says: [/Cassandra at db1:9042 \(CN=x\) ended on 2026-05-31/] },
  { what: 'a client certificate that ends soon', break: (world) => { world.yaml = TLS; world.files.set('/c.pem', { text: 'PEM' }); world.certificates.set('PEM', certificate(NOW + 10 * DAY)); }, name: 'certificates', status: 'warn', says: [/\/c\.pem .*in 10 days/] },
  { what: 'a certificate of tomorrow', break: (world) => { world.yaml = TLS; world.certificates.set('k1:9092', certificate(NOW + 400 * DAY, NOW + DAY)); }, name: 'certificates', status: 'fail', says: [/begins on 2026-06-02/] },
];

const textOf = ({ message, fix = '', commands = [] }: Finding): string => [message, fix, ...commands].join('\n');

describe('checks', () => {
  it('find nothing wrong where nothing is', async () => {
    const world = healthy();
    const findings = await checked(world);
    expect(findings.filter(({ status }) => status !== 'ok')).to.deep.equal([]);
    expect(new Set(findings.map(({ name }) => name))).to.include.all.keys('config', 'user', 'state_directory', 'cassandra', 'settings', 'cdc_enabled', 'commit_log', 'cdc_block_writes', 'cdc_total_space', 'clock', 'tables', 'durable_writes', 'cdc_raw', 'spool', 'kafka', 'kafka_transactional_id', 'kafka_group', 'kafka_topics');
    expect(world.asked).to.have.length(1);
    expect(world.asked[0].transactionalId).to.equal('cdc-c-h-1');
    expect(world.asked[0].topics).to.include.members(['cdc.position', 'cdc.control', 'cdc.shop.orders']);
  });

  it('find columns right that are there and may be masked', async () => {
    const world = healthy();
    world.yaml += 'tables: { columns: { "shop.*": { exclude: ["*"], hash: [id] }, "shop.orders": { include: [status], hash: [status] } } }\nevents: { timestamp: { shop.readings: at }, json_columns: { shop.events: [payload] }, headers: { origin: x, id: "{column:id}" } }\n';
    expect((await checked(world)).filter(({ name }) => ['columns', 'record_time', 'json_columns', 'headers'].includes(name)).map(({ name, status }) => `${status} ${name}`)).to.deep.equal(['ok columns']);
  });

  for (const one of BROKEN) {
    it(`say ${one.what}: ${one.status.toUpperCase()} ${one.name}`, async () => {
      const world = healthy();
      one.break(world);
      const found = (await checked(world)).filter(({ name, status }) => name === one.name && status === one.status);
      expect(found, 'findings of this name').to.not.be.empty;
      const text = found.map(textOf).join('\n');
      for (const pattern of one.says) expect(text).to.match(pattern);
      expect(found.every(({ fix, commands, status }) => status === 'ok' || fix !== undefined || commands !== undefined), 'each has a fix').to.equal(true);
    });
  }

  it('go on when one of them breaks', async () => {
    const broken = (): Promise<Finding[]> => Promise.reject(new Error('oops'));
    const findings = await runChecks(undefined as never, () => undefined, { checks: [broken, () => Promise.resolve([{ name: 'x', status: 'ok', message: '' }])] });
    expect(findings.map(({ name, status }) => `${status} ${name}`)).to.deep.equal(['fail broken', 'ok x']);
    expect(CHECKS.length).to.be.greaterThan(15);
  });

  it('never show a secret', async () => {
    const world = healthy();
    world.yaml = 'cassandra: { contact_points: [127.0.0.1:9042], username: u, password: "${env:SECRET}" }\nkafka: { brokers: ["k1:9093"], tls: {}, sasl: { mechanism: plain, username: k, password: "${env:SECRET}" } }\n';
    expect(JSON.stringify(await checked(world))).to.not.include('planted-secret');
  });
});
