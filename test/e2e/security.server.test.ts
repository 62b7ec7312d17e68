/** The whole agent where nobody is trusted: a node and a broker with logins over TLS, the documented ACLs, and no grant. */
import { expect } from 'chai';
import kafkajs, { type Admin } from 'kafkajs';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from 'cassandra-driver';
import type { Finding } from '../../agent/check/finding.js';
import { startSecureNode, type SecureNode } from '../agent/cassandra/secure-node.js';
import { startSecureBroker, unsignedToken, type SecureBroker } from '../agent/publisher/kafka/secure-broker.js';
import { JudgeConsumer } from '../faults/judge.js';
import { leaksIn } from '../helpers/leaks.js';
import { runCli, runVerb, type CliRun } from '../helpers/run-cli.js';
import { createTopics } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { aclEntry, documentedAcls, type DocumentedAcl } from './documented-acls.js';
import { CLEAN, judge } from './verdict.js';
import { WRITER_COLUMNS, Writer } from './writer.js';

const TOPIC = 'cdc.sec.t';
const PRINCIPAL = 'User:agent';
const planted = (): string => `planted-${randomBytes(12).toString('base64url')}`;
/** Each is used, and by the end of the file each must have been kept. */
const SECRETS = {
  sasl: planted(), cassandra: planted(), kafkaKey: planted(), cassandraKey: planted(), hash: planted(), http: planted(), client: planted(), wrong: planted(),
  encryption: randomBytes(16).toString('hex'),
  token: unsignedToken('agent', { id: planted() }), wrongToken: `${planted()}.${planted()}.`,
} as const;
const ENV = Object.fromEntries(Object.entries(SECRETS).map(([name, value]) => [`SECRET_${name}`, value]));
const secret = (name: keyof typeof SECRETS): string => `\${env:SECRET_${name}}`;

