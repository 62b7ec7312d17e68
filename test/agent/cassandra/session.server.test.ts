/** The session on a real node: login, TLS in both directions, what a role without grants sees, and a node that goes and comes. */
import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readNodeInfo } from '../../../agent/cassandra/node-info.js';
import { CassandraSession, type SessionListener, type SessionOptions, type SessionPorts } from '../../../agent/cassandra/session.js';
import { readNodeSettings } from '../../../agent/cassandra/settings.js';
import { commitLogModeOf } from '../../../agent/cassandra/commit-log-mode.js';
import { readSystemSchema } from '../../../agent/cassandra/system-schema.js';
import { Secret } from '../../../agent/config/secret.js';
import type { OperatorError } from '../../../agent/errors.js';
import { schemaFromRows, type SystemSchemaRows } from '../../../parsers/index.js';
import { startSecureNode, type SecureNode } from './secure-node.js';

describe('CassandraSession on a node with login and TLS', function () {
  this.timeout(300_000);
  let secure: SecureNode;
  const sessions: CassandraSession[] = [];

  before(async () => {
    secure = await startSecureNode({ commitlog_compression: [{ class_name: 'LZ4Compressor' }], commitlog_sync_period: '200ms', cdc_block_writes: false, cdc_total_space: '512MiB' });
    const admin = await secure.node.client();
    await admin.execute("CREATE ROLE cdc_agent WITH LOGIN = true AND PASSWORD = 'right'");
    await admin.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await admin.execute('CREATE TABLE shop.orders (id int PRIMARY KEY, v text) WITH cdc = true');
  });
  after(async () => {
    for (const session of sessions) await session.close();
    await secure?.node.remove();
    if (secure !== undefined) await rm(dirname(secure.ca), { recursive: true });
  });

  function open(options: Partial<SessionOptions> = {}, ports: SessionPorts = {}): CassandraSession {
    const { node: { address }, ca, cert, key } = secure;
    const session = new CassandraSession({ contactPoints: [{ host: address, port: 9042 }], username: 'cdc_agent', password: new Secret('right'), tls: { ca, cert, key }, ...options }, ports);
    sessions.push(session);
    return session;
  }

  const failureOf = async (options: Partial<SessionOptions>, ports: SessionPorts = {}): Promise<OperatorError> => {
    const error: unknown = await open(options, ports).rows('SELECT * FROM system.local').then(() => undefined, (e: unknown) => e);
    expect(error, 'no error').to.not.equal(undefined);
    return error as OperatorError;
  };

  it('sees the node and the schema without a grant, its settings with one', async () => {
    const session = open();
    const info = await readNodeInfo(session);
    expect(info).to.include({ clusterName: 'lab', releaseVersion: '5.0.6', rpcAddress: secure.node.address, datacenter: 'datacenter1' });
    expect([info.tokens.length, info.hostId === session.hostId]).to.deep.equal([16, true]);
    const { rows, schemaVersion } = await readSystemSchema(session);
    expect(schemaVersion).to.equal(info.schemaVersion);
    expect(schemaFromRows(rows as unknown as SystemSchemaRows).filter(({ isCdc }) => isCdc).map(({ name }) => name)).to.deep.equal(['orders']);
    expect(await readNodeSettings(session)).to.equal(null);
    await (await secure.node.client()).execute('GRANT SELECT ON KEYSPACE system_views TO cdc_agent');
    // Rights are remembered for two seconds.
    await new Promise((resolve) => void setTimeout(resolve, 2500));
    const settings = (await readNodeSettings(session))!;
    expect(settings).to.include({ cdcEnabled: true, cdcBlockWrites: false, cdcOnRepairEnabled: true, cdcTotalSpace: 512 * 2 ** 20, commitlogSync: 'periodic', commitlogSyncPeriod: 200, commitlogSegmentSize: 32 * 2 ** 20, cdcRawDirectory: secure.node.cdcRawDir, commitlogDirectory: secure.node.commitlogDir, isEncrypted: false });
    expect(settings.commitlogCompression).to.match(/LZ4Compressor/);
    expect(commitLogModeOf(settings)).to.deep.equal({ mode: 'compressed', sync: 'periodic', latencyFloorMs: 200 });
  });

  it('refuses what waiting can\'t mend: password, authority, name, missing client certificate', async () => {
    const { node: { address }, ca, cert, key, otherCa } = secure;
    const wrong = await failureOf({ password: new Secret('planted-secret') });
    expect([wrong.code, wrong.exitCode]).to.deep.equal(['cassandra_auth', 78]);
    expect(`${wrong.message}${String(wrong.stack)}`).to.not.include('planted-secret');
    expect((await failureOf({ username: undefined, password: undefined })).code).to.equal('cassandra_auth');
    expect((await failureOf({ tls: { ca: otherCa, cert, key } })).code).to.equal('cassandra_tls');
    const resolve = () => Promise.resolve([address]);
    const named = { contactPoints: [{ host: 'db1.example.com', port: 9042 }] };
    const byName = await failureOf({ ...named, tls: { ca, cert, key } }, { resolve });
    expect([byName.code, /db1\.example\.com/.test(byName.message)]).to.deep.equal(['cassandra_tls', true]);
    expect((await failureOf({ tls: { ca } })).message).to.match(/certificate|ECONNRESET|alert|socket/i);
    const unchecked = open({ ...named, tls: { ca, cert, key, verify_hostname: false } }, { resolve });
    expect(await unchecked.rows('SELECT key FROM system.local')).to.deep.equal([{ key: 'local' }]);
  });

  it('waits while the node is away, and goes on when it is back', async () => {
    const told: string[] = [];
    const listener: SessionListener = { waiting: ({ error }) => void told.push(error.code), answered: () => void told.push('back') };
    const session = open({}, { listener });
    const { hostId } = await readNodeInfo(session);
    await secure.node.kill9();
    const waiting = session.untilAnswered((one) => readNodeInfo(one));
    await new Promise((resolve) => void setTimeout(resolve, 1000));
    await secure.node.start();
    expect((await waiting).hostId).to.equal(hostId);
    expect([told[0], told.at(-1)]).to.deep.equal(['cassandra_unreachable', 'back']);
    expect(told.filter((one) => one === 'back')).to.have.length(1);
  });
});
