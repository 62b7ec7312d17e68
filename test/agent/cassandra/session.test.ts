import { expect } from 'chai';
import { CassandraSession, pauseMs, type SessionListener, type SessionOptions } from '../../../agent/cassandra/session.js';
import { driverOptions } from '../../../agent/cassandra/node-connection.js';
import { Secret } from '../../../agent/config/secret.js';
import { ConfigError, type OperatorError } from '../../../agent/errors.js';
import { FakeNetwork, authenticationError, fakeNode, refused, responseError } from './fake-node.js';

const A = { host: '127.0.0.1', port: 9042 };
const B = { host: '127.0.0.2', port: 9042 };

interface Setup {
  readonly network: FakeNetwork;
  readonly session: CassandraSession;
  readonly told: string[];
  readonly pauses: number[];
}

function setup(options: Partial<SessionOptions> = {}): Setup {
  const network = new FakeNetwork();
  const told: string[] = [];
  const pauses: number[] = [];
  const listener: SessionListener = {
    waiting: ({ error, failures }) => void told.push(`${failures} ${error.code}`),
    answered: ({ contactPoint, failures }) => void told.push(`back after ${failures} at ${contactPoint}`),
  };
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const session = new CassandraSession({ contactPoints: [A], ...options }, { connect: network.connect, sleep, listener, now: () => 0 });
  return { network, session, told, pauses };
}

const failureOf = async (work: Promise<unknown>): Promise<OperatorError> => {
  const error: unknown = await work.then(() => undefined, (e: unknown) => e);
  expect(error, 'no error').to.not.equal(undefined);
  return error as OperatorError;
};

