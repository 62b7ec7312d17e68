/**
 * Metrics and health for machines: /metrics (Prometheus), /livez (answers: the event loop turns), /readyz (200 while the
 * agent publishes, else 503; JSON with the reasons). GET and HEAD, nothing else. Beyond this host only with TLS and a token:
 * the configuration sees to it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Secret } from '../config/secret.js';
import type { Address } from '../config/types/places.js';
import { IoError } from '../errors.js';
import { readTlsFiles } from '../files/tls-files.js';
import { PHASES, type AgentState } from '../observe/agent-state.js';
import type { Happenings } from '../observe/happenings.js';

export interface HttpOptions {
  readonly listen: Address;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly token?: Secret | undefined;
  readonly metrics: { readonly contentType: string; scrape(): Promise<string> };
  readonly state: () => AgentState;
  readonly happenings: Happenings;
}

export interface Readiness {
  readonly ready: boolean;
  readonly state: AgentState['state'];
  readonly since: string;
  /** Empty when it is ready. */
  readonly reasons: readonly { readonly code?: string; readonly message: string; readonly fix?: string }[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A scrape has some hundred bytes of headers, and comes every 15 s or so on one connection. */
const LIMITS = { maxHeaderSize: 8192, headersTimeout: 3_000, requestTimeout: 3_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 3_000 } as const;
const MAX_CONNECTIONS = 32;
/** Whoever does not read is dropped. */
const SOCKET_MS = 30_000;
const RETRY_MS = 10_000;
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

export class HttpEndpoint {
  readonly #options: HttpOptions;
  readonly #tokenHash: Buffer | undefined;
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#tokenHash = options.token === undefined ? undefined : hash(options.token.reveal());
  }

  /** `host:port` that it listens on; undefined while it does not. */
  get address(): string | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address === null || address === undefined ? undefined : hostPort({ host: address.address, port: address.port });
  }

  /** Once; throws IoError. */
  async listen(): Promise<void> {
    const { listen, tls } = this.#options;
    const handler = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    const server = tls === undefined ? createPlainServer(LIMITS, handler) : createTlsServer({ ...LIMITS, ...(await readTlsFiles(tls)), minVersion: 'TLSv1.2' }, handler);
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(SOCKET_MS);
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(listen, cause)));
      server.listen(listen.port, listen.host, resolve);
    });
    server.on('error', () => undefined);
    this.#server = server;
    // It serves the agent's work; it does not keep the process alive.
    server.unref();
  }

  /**
   * Tries until it listens: the agent's work does not wait for its metrics. Resolves behind the first try; says when it
   * fails, and when it listens.
   */
  async keepListening(): Promise<void> {
    const { happenings, listen } = this.#options;
    try {
      await this.listen();
    } catch (error) {
      happenings.report('http unavailable', { address: hostPort(listen), error });
      if (!this.#isClosed) this.#retry = setTimeout(() => void this.keepListening(), RETRY_MS).unref();
      return;
    }
    if (this.#isClosed) return this.close();
    happenings.over('http unavailable');
    happenings.report('http listening', { address: this.address ?? hostPort(listen) });
  }

  /** Certificate and key as they are in their files now, for new connections. Throws IoError, and keeps the old ones. */
  async renewCertificate(): Promise<void> {
    const { tls } = this.#options;
    if (tls === undefined || this.#server === undefined) return;
    const material = await readTlsFiles(tls);
    try {
      (this.#server as TlsServer).setSecureContext({ ...material, minVersion: 'TLSv1.2' });
    } catch (cause) {
      throw new IoError('tls_file', `${tls.cert} and ${tls.key} are no certificate and its key: ${(cause as Error).message}`, { fix: 'put both in place as PEM', cause });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Nothing is read of what a caller sends behind its headers.
    request.resume();
    const answer = await this.#answer(request).catch((): Answer => ({ status: 500, type: TEXT, body: 'this is a bug in the agent\n' }));
    const hasBody = request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
    response.writeHead(answer.status, {
      'content-type': answer.type, 'content-length': Buffer.byteLength(answer.body), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
      ...(hasBody ? { connection: 'close' } : {}), ...answer.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  async #answer({ method, url = '', headers, socket }: IncomingMessage): Promise<Answer> {
    const { metrics, state, happenings } = this.#options;
    if (!this.#isAllowed(headers.authorization)) {
      happenings.report('http caller refused', { address: socket.remoteAddress ?? '' });
      return { status: 401, type: TEXT, body: 'a bearer token is needed\n', headers: { 'www-authenticate': 'Bearer' } };
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, type: TEXT, body: 'GET and HEAD only\n', headers: { allow: 'GET, HEAD' } };
    switch (url.split('?', 1)[0]) {
      case '/metrics':
        return { status: 200, type: metrics.contentType, body: await metrics.scrape() };
      case '/livez':
        return { status: 200, type: TEXT, body: 'ok\n' };
      case '/readyz': {
        const readiness = readinessOf(state());
        return { status: readiness.ready ? 200 : 503, type: JSON_TYPE, body: `${JSON.stringify(readiness)}\n` };
      }
      default:
        return { status: 404, type: TEXT, body: 'here are /metrics, /livez and /readyz\n' };
    }
  }

  /** Hashes are compared: neither the time nor the length says anything about the token. */
  #isAllowed(authorization: string | undefined): boolean {
    if (this.#tokenHash === undefined) return true;
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(hash(given ?? ''), this.#tokenHash) && given !== undefined;
  }
}

export function readinessOf({ ready, state, state_since: since, state_reason: reason, last_error: error }: AgentState): Readiness {
  if (ready) return { ready, state, since, reasons: [] };
  const first = { message: reason ?? `${state}: ${PHASES[state]}` };
  const second = error === null || error.over ? [] : [{ code: error.code, message: error.message, ...(error.fix === null ? {} : { fix: error.fix }) }];
  return { ready, state, since, reasons: [first, ...second] };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hostPort({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function listenError(listen: Address, cause: NodeJS.ErrnoException): IoError {
  const fix = cause.code === 'EADDRINUSE' ? 'stop what listens there (ss -ltnp), or set http.listen to a free port'
    : cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND' ? 'set http.listen to an address of this host'
      : cause.code === 'EACCES' ? 'set http.listen to a port above 1023' : 'correct http.listen';
  return new IoError('http_listen', `${hostPort(listen)} can't be listened on: ${cause.code ?? cause.message}`, { fix, cause });
}