describe('the agent among those who trust nobody', function () {
  this.timeout(180_000);
  let secure: { readonly node: SecureNode; readonly kafka: SecureBroker };
  let consumer: JudgeConsumer;
  let admin: Admin;
  let client: Client;
  let acls: DocumentedAcl[];
  /** Everything that any agent or verb has said. */
  const said: string[] = [];
  const writers: Writer[] = [];
  const agents: AgentProcess[] = [];

  before(async () => {
    const [node, kafka] = await Promise.all([startSecureNode(), startSecureBroker({ password: SECRETS.sasl, keyPassword: SECRETS.kafkaKey })]);
    secure = { node, kafka };
    await promisify(execFile)('openssl', ['pkey', '-in', node.key, '-aes256', '-passout', `pass:${SECRETS.cassandraKey}`, '-out', `${node.key}.encrypted`]);
    consumer = await JudgeConsumer.start(kafka.broker.brokers);
    client = await node.node.client();
    await client.execute(`CREATE ROLE cdc_agent WITH LOGIN = true AND PASSWORD = '${SECRETS.cassandra}'`);
    await client.execute("CREATE KEYSPACE sec WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute(`CREATE TABLE sec.t ${WRITER_COLUMNS} WITH cdc = true`);
    const local = (await client.execute('SELECT cluster_name, host_id FROM system.local')).first();
    acls = documentedAcls({ prefix: 'cdc', cluster: String(local.get('cluster_name')), host_id: String(local.get('host_id')), keyspace: 'sec', table: 't' });
    admin = new kafkajs.Kafka({ brokers: kafka.broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, ['cdc.position', 'cdc.control', TOPIC].map((topic) => ({ topic, numPartitions: 1 })));
    await admin.createAcls({ acl: acls.map((one) => aclEntry(one, PRINCIPAL)) });
  });
  after(async () => {
    for (const agent of agents) await agent.remove();
    await admin?.disconnect();
    await consumer?.stop();
    await secure?.node.node.remove();
    if (secure !== undefined) await rm(dirname(secure.node.ca), { recursive: true });
    await secure?.kafka.broker.remove();
  });

  const scram = { mechanism: 'scram-sha-512', username: 'agent', password: secret('sasl') };

  /** Without a look at cassandra.yaml: what the role may not see stays unseen. */
  function agentWith(kafka: object, cassandra: object = {}, events: Readonly<Record<string, string>> = {}): AgentProcess {
    const { node, ca, key, cert } = secure.node;
    const agent = new AgentProcess({ node, brokers: secure.kafka.sasl, env: ENV, config: {
      cassandra: { config_file: '/nowhere/cassandra.yaml', username: 'cdc_agent', password: secret('cassandra'), tls: { ca, cert, key: `${key}.encrypted`, key_password: secret('cassandraKey') }, ...cassandra },
      kafka: { brokers: secure.kafka.sasl, tls: { ca: secure.kafka.authority.ca }, topics: { create: false }, ...kafka },
      source: { cdc_raw_directory: node.cdcRawDir, encryption_key: secret('encryption') },
      events,
      tables: { columns: { 'other.*': { hash: ['x'] } }, hash_key: secret('hash') },
      http: { listen: `${node.address}:${9300 + agents.length}`, token: secret('http') },
      log: { format: 'logfmt', level: 'debug' },
    } });
    agents.push(agent);
    return agent;
  }

  async function cli(...args: string[]): Promise<CliRun> {
    const run = await runCli(args, { env: ENV });
    said.push(run.stdout, run.stderr);
    return run;
  }

  async function verb(...args: string[]): Promise<CliRun> {
    const run = await runVerb(args, ENV);
    said.push(run.stdout, run.stderr);
    return run;
  }

  async function checked(agent: AgentProcess): Promise<{ readonly code: number | null; readonly failed: readonly Finding[]; readonly all: readonly Finding[] }> {
    const { code, stdout } = await verb('check', '--config', agent.configFile, '--json');
    const { checks } = JSON.parse(stdout) as { checks: Finding[] };
    return { code, failed: checks.filter(({ status }) => status === 'fail'), all: checks };
  }

  async function ended(agent: AgentProcess): Promise<void> {
    expect(await agent.stop(), agent.log).to.equal(0);
    said.push(agent.log);
  }

  /** Everything that was written so far, and no event more. */
  async function publishes(agent: AgentProcess): Promise<void> {
    const writer = new Writer({ client, table: 'sec.t', rate: 200 });
    writers.push(writer);
    writer.start(300);
    await writer.finish();
    const changes = writers.flatMap((one) => one.changes);
    await agent.until(async () => judge(changes, await consumer.read(TOPIC)).lost === 0, 'everything is published');
    expect(judge(changes, await consumer.read(TOPIC)), agent.log).to.include(CLEAN);
  }

  it('publishes with the documented ACLs over SCRAM and TLS, as a role with LOGIN and no grant; what it may not see is said', async () => {
    const agent = agentWith({ sasl: scram });
    await agent.startAndWait();
    await publishes(agent);
    expect(agent.log).to.match(/ warn +commit log unknown .*GRANT SELECT ON KEYSPACE system_views/);
    expect(agent.log).to.not.match(/^\S+ error /m);
    const { code, failed, all } = await checked(agent);
    expect([code, failed]).to.deep.equal([0, []]);
    expect((await cli('check', '--config', agent.configFile)).code).to.equal(0);
    expect(all.filter(({ name }) => name.startsWith('kafka')).map(({ name, status }) => `${status} ${name}`)).to.deep.equal(['ok kafka', 'ok kafka_transactional_id', 'ok kafka_group', 'ok kafka_topics', 'ok kafka_message_size']);
    expect(all.find(({ name }) => name === 'settings')).to.include({ status: 'warn' });
    const at = `http://${secure.node.node.address}:9300`;
    expect((await fetch(`${at}/metrics`)).status).to.equal(401);
    for (const path of ['/metrics', '/readyz', '/livez']) said.push(await (await fetch(`${at}${path}`, { headers: { authorization: `Bearer ${SECRETS.http}` } })).text());
    expect(said.join()).to.include('cassandra_cdc_events_published_total{keyspace="sec",table="t"');
    for (const args of [['status'], ['status', '--json']]) expect((await verb(...args, '--config', agent.configFile)).stdout).to.include('tailing');
    for (const args of [['--print'], ['--print', '--json']]) expect((await verb('config', 'validate', agent.configFile, ...args)).stdout).to.include('***');
    await ended(agent);
  });

  it('publishes with the same ACLs over mutual TLS, with an encrypted key', async () => {
    const agent = agentWith({ brokers: secure.kafka.mtls, tls: { ca: secure.kafka.authority.ca, ...secure.kafka.agent, key_password: secret('kafkaKey') } });
    await agent.startAndWait();
    await publishes(agent);
    expect(agent.log).to.not.match(/^\S+ error /m);
    await ended(agent);
  });

  it('makes its topics with Create on each, says a gap; a right that is taken away is named with its topic, and given back without a restart', async () => {
    const theirs = acls.map((one) => ({ ...one, name: one.name.replace(/^cdc\b/, 'new') }));
    const topics = theirs.filter(({ resource }) => resource === 'topic');
    const control = topics.filter(({ name }) => name === 'new.control').map((one) => aclEntry(one, PRINCIPAL));
    await admin.createAcls({ acl: [...theirs, ...topics.map((one) => ({ ...one, operation: 'Create' as const }))].map((one) => aclEntry(one, PRINCIPAL)) });
    const agent = agentWith({ sasl: scram, topics: { create: true, partitions: 1, replication_factor: 1 } }, {}, { prefix: 'new', topic: 'new.{keyspace}.{table}' });
    expect((await checked(agent)).code).to.equal(0);
    await agent.startAndWait();
    const changes = writers.flatMap((one) => one.changes);
    await agent.until(async () => judge(changes, await consumer.read('new.sec.t')).lost === 0, 'everything is published');
    await ended(agent);
    await admin.deleteAcls({ filters: control });
    const { code, stdout } = await verb('replay', '--from', '1000:5', '--yes', '--config', agent.configFile);
    expect(code, stdout).to.equal(0);
    agent.start();
    await agent.until(() => / error +kafka refused .*the topic new\.control is hidden or refused.*fix="allow Write/.test(agent.log), 'the refusal is said');
    await admin.createAcls({ acl: control });
    await agent.until(() => agent.log.includes(' kafka accepts '), 'the recovery is said');
    await agent.until(async () => (await consumer.read('new.control')).length === 1, 'the gap is said');
    expect(JSON.parse(String((await consumer.read('new.control'))[0].value))).to.include({ type: 'gap', reason: 'position_segment_missing' });
    await ended(agent);
  });

  it('check names each documented ACL when it is the one that is missing', async () => {
    const agent = agentWith({ sasl: scram });
    expect(acls).to.have.lengthOf(5);
    for (const missing of acls) {
      const entry = aclEntry(missing, PRINCIPAL);
      await admin.deleteAcls({ filters: [entry] });
      await sleep(300);
      const { code, failed } = await checked(agent);
      const what = `${missing.operation} on ${missing.resource} ${missing.name}`;
      expect([code, failed.length], `${what}: ${JSON.stringify(failed)}`).to.deep.equal([1, 1]);
      const option = missing.resource.replace(' ', '-');
      expect(failed[0].commands?.map((command) => command.replaceAll("'", '')), what).to.deep.equal([`kafka-acls.sh --bootstrap-server ${secure.kafka.sasl[0]} --add --allow-principal ${PRINCIPAL} --operation ${missing.operation} --${option} ${missing.name}`]);
      await admin.createAcls({ acl: [entry] });
    }
    await sleep(300);
    expect((await checked(agent)).code).to.equal(0);
  });

  it('refused logins are told with the fix, and no secret is in anything that was ever said', async () => {
    const token = join(secure.kafka.broker.directory, 'token');
    await writeFile(token, SECRETS.wrongToken);
    const good = agentWith({ sasl: { mechanism: 'oauthbearer', token_file: token } });
    good.start();
    await good.until(() => good.log.includes(' kafka refused '), 'the refusal is said');
    await sleep(1500);
    await writeFile(`${token}.new`, SECRETS.token);
    await rename(`${token}.new`, token);
    await good.until(async () => (await good.status())?.state === 'tailing', 'it goes on with the new token');
    // Tried again and again meanwhile; said once, and once that it is over.
    expect([...good.log.matchAll(/ kafka (?:refused|accepts|unavailable) /g)].map(([line]) => line.trim())).to.deep.equal(['kafka refused', 'kafka accepts']);
    await publishes(good);
    await ended(good);
    await writeFile(`${token}.wrong`, SECRETS.wrongToken);
    const refused = [
      { agent: agentWith({ sasl: { ...scram, password: secret('wrong') } }), says: / error +kafka refused .*Kafka refuses the login/ },
      { agent: agentWith({ sasl: { mechanism: 'oauthbearer', token_file: `${token}.wrong` } }), says: /kafka refused .*Kafka refuses the login with the OAuth token from \S+token\.wrong: .*fix="check issuer/ },
      { agent: agentWith({ sasl: { mechanism: 'oauthbearer', token_endpoint: { url: 'http://127.0.0.1:1/token', client_id: 'agent', client_secret: secret('client') } } }), says: /kafka refused .*the OAuth token endpoint http:\/\/127\.0\.0\.1:1 can not be reached/ },
      { agent: agentWith({ brokers: secure.kafka.mtls, tls: { ca: secure.kafka.authority.ca, ...secure.kafka.agent, key_password: secret('wrong') } }), says: /kafka refused .*no TLS connection to Kafka/ },
      { agent: agentWith({ sasl: scram }, { password: secret('wrong') }), says: /agent failed .*cassandra\.password/, code: 78 },
    ];
    await Promise.all(refused.map(async ({ agent, says, code }) => {
      agent.start();
      if (code === undefined) await agent.until(() => says.test(agent.log), String(says), 30_000);
      else expect(await agent.ended(), agent.log).to.equal(code);
      expect(agent.log).to.match(says);
      const state = await agent.status();
      const { failed } = await checked(agent);
      expect(failed.map(({ name }) => name)).to.include(code === undefined ? 'kafka' : 'cassandra');
      await agent.end('SIGTERM');
      said.push(agent.log, JSON.stringify(state));
    }));
    const everything = said.join('\n');
    expect(everything.length).to.be.greaterThan(10_000);
    const parts = Object.fromEntries(SECRETS.token.split('.').filter((part) => part.length > 20).map((part, n) => [`token part ${n}`, part]));
    expect(leaksIn(everything, { ...SECRETS, ...parts })).to.deep.equal([]);
  });

  it('the search finds what is hidden in other words', () => {
    for (const form of [`x${SECRETS.sasl}y`, Buffer.from(`agent:${SECRETS.sasl}`).toString('base64'), Buffer.from(`\0agent\0${SECRETS.sasl}`).toString('base64url'), Buffer.from(SECRETS.sasl).toString('hex').toUpperCase()]) {
      expect(leaksIn(form, SECRETS), form).to.deep.equal(['sasl']);
    }
    expect(leaksIn(said.join('\n'), { name: 'commit log unknown' })).to.deep.equal(['name']);
  });
});
