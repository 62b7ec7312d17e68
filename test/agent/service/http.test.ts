/** The HTTP endpoint, over real connections, plain and with TLS. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../../../agent/config/secret.js';
import { IoError } from '../../../agent/errors.js';
import type { AgentState } from '../../../agent/observe/agent-state.js';
import { Happenings } from '../../../agent/observe/happenings.js';
import { Metrics } from '../../../agent/observe/metrics.js';
import { HttpEndpoint, type HttpOptions } from '../../../agent/service/http.js';
import { parseExposition, valueOf } from '../../helpers/exposition.js';
import { STARTING, TAILING } from '../observe/states.js';

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
}

function ask(address: string, path: string, { method = 'GET', headers = {}, body, ca }: Ask = {}): Promise<Got> {
  const [host, port] = [address.replace(/:\d+$/, '').replace(/[[\]]/g, ''), Number(/\d+$/.exec(address)?.[0])];
  const options = { host, port, path, method, headers, agent: false } as const;
  return new Promise((resolve, reject) => {
    const request = ca === undefined ? plainRequest(options) : tlsRequest({ ...options, ca, servername: 'localhost' });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })).on('error', reject);
    }).on('error', reject).end(body);
  });
}

class World {
  state: AgentState = TAILING;
  readonly said: string[] = [];
  readonly metrics = new Metrics({ state: () => this.state, version: '1.0.0', monotonic: () => 0 });
  readonly happenings = new Happenings({ log: { isLevelEnabled: () => true, write: ({ event, fields }) => void this.said.push([event, ...fields.map(({ name, value }) => `${name}=${value instanceof Error ? value.message : String(value)}`)].join(' ')) }, metrics: this.metrics, now: () => 0 });
  readonly endpoint: HttpEndpoint;

  constructor(rest: Partial<HttpOptions> = {}) {
    this.endpoint = new HttpEndpoint({ listen: { host: '127.0.0.1', port: 0 }, metrics: this.metrics, state: () => this.state, happenings: this.happenings, ...rest });
  }

  async start(): Promise<string> {
    await this.endpoint.listen();
    return this.endpoint.address ?? '';
  }

  async close(): Promise<void> {
    this.metrics.close();
    await this.endpoint.close();
  }
}

describe('http', () => {
  let world: World;
  const open = (rest?: Partial<HttpOptions>): World => (world = new World(rest));
  afterEach(() => world.close());

  it('serves metrics that Prometheus can read', async () => {
    const address = await open().start();
    const { status, headers, body } = await ask(address, '/metrics');
    expect([status, headers['content-type']]).to.deep.equal([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(Number(headers['content-length'])).to.equal(Buffer.byteLength(body));
    expect(valueOf(parseExposition(body), 'cassandra_cdc_lag_bytes')).to.equal(1024);
  });

  it('says that it lives, and whether it is ready, with the reasons and the fix', async () => {
    const address = await open().start();
    expect(await ask(address, '/livez')).to.include({ status: 200, body: 'ok\n' });
    const ready = await ask(address, '/readyz');
    expect([ready.status, JSON.parse(ready.body)]).to.deep.equal([200, { ready: true, state: 'tailing', since: TAILING.state_since, reasons: [] }]);
    world.state = STARTING;
    const waiting = await ask(address, '/readyz');
    expect([waiting.status, waiting.headers['content-type'], JSON.parse(waiting.body)]).to.deep.equal([503, 'application/json; charset=utf-8', {
      ready: false, state: 'waiting_for_cassandra', since: STARTING.state_since,
      reasons: [{ message: STARTING.state_reason }, { code: 'cassandra_unreachable', message: STARTING.last_error?.message, fix: 'check that the node runs' }],
    }]);
    world.state = { ...STARTING, state_reason: null, last_error: null };
    expect((JSON.parse((await ask(address, '/readyz')).body) as { reasons: unknown }).reasons).to.deep.equal([{ message: 'waiting_for_cassandra: the node does not answer, or is not ready' }]);
  });

  it('answers HEAD with the headers alone, and refuses other methods and paths', async () => {
    const address = await open().start();
    const head = await ask(address, '/livez', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).to.deep.equal([200, '3', '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) expect(await ask(address, '/metrics', { method, headers: { 'content-length': '0' } })).to.include({ status: 405 }).and.nested.include({ 'headers.allow': 'GET, HEAD' });
    for (const path of ['/', '/metrics/', '/../etc/passwd', '//metrics', '/status', '/METRICS']) expect((await ask(address, path)).status, path).to.equal(404);
    expect((await ask(address, '/livez?probe=1')).status).to.equal(200);
  });

  it('wants the token when it has one, for everything', async () => {
    const address = await open({ token: new Secret('correct horse') }).start();
    world.said.length = 0;
    for (const authorization of [undefined, '', 'Bearer', 'Bearer wrong', 'Bearer correct', 'Basic Y29ycmVjdCBob3JzZQ==', 'correct horse']) {
      for (const path of ['/metrics', '/livez', '/readyz', '/other']) {
        const got = await ask(address, path, authorization === undefined ? {} : { headers: { authorization } });
        expect([got.status, got.headers['www-authenticate']], `${authorization} ${path}`).to.deep.equal([401, 'Bearer']);
        expect(got.body).not.to.include('correct');
      }
    }
    expect(world.said).to.deep.equal(['http caller refused address=127.0.0.1']);
    expect(world.said.join()).not.to.include('correct');
    await world.close();
    const second = await open({ token: new Secret('t0ken') }).start();
    for (const authorization of ['Bearer t0ken', 'bearer  t0ken ']) expect((await ask(second, '/metrics', { headers: { authorization } })).status).to.equal(200);
  });

  it('reads nothing of a body, and closes the connection behind it', async () => {
    const address = await open().start();
    const got = await ask(address, '/livez', { headers: { 'content-length': '5' }, body: 'hello' });
    expect([got.status, got.headers.connection]).to.deep.equal([200, 'close']);
  });

  it('refuses headers that are too large, and drops who never ends them', async () => {
    const address = await open().start();
    const big = await ask(address, '/livez', { headers: { 'x-big': 'x'.repeat(10_000) } }).then(({ status }) => status, (error: NodeJS.ErrnoException) => error.code);
    expect(big).to.be.oneOf([431, 'ECONNRESET', 'EPIPE']);
    expect((await ask(address, '/livez')).status).to.equal(200);
    const slow = connect(Number(address.split(':')[1]), '127.0.0.1');
    slow.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
    const started = Date.now();
    await new Promise((resolve) => slow.on('error', () => undefined).on('close', resolve).resume());
    expect(Date.now() - started).to.be.within(2_000, 12_000);
  }).timeout(20_000);

  it('has room for so many connections and serves again when they are gone', async () => {
    const address = await open().start();
    const port = Number(address.split(':')[1]);
    const idle = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(idle.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open').length).to.be.at.most(32);
    for (const socket of idle) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await ask(address, '/livez')).status).to.equal(200);
  });

  it('tells a bug as a bug, and goes on', async () => {
    const address = await open({ metrics: { contentType: 'text/plain', scrape: () => Promise.reject(new Error('secret detail')) } }).start();
    expect(await ask(address, '/metrics')).to.include({ status: 500, body: 'this is a bug in the agent\n' });
    expect((await ask(address, '/livez')).status).to.equal(200);
  });

  it('says what to do when it can\'t listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const failure = (listen: { host: string; port: number }): Promise<unknown> => open({ listen }).endpoint.listen().catch((error: unknown) => error);
    expect(await failure({ host: '127.0.0.1', port })).to.be.instanceOf(IoError).and.include({ code: 'http_listen', message: `127.0.0.1:${port} can't be listened on: EADDRINUSE` });
    await world.close();
    expect(await failure({ host: '203.0.113.7', port: 0 })).to.be.instanceOf(IoError).and.include({ fix: 'set http.listen to an address of this host' });
    await new Promise((resolve) => taken.close(resolve));
  });

  it('does not stop the agent when it can\'t listen, and says so', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    await open({ listen: { host: '127.0.0.1', port } }).endpoint.keepListening();
    expect(world.said).to.deep.equal([`http unavailable address=127.0.0.1:${port} error=127.0.0.1:${port} can't be listened on: EADDRINUSE`]);
    await new Promise((resolve) => taken.close(resolve));
    await world.endpoint.keepListening();
    expect(world.said.slice(1)).to.deep.equal(['http available times=1 lasted=0', `http listening address=127.0.0.1:${port}`]);
  });

  it('listens on IPv6', async function () {
    open({ listen: { host: '::1', port: 0 } });
    const error = await world.endpoint.listen().catch((caught: unknown) => caught as IoError);
    if (error instanceof IoError) {
      console.log(`        no IPv6 on this machine: ${error.message}`);
      return this.skip();
    }
    expect(world.endpoint.address).to.match(/^\[::1\]:\d+$/);
    expect((await ask(world.endpoint.address ?? '', '/livez')).status).to.equal(200);
  });

  describe('with TLS', () => {
    let directory: string;
    const file = (name: string): string => join(directory, name);
    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'cdc-http-'));
      for (const name of ['one', 'two']) {
        await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]);
      }
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    const use = (name: string): void => {
      writeFileSync(file('http.pem'), readFileSync(file(`${name}.pem`)));
      writeFileSync(file('http.key'), readFileSync(file(`${name}.key`)));
    };
    const openTls = (): Promise<string> => open({ tls: { cert: file('http.pem'), key: file('http.key') } }).start();

    it('serves over TLS 1.2 and later only, and a renewed certificate without a restart', async () => {
      use('one');
      const address = await openTls();
      const [one, two] = ['one', 'two'].map((name) => readFileSync(file(`${name}.pem`), 'utf8'));
      expect((await ask(address, '/livez', { ca: one })).status).to.equal(200);
      const old = connectTls({ port: Number(address.split(':')[1]), host: '127.0.0.1', ca: one, servername: 'localhost', maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
      expect(await new Promise((resolve) => old.once('error', () => resolve('refused')).once('secureConnect', () => resolve('taken')))).to.equal('refused');
      use('two');
      await world.endpoint.renewCertificate();
      expect((await ask(address, '/livez', { ca: two })).status).to.equal(200);
      expect(await ask(address, '/livez', { ca: one }).catch(() => 'not trusted')).to.equal('not trusted');
    });

    it('keeps the certificate that it has when the new one is none', async () => {
      use('one');
      const address = await openTls();
      writeFileSync(file('http.pem'), 'no certificate');
      expect(await world.endpoint.renewCertificate().catch((error: unknown) => error)).to.be.instanceOf(IoError).and.include({ code: 'tls_file' });
      expect((await ask(address, '/livez', { ca: readFileSync(file('one.pem'), 'utf8') })).status).to.equal(200);
    });
  });
});
