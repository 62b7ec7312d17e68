/** `check` beside a real node and a real broker: what is broken is named with the fix, and the exit code says it. */
import { expect } from 'chai';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Finding, Status } from '../../../agent/check/finding.js';
import { runCli, runVerb, type CliOptions } from '../../helpers/run-cli.js';
import { createTopics, startCassandra, type CassandraNode } from '../../lab/index.js';
import { AGENT_PASSWORD, startSecureBroker, type SecureBroker } from '../publisher/kafka/secure-broker.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes, ResourcePatternTypes } = kafkajs;
const NOBODY = 65534;

interface Checked {
  readonly code: number | null;
  readonly findings: readonly Finding[];
  readonly failed: readonly string[];
}

describe('check beside a node and a broker', function () {
  this.timeout(120_000);
  let node: CassandraNode;
  let kafka: SecureBroker;
  let admin: Admin;
  let directory: string;

  const everything = (): AclEntry[] => [AclResourceTypes.TOPIC, AclResourceTypes.GROUP, AclResourceTypes.TRANSACTIONAL_ID].map((resourceType) => ({
    resourceType, resourceName: '*', resourcePatternType: ResourcePatternTypes.LITERAL, principal: 'User:agent', host: '*', operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW,
  }));

  before(async () => {
    [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6' }), startSecureBroker()]);
    const client = await node.client();
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute('CREATE TABLE shop.orders (k int PRIMARY KEY, v text) WITH cdc = true');
    await client.execute("INSERT INTO shop.orders (k, v) VALUES (1, 'x')");
    admin = new kafkajs.Kafka({ brokers: kafka.broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, ['cdc.position', 'cdc.control', 'cdc.shop.orders'].map((topic) => ({ topic, numPartitions: 1 })));
    await admin.createAcls({ acl: everything() });
    directory = await mkdtemp(join(tmpdir(), 'cdc-check-'));
    // Another user must come to what is in them.
    await Promise.all([directory, node.directory, kafka.broker.directory, join(kafka.broker.directory, 'tls')].map((path) => chmod(path, 0o755)));
  });
  after(async () => {
    await admin?.disconnect();
    await node?.remove();
    await kafka?.broker.remove();
    if (directory !== undefined) await rm(directory, { recursive: true });
  });

  async function configured(sections: Readonly<Record<string, object>> = {}): Promise<string> {
    const base: Readonly<Record<string, object>> = {
      cassandra: { contact_points: [node.contactPoint], config_file: node.configFile },
      kafka: { brokers: kafka.sasl, tls: { ca: kafka.authority.ca }, sasl: { mechanism: 'scram-sha-512', username: 'agent', password: '${env:SECRET}' } },
      source: { spool: { directory: join(node.directory, 'cdc_spool'), limit: '1GiB' } },
    };
    const file = join(directory, 'agent.yaml');
    await writeFile(file, stringify({ ...base, ...sections, state_directory: join(directory, 'state') }));
    return file;
  }

  /** In a process of its own where the user matters. */
  async function check(sections?: Readonly<Record<string, object>>, { password = AGENT_PASSWORD, ...user }: Pick<CliOptions, 'uid' | 'gid'> & { readonly password?: string } = {}): Promise<Checked> {
    const args = ['check', '--config', await configured(sections), '--json'];
    const env = { SECRET: password };
    const { code, stdout, stderr } = await (user.uid === undefined ? runVerb(args, env) : runCli(args, { env, ...user }));
    expect(stderr).to.equal('');
    const { checks: findings } = JSON.parse(stdout) as { checks: Finding[] };
    return { code, findings, failed: [...new Set(findings.filter(({ status }) => status === 'fail').map(({ name }) => name))] };
  }

  /** Message, fix and commands of the finding. */
  function said({ findings }: Checked, name: string, status: Status): string {
    const found = findings.filter((one) => one.name === name && one.status === status);
    expect(found, `${status} ${name}: ${JSON.stringify(findings)}`).to.not.be.empty;
    for (const { fix } of found) expect(fix, 'a fix').to.be.a('string').that.is.not.empty;
    return found.map(({ message, fix, commands = [] }) => [message, fix, ...commands].join('\n')).join('\n');
  }

  it('finds nothing wrong where nothing is: exit 0', async () => {
    const checked = await check();
    expect([checked.code, checked.failed]).to.deep.equal([0, []]);
    expect((await runCli(['check', '--config', await configured()], { env: { SECRET: AGENT_PASSWORD } })).code).to.equal(0);
    // Of a new cluster too, whose coordinators this question is the first for.
    const names = new Set(['cdc_enabled', 'cdc_raw', 'spool', 'kafka_topics', 'kafka_transactional_id', 'kafka_group', 'certificates']);
    expect(new Set(checked.findings.filter(({ name }) => names.has(name)).map(({ name, status }) => `${status} ${name}`)))
      .to.deep.equal(new Set(['ok cdc_enabled', 'ok cdc_raw', 'ok spool', 'ok kafka_topics', 'ok kafka_transactional_id', 'ok kafka_group', 'warn certificates']));
    // The lab's certificates end in two days.
    expect(said(checked, 'certificates', 'warn')).to.match(/in [01] days?\nrenew it/);
  });

  it('a cdc_raw that is not there, and one that the node does not write', async () => {
    const missing = await check({ source: { cdc_raw_directory: '/nowhere/cdc_raw' } });
    expect(missing.code).to.equal(1);
    expect(said(missing, 'cdc_raw', 'fail')).to.match(/\/nowhere\/cdc_raw \(from source\.cdc_raw_directory\) does not exist\ncorrect source\.cdc_raw_directory/);
    const other = join(node.directory, 'other_raw');
    await mkdir(other);
    const wrong = await check({ source: { cdc_raw_directory: other, spool: { directory: join(node.directory, 'cdc_spool'), limit: '1GiB' } } });
    expect([wrong.code, wrong.failed]).to.deep.equal([0, []]);
    expect(said(wrong, 'cdc_raw_directory', 'warn')).to.include(`the node writes to ${node.cdcRawDir}`);
    expect(said(wrong, 'cdc_raw', 'warn')).to.match(/holds no segment/);
  });

  it('a cdc_raw in which the agent\'s user has no rights', async function () {
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    // Where the project itself is closed to others there is nobody to ask.
    if ((await runCli(['version'], user)).code !== 0) this.skip();
    await chmod(node.cdcRawDir, 0o555);
    try {
      const checked = await check({}, user);
      expect(checked.code).to.equal(1);
      expect(said(checked, 'cdc_raw', 'fail')).to.match(new RegExp(`may not write \\(segments are moved and deleted\\) ${node.cdcRawDir}\nlet cassandra-cdc-agent-rights do it[^]*setfacl -m u:\\S+:rwx -m d:u:\\S+:r ${node.cdcRawDir}`));
      await chmod(node.cdcRawDir, 0o000);
      if (user.uid !== undefined) expect(said(await check({}, user), 'cdc_raw', 'fail')).to.match(/may not read or write/);
    } finally {
      await chmod(node.cdcRawDir, 0o755);
    }
  });

  it('no ACL at all, missing topics, and small messages', async () => {
    await admin.deleteAcls({ filters: everything() });
    await sleep(300);
    const denied = await check();
    expect([denied.code, denied.failed]).to.deep.equal([1, ['kafka_transactional_id', 'kafka_group', 'kafka_topics']]);
    expect(said(denied, 'kafka_topics', 'fail')).to.match(/hides or refuses cdc\.position, cdc\.control, cdc\.shop\.orders\n[^]*--operation Read --topic cdc\.position\n[^]*--operation Write --topic cdc\.control\n[^]*--operation Write --topic cdc\.shop\.orders/);
    await admin.createAcls({ acl: everything() });
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: 'cdc.shop.orders', configEntries: [{ name: 'max.message.bytes', value: '10000' }] }] });
    await sleep(300);
    const small = await check();
    expect([small.code, small.failed]).to.deep.equal([0, []]);
    expect(said(small, 'kafka_message_size', 'warn')).to.match(/max\.message\.bytes of cdc\.shop\.orders is 9\.8 KiB: one event above it stops the agent\nraise max\.message\.bytes/);
    const missing = await check({ events: { prefix: 'late', topic: 'late.{keyspace}.{table}' } });
    expect([missing.code, missing.failed]).to.deep.equal([1, ['kafka_topics']]);
    expect(said(missing, 'kafka_topics', 'fail')).to.match(/late\.position, late\.control, late\.shop\.orders do not exist\nmake them, or set kafka\.topics\.create: true:\n[^]*--create --topic late\.position --partitions 1 [^]*--create --topic late\.shop\.orders --partitions 6/);
  });

  it('a broker whose certificate has ended, or is for another name, and a wrong password', async () => {
    const tls = { ca: kafka.authority.ca };
    const ended = await check({ kafka: { brokers: kafka.expired, tls } });
    expect([ended.code, ended.failed]).to.deep.equal([1, ['kafka', 'certificates']]);
    expect(said(ended, 'kafka', 'fail')).to.match(/certificate has expired\ncheck kafka\.tls/);
    expect(said(ended, 'certificates', 'fail')).to.match(/the certificate of Kafka at \S+ \(CN=expired\) ended on 20\d\d-\d\d-\d\d\nrenew it/);
    const named = await check({ kafka: { brokers: kafka.otherName, tls } });
    expect([named.code, named.failed]).to.deep.equal([1, ['kafka']]);
    expect(said(named, 'kafka', 'fail')).to.match(/does not match certificate's altnames/);
    expect((await check({ kafka: { brokers: kafka.otherName, tls: { ...tls, verify_hostname: false } } })).code).to.equal(0);
    const wrong = await check(undefined, { password: 'wrong' });
    expect([wrong.code, wrong.failed]).to.deep.equal([1, ['kafka']]);
    expect(said(wrong, 'kafka', 'fail')).to.match(/Kafka refuses the login: [^]*\ncheck kafka\.sasl: mechanism, user name and password/);
  });

  it('a node that is down, and one with cdc off', async () => {
    await node.kill9();
    const down = await check();
    expect([down.code, down.failed]).to.deep.equal([1, ['cassandra']]);
    await writeFile(node.configFile, (await readFile(node.configFile, 'utf8')).replace('cdc_enabled: true', 'cdc_enabled: false'));
    await node.start();
    const off = await check();
    expect([off.code, off.failed]).to.deep.equal([1, ['cdc_enabled']]);
    expect(said(off, 'cdc_enabled', 'fail')).to.match(/cdc_enabled is false \(system_views\.settings\)[^]*\nset "cdc_enabled: true" in cassandra\.yaml on every node, and restart it/);
    const { code, stdout } = await runCli(['check', '--config', await configured()], { env: { SECRET: AGENT_PASSWORD } });
    expect(code).to.equal(1);
    expect(stdout).to.match(/^FAIL {2}cdc_enabled: [^]*\n {6}fix: set "cdc_enabled: true"[^]*\n\d+ OK, \d+ WARN, 1 FAIL\n$/m);
  });
});
