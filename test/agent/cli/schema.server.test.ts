import { auth, type Client } from 'cassandra-driver';
import { expect } from 'chai';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inDirectory } from '../inspect/harness.js';
import { runCli } from '../../helpers/run-cli.js';
import { CassandraNode } from '../../lab/index.js';

const LOGIN = { username: 'cassandra', password: 'cassandra' };

describe('cli: schema dump from a real node', function () {
  this.timeout(600_000);
  let node: CassandraNode;
  let started: Promise<unknown>;

  before(async () => {
    node = await CassandraNode.create({ version: '5.0.6', heap: '512M', segmentSizeMiB: 1, config: { authenticator: 'PasswordAuthenticator' }, startTimeoutMs: 3_600_000 });
    // The lab asks without a login whether the node is up, and never hears that it is.
    started = node.start().catch(() => undefined);
    const client = await clientOf(node);
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute('CREATE TYPE shop.address (street text, zip int)');
    await client.execute('CREATE TABLE shop.orders (customer int, id int, note text, gone int, address address, tags set<text>, PRIMARY KEY (customer, id)) WITH cdc = true AND CLUSTERING ORDER BY (id DESC)');
    await client.execute("INSERT INTO shop.orders (customer, id, note, gone, address, tags) VALUES (42, 7, 'über', 1, {street: 'Elm', zip: 8000}, {'vip'})");
    await client.execute('ALTER TABLE shop.orders DROP gone');
  });
  after(async () => {
    await node.remove();
    await started;
  });

  it('writes what inspect reads that node\'s log with', () => inDirectory({ password: 'cassandra\n' }, async (cwd) => {
    const dumped = await runCli(['schema', 'dump', '--contact-point', node.contactPoint, '--username', 'cassandra', '--password-file', 'password', '-o', 'schema.json'], { cwd });
    expect(dumped).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    const schema = JSON.parse(readFileSync(join(cwd, 'schema.json'), 'utf8')) as Record<string, { table_name: string; column_name?: string }[]>;
    expect(schema).to.include.keys('keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views', 'indexes');
    expect(schema['dropped_columns'].filter(({ table_name }) => table_name === 'orders').map(({ column_name }) => column_name)).to.deep.equal(['gone']);
    await sleep(500);
    const run = await runCli(['inspect', '--rows', '--schema', 'schema.json', node.commitlogDir], { cwd });
    expect(run).to.include({ code: 0, stderr: '' });
    const rows = run.stdout.split('\n').filter((line) => line.includes(' shop.orders customer=42 row id=7 insert '));
    expect(rows).to.have.lengthOf(1);
    expect(rows[0]).to.contain('note="über"').and.to.contain('gone=1 (dropped)').and.to.contain('address[street]="Elm"').and.to.contain('tags["vip"]');
    expect(run.stdout).to.not.contain('table not in the schema');
  }));

  it('writes to standard output, with the password from the environment', async () => {
    const run = await runCli(['schema', 'dump', '--contact-point', node.contactPoint, '--username', LOGIN.username], { env: { CASSANDRA_PASSWORD: LOGIN.password } });
    expect(run.code, run.stderr).to.equal(0);
    expect(Object.keys(JSON.parse(run.stdout) as object)).to.include('columns');
  });

  it('says that the login is refused, exit 78, without showing the password', () => inDirectory({}, async (cwd) => {
    writeFileSync(join(cwd, 'password'), 'not-the-password');
    const run = await runCli(['schema', 'dump', '--contact-point', node.contactPoint, '--username', 'cassandra', '--password-file', 'password', '-o', 'schema.json'], { cwd });
    expect(run.stderr).to.match(/^error: \S+ refused the login: .*\nfix: {3}give --username and --password-file.*\ncode: {2}cassandra_auth\n$/).and.to.not.contain('not-the-password');
    expect([run.code, readdirSync(cwd)]).to.deep.equal([78, ['password']]);
    const anonymous = await runCli(['schema', 'dump', '--contact-point', node.contactPoint]);
    expect([anonymous.code, anonymous.stderr]).to.deep.equal([78, anonymous.stderr.match(/^error: .*refused the login: .*\nfix: .*\ncode: {2}cassandra_auth\n$/)?.[0]]);
  }));
});

async function clientOf(node: CassandraNode): Promise<Client> {
  const authProvider = new auth.PlainTextAuthProvider(LOGIN.username, LOGIN.password);
  for (let attempt = 0; ; attempt++) {
    try {
      return await node.client({ authProvider });
    } catch (error) {
      if (attempt === 600) throw error;
      await sleep(200);
    }
  }
}