describe('CassandraSession', () => {
  it('reads all pages', async () => {
    const { network, session } = setup();
    const rows = Array.from({ length: 7 }, (_, n) => ({ n }));
    network.nodes.set('127.0.0.1:9042', { ...fakeNode('h'), answer: () => rows, pageSize: 3 });
    expect(await session.rows('SELECT')).to.deep.equal(rows);
    await session.close();
    expect(network.open).to.equal(0);
  });

  it('waits while the node is down, backing off, and says when it is back', async () => {
    const { network, session, told, pauses } = setup();
    const node = fakeNode('h', () => [{ n: 1 }]);
    node.connectErrors = Array.from({ length: 8 }, () => refused('127.0.0.1:9042'));
    network.nodes.set('127.0.0.1:9042', node);
    expect(await session.untilAnswered((one) => one.rows('SELECT'))).to.deep.equal([{ n: 1 }]);
    expect(pauses).to.deep.equal([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(told.slice(0, 2)).to.deep.equal(['1 cassandra_unreachable', '2 cassandra_unreachable']);
    expect(told.at(-1)).to.equal('back after 8 at 127.0.0.1:9042');
    expect(pauseMs(1000)).to.equal(5000);
  });

  it('makes a new connection after one broke, and keeps it after an answer that is an error', async () => {
    const { network, session } = setup();
    const node = fakeNode('h', () => [{ n: 1 }]);
    network.nodes.set('127.0.0.1:9042', node);
    await session.rows('SELECT');
    node.executeErrors = [responseError(0x1200, 'Read timeout'), refused('127.0.0.1:9042')];
    expect((await failureOf(session.rows('SELECT'))).code).to.equal('cassandra_error');
    expect(network.targets).to.have.length(1);
    expect((await failureOf(session.rows('SELECT'))).code).to.equal('cassandra_unreachable');
    expect(network.open).to.equal(0);
    await session.rows('SELECT');
    expect(network.targets).to.have.length(2);
  });

  it('takes several names of one node and goes on with the one that answers', async () => {
    const { network, session } = setup({ contactPoints: [A, B] });
    const node = fakeNode('h', () => [{ n: 1 }]);
    network.nodes.set('127.0.0.2:9042', node);
    expect(await session.rows('SELECT')).to.deep.equal([{ n: 1 }]);
    expect(session.hostId).to.equal('h');
  });

  it('refuses contact points of two nodes', async () => {
    const { network, session } = setup({ contactPoints: [A, B] });
    network.nodes.set('127.0.0.1:9042', fakeNode('one'));
    network.nodes.set('127.0.0.2:9042', fakeNode('two'));
    const error = await failureOf(session.untilAnswered((one) => one.rows('SELECT')));
    expect(error).to.be.instanceOf(ConfigError);
    expect(error.message).to.equal('cassandra.contact_points names two nodes: 127.0.0.1:9042 (host id one) and 127.0.0.2:9042 (two)');
    expect(network.open).to.equal(0);
  });

  it('never goes on with another node behind the same address', async () => {
    const { network, session } = setup();
    const node = fakeNode('old', () => []);
    network.nodes.set('127.0.0.1:9042', node);
    await session.rows('SELECT');
    node.executeErrors = [refused('127.0.0.1:9042')];
    await failureOf(session.rows('SELECT'));
    node.hostId = 'new';
    const error = await failureOf(session.untilAnswered((one) => one.rows('SELECT')));
    expect([error.code, error.exitCode]).to.deep.equal(['cassandra_other_node', 78]);
    expect(network.open).to.equal(0);
  });

  it('gives up on a wrong password, and waits while logins can\'t be checked yet', async () => {
    const { network, session, told } = setup({ username: 'cdc', password: new Secret('planted-secret') });
    const node = fakeNode('h', () => []);
    network.nodes.set('127.0.0.1:9042', node);
    node.connectErrors = [authenticationError('Unable to perform authentication: Cannot achieve consistency level ONE'), authenticationError('Provided username cdc and/or password are incorrect')];
    const error = await failureOf(session.untilAnswered((one) => one.rows('SELECT')));
    expect(told).to.deep.equal(['1 cassandra_starting']);
    expect([error.code, error.exitCode]).to.deep.equal(['cassandra_auth', 78]);
    expect(`${error.message} ${error.fix}`).to.not.include('planted-secret');
  });

  it('waits for a login or a certificate that worked before', async () => {
    const { network, session, told } = setup();
    const node = fakeNode('h', () => []);
    network.nodes.set('127.0.0.1:9042', node);
    await session.rows('SELECT');
    node.executeErrors = [refused('127.0.0.1:9042')];
    node.connectErrors = [Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }), authenticationError('Provided username cdc and/or password are incorrect')];
    await session.untilAnswered((one) => one.rows('SELECT'));
    expect(told.slice(0, 3)).to.deep.equal(['1 cassandra_unreachable', '2 cassandra_tls', '3 cassandra_auth']);
  });

  it('ends with the signal, also in the middle of a statement', async () => {
    const { network, session } = setup();
    const node = fakeNode('h');
    network.nodes.set('127.0.0.1:9042', node);
    await session.rows('SELECT');
    const stop = new AbortController();
    const hanging = new CassandraSession({ contactPoints: [A] }, { connect: async (target) => ({ ...(await network.connect(target)), execute: (cql) => (/host_id/.test(cql) ? Promise.resolve({ rows: [{ host_id: 'h' }], pageState: undefined }) : new Promise(() => undefined)) }) });
    const work = hanging.untilAnswered((one) => one.rows('SELECT', { signal: stop.signal }), stop.signal);
    setTimeout(() => stop.abort(), 5);
    expect((await failureOf(work)).name).to.equal('AbortError');
    await hanging.close();
    expect((await failureOf(session.untilAnswered((one) => one.rows('x', { signal: stop.signal }), stop.signal))).name).to.equal('AbortError');
  });

  it('connects once for statements that come side by side', async () => {
    const { network, session } = setup();
    network.nodes.set('127.0.0.1:9042', fakeNode('h', () => [{ n: 1 }]));
    await Promise.all([session.rows('a'), session.rows('b'), session.rows('c')]);
    expect(network.targets).to.have.length(1);
  });

  it('can\'t be used once it is closed', async () => {
    const { session } = setup();
    await session.close();
    expect((await failureOf(session.rows('SELECT'))).message).to.include('closed');
  });
});

describe('driverOptions', () => {
  const target = { host: 'db1.example.com', address: '10.0.0.1', port: 9142, username: undefined, password: undefined, connectTimeoutMs: 1, requestTimeoutMs: 2 };
  const certificate = (name: string) => ({ subject: { CN: name }, subjectaltname: `DNS:${name}` }) as never;

  it('stays on the one address', () => {
    const { contactPoints, policies } = driverOptions({ ...target, address: '::1', tls: undefined });
    expect(contactPoints).to.deep.equal(['[::1]:9142']);
    expect(policies?.loadBalancing?.getOptions().get('allowList')).to.deep.equal(['::1:9142']);
  });

  it('checks the certificate against the configured name, although it connects to an address', () => {
    const ssl = driverOptions({ ...target, tls: { verifyHostname: true } }).sslOptions;
    expect([ssl?.rejectUnauthorized, ssl?.servername]).to.deep.equal([true, 'db1.example.com']);
    expect(ssl?.checkServerIdentity?.('10.0.0.1', certificate('db1.example.com'))).to.equal(undefined);
    expect(ssl?.checkServerIdentity?.('10.0.0.1', certificate('other.example.com'))).to.be.instanceOf(Error);
  });

  it('leaves only the name unchecked when told so', () => {
    const ssl = driverOptions({ ...target, tls: { verifyHostname: false } }).sslOptions;
    expect(ssl?.rejectUnauthorized).to.equal(true);
    expect(ssl?.checkServerIdentity?.('10.0.0.1', certificate('other.example.com'))).to.equal(undefined);
  });

});
