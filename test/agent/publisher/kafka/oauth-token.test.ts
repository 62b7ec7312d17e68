/** Tokens from files and endpoints, and how long a login holds. */
import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { OperatorError } from '../../../../agent/errors.js';
import { reloginAfterMs } from '../../../../agent/publisher/kafka/kafkajs-client.js';
import { tokenFromEndpoint, tokenFromFile } from '../../../../agent/publisher/kafka/oauth-token.js';
import { fetchToken } from '../../../../agent/publisher/kafka/token-endpoint.js';
import { CertificateAuthority } from '../../../helpers/certificates.js';

const failureOf = async (promise: Promise<unknown>): Promise<OperatorError> => promise.then(() => Promise.reject(new Error('it did not fail')), (error: unknown) => error as OperatorError);
const everything = (error: Error): string => [JSON.stringify(error, Object.getOwnPropertyNames(error)), error.stack, String(error.cause)].join();
const webToken = (exp: number): string => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.`;

describe('OAuth tokens', function () {
  this.timeout(20_000);
  let directory: string;
  before(async () => void (directory = await mkdtemp(join(tmpdir(), 'cdc-oauth-'))));
  after(() => rm(directory, { recursive: true }));

  it('from a file: read at each login; what is wrong with it is said', async () => {
    const path = join(directory, 'token');
    const tokens = tokenFromFile(path);
    expect(await failureOf(tokens.token())).to.include({ code: 'kafka_oauth_token', retryable: true, message: `the OAuth token file ${path} does not exist` });
    for (const [content, what] of [['', 'is empty'], [' \n', 'is empty'], ['{"planted-secret": 1}', 'holds something else than a token'], ['planted-secret\u0001auth=x', 'holds something else than a token']]) {
      await writeFile(path, content);
      const error = await failureOf(tokens.token());
      expect(error.message).to.equal(`the OAuth token file ${path} ${what}`);
      expect([error.code, error.fix?.includes(path)]).to.deep.equal(['kafka_oauth_token', true]);
      expect(everything(error)).to.not.include('planted-secret');
    }
    for (const content of ['first.token-_~+/==\n', 'second']) {
      await writeFile(path, content);
      expect(await tokens.token()).to.equal(content.trim());
    }
    expect((await failureOf(tokenFromFile(directory).token())).message).to.equal(`the OAuth token file ${directory} can't be read: EISDIR`);
  });

  it('that a broker refuses: whether it has ended is said, and what renews it; never the token', () => {
    const now = Date.UTC(2026, 5, 1, 12);
    const tokens = tokenFromFile('/run/token', { now: () => now });
    const ended = tokens.refused(webToken(now / 1000 - 60), 'x');
    expect(ended).to.include({ code: 'kafka_authentication', retryable: true, message: 'Kafka refuses the login: the OAuth token from /run/token ended at 2026-06-01T11:59:00.000Z', fix: 'renew /run/token; the agent takes the new token by itself' });
    const valid = webToken(now / 1000 + 60);
    expect(tokens.refused(valid, `{"status":"invalid_token","of":"${valid}"}`)).to.include({ code: 'kafka_authentication', message: 'Kafka refuses the login with the OAuth token from /run/token: {"status":"invalid_token","of":"***"}' });
    // Opaque tokens say nothing of their end, and neither does nonsense.
    for (const token of ['opaque', 'a.b.c', `a.${Buffer.from('{"exp":1e300}').toString('base64url')}.`, `a.${Buffer.from('null').toString('base64url')}.`]) expect(tokens.refused(token, 'no').message).to.match(/: no$/);
  });

  it('from an endpoint: fetched once for many logins, again before they end, and when one was refused', async () => {
    let now = 0;
    let calls = 0;
    let lifetimeMs = 300_000;
    const endpoint = { url: 'https://login.example.com/token', clientId: 'id', clientSecret: 's' };
    const tokens = tokenFromEndpoint(endpoint, { now: () => now, fetch: () => (lifetimeMs > 0 ? Promise.resolve({ token: `t${++calls}`, lifetimeMs }) : Promise.reject(new Error('down'))) });
    expect(await Promise.all([tokens.token(), tokens.token(), tokens.token()])).to.deep.equal(['t1', 't1', 't1']);
    now = 269_000;
    expect(await tokens.token()).to.equal('t1');
    now = 271_000;
    lifetimeMs = 0;
    // The endpoint is away; the token still holds.
    expect(await tokens.token()).to.equal('t1');
    now = 301_000;
    expect((await failureOf(tokens.token())).message).to.equal('down');
    lifetimeMs = 8000;
    expect([await tokens.token(), await tokens.token()]).to.deep.equal(['t2', 't2']);
    now += 4001;
    expect(await tokens.token()).to.equal('t3');
    expect(tokens.refused('t2', 'late').message).to.match(/from https:\/\/login\.example\.com: late$/);
    expect(await tokens.token()).to.equal('t3');
    tokens.refused('t3', 'revoked');
    expect(await tokens.token()).to.equal('t4');
  });

  describe('over HTTP', () => {
    let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void = (_request, _body, response) => response.end();
    const listener = (request: IncomingMessage, response: ServerResponse): void => void text(request).then((body) => answer(request, body, response));
    const server = createServer(listener);
    let url: string;
    before(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    });
    after(() => void server.close());

    it('asks as RFC 6749 says', async () => {
      answer = ({ method, headers }, body, response) => response.end(JSON.stringify({ access_token: JSON.stringify([method, headers.authorization, headers['content-type'], body]), expires_in: '600' }));
      const { token, lifetimeMs } = await fetchToken({ url, clientId: 'my id', clientSecret: 'a:b+c/é', scope: 'kafka all' });
      const [method, authorization, type, body] = JSON.parse(token) as string[];
      expect([method, type, body]).to.deep.equal(['POST', 'application/x-www-form-urlencoded', 'grant_type=client_credentials&scope=kafka+all']);
      expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).to.equal('my+id:a%3Ab%2Bc%2F%C3%A9');
      expect(lifetimeMs).to.equal(600_000);
    });

    it('errors are told apart and quote no secret', async () => {
      const cases: readonly (readonly [(response: ServerResponse) => unknown, string])[] = [
        [(response) => response.writeHead(401).end('planted-secret'), 'answered 401'],
        [(response) => response.writeHead(302, { location: 'http://127.0.0.1:1/planted-secret' }).end(), 'answered 302'],
        [(response) => response.end('planted-secret'), 'answered without an access_token'],
        [(response) => response.end('{"access_token": {"planted-secret": 1}}'), 'answered without an access_token'],
        [(response) => response.end(Buffer.alloc(2 << 20, 'planted-secret')), 'can not be reached'],
        [(response) => response.destroy(), 'can not be reached: ECONNRESET'],
      ];
      for (const [act, message] of cases) {
        answer = (_request, _body, response) => void act(response);
        const error = await failureOf(fetchToken({ url, clientId: 'id', clientSecret: 'planted-secret' }));
        expect(error, message).to.include({ code: 'kafka_oauth_token', retryable: true, message: `the OAuth token endpoint ${new URL(url).origin} ${message}` });
        expect(error.fix).to.be.a('string');
        for (const hidden of ['planted-secret', Buffer.from('id:planted-secret').toString('base64')]) expect(everything(error)).to.not.include(hidden);
      }
      answer = (_request, _body, response) => response.end('{"access_token":"not a token"}');
      expect((await failureOf(tokenFromEndpoint({ url, clientId: 'id', clientSecret: 's' }).token())).message).to.match(/something else than a bearer token$/);
    });

    it('of a private authority only when it is named, and by its own name', async () => {
      const authority = await CertificateAuthority.create(directory);
      const { cert, key } = await authority.sign('login', { names: ['IP:127.0.0.1'] });
      const secure = createTlsServer({ cert: await readFile(cert), key: await readFile(key) }, (_request, response) => response.end('{"access_token":"t"}'));
      secure.listen(0, '0.0.0.0');
      await once(secure, 'listening');
      try {
        const ca = await readFile(authority.ca, 'utf8');
        const of = (host: string, trusted?: string): ReturnType<typeof fetchToken> => fetchToken({ url: `https://${host}:${(secure.address() as AddressInfo).port}/t`, clientId: 'id', clientSecret: 's', ...(trusted === undefined ? {} : { ca: trusted }) });
        const unknown = await failureOf(of('127.0.0.1'));
        expect(unknown.message).to.match(/has a certificate that is not trusted: (?:UNABLE_TO|SELF_SIGNED)/);
        expect(unknown.fix).to.include('kafka.sasl.token_endpoint.ca');
        expect(await of('127.0.0.1', ca)).to.deep.equal({ token: 't', lifetimeMs: 300_000 });
        expect((await failureOf(of('127.0.0.2', ca))).message).to.match(/ERR_TLS_CERT_ALTNAME_INVALID$/);
      } finally {
        secure.close();
      }
    });
  });

  it('logins are renewed before they end, at most once a second', () => {
    expect([3_600_000, 30_000, 20_000, 10_000, 3000, 1500, 1000, 20].map(reloginAfterMs)).to.deep.equal([3_590_000, 20_000, 10_000, 5000, 1500, 1050, 950, 0]);
    fc.assert(fc.property(fc.integer({ min: 1100, max: 2 ** 40 }), (lifetime) => {
      const after = reloginAfterMs(lifetime);
      expect(after >= 1050 && after <= lifetime - 50 && after >= lifetime - 10_000, String(after)).to.equal(true);
    }));
  });
});
