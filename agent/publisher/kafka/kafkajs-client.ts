/**
 * kafkajs as a transport: its cluster, connections and authentication, none of its producer. Holds what its
 * public API can't give: sockets that stay dead once they are destroyed, a quiet idle connection, requests of our own.
 */
import kafkajsCluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import Connection from 'kafkajs/src/network/connection.js';
import loggers from 'kafkajs/src/loggers/index.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import type { ISocketFactory } from 'kafkajs';
import { createRequire } from 'node:module';
import * as net from 'node:net';
import * as tls from 'node:tls';
import type { ClientOptions } from './client-options.js';
import { sleep } from './sleep.js';
import { requestHead, type WireRequest } from './wire/requests.js';

export type Cluster = kafkajsCluster;
export type { Broker };

const VERSION = '2.2.4';
const METADATA_MAX_AGE_MS = 300_000;
const KEEP_ALIVE_MS = 60_000;
/** A lost answer is noticed at most this much late. */
const TIMEOUT_CHECK_MS = 500;
/** As kafkajs has it, for requests that wait for an earlier one's answer. */
const PENDING_CHECK_MS = 10;

/** Everything below reaches into kafkajs' own modules: another version must be looked at first. */
export function checkKafkajsVersion(version = (createRequire(import.meta.url)('kafkajs/package.json') as { version: string }).version): void {
  if (version !== VERSION) throw new Error(`kafkajs ${version} is installed; the publisher is made for ${VERSION} and patches its internals`);
}

/**
 * kafkajs 2.2.4 reschedules a check of its request queue for ever, with a delay below zero: 877 timers a second on an idle
 * producer. Here a check is scheduled only while something waits, and lost answers are looked for twice a second.
 */
export function quietRequestQueues(): void {
  checkKafkajsVersion();
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const wait = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait > 0 ? wait : PENDING_CHECK_MS);
  };
  RequestQueue.prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue): void {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      const now = Date.now();
      for (const request of this.inflight.values()) if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!this.isConnected()) this.destroy();
    }, Math.min(this.requestTimeout, TIMEOUT_CHECK_MS));
  };
}

/** A login is renewed this long before the broker ends it (KIP-368), or at half of its time if that is later. */
const RELOGIN_EARLY_MS = 10_000;
/** A broker refuses a second login within a second of the one before (KafkaChannel, MIN_REAUTH_INTERVAL_ONE_SECOND_NANOS). */
const RELOGIN_AT_LEAST_MS = 1050;

/** Requests that are under way at the end of a session cost the connection. */
const ENDING_MS = 50;

/** Of a session that holds so long. */
export function reloginAfterMs(lifetimeMs: number): number {
  if (lifetimeMs < RELOGIN_AT_LEAST_MS + ENDING_MS) return Math.max(lifetimeMs - ENDING_MS, 0);
  return Math.max(lifetimeMs - Math.min(RELOGIN_EARLY_MS, lifetimeMs / 2), RELOGIN_AT_LEAST_MS);
}

/**
 * kafkajs 2.2.4 logs in again a fixed time before the end of a session: of one that is shorter (a token that ends soon,
 * connections.max.reauth.ms) it would do so at every request, and the broker refuses that.
 */
export function renewLoginsInTime(): void {
  checkKafkajsVersion();
  const authenticate = Connection.prototype.authenticate;
  Connection.prototype.isAuthenticated = function (this: Connection): boolean {
    if (this.authenticatedAt === null) return false;
    const lifetimeMs = this.sessionLifetime.toNumber();
    return lifetimeMs === 0 || msSince(this.authenticatedAt) < reloginAfterMs(lifetimeMs);
  };
  Connection.prototype.authenticate = async function (this: Connection): Promise<void> {
    if (this.authenticatedAt !== null && !this.isAuthenticated()) await sleep(Math.max(RELOGIN_AT_LEAST_MS - msSince(this.authenticatedAt), 0));
    await authenticate.call(this);
  };
}

function msSince(time: readonly [seconds: number, nanoseconds: number]): number {
  const [seconds, nanoseconds] = process.hrtime([time[0], time[1]]);
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Makes the sockets of one client, and ends them: after `kill` none is left and none is made. */
export class SocketGuard {
  readonly #sockets = new Set<net.Socket>();
  #dead = false;

  get isDead(): boolean {
    return this.#dead;
  }

  get open(): number {
    return this.#sockets.size;
  }

  readonly factory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#dead) throw new Error('this producer was discarded');
    const socket = ssl
      ? tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  };

  /** With an error: kafkajs then rejects what is in flight at once, where a plain close would wait for the request timeout. */
  kill(): void {
    this.#dead = true;
    for (const socket of this.#sockets) socket.destroy(new Error('this producer was discarded'));
  }
}

let prepared = false;

export function makeCluster(options: ClientOptions, guard: SocketGuard): Cluster {
  if (!prepared) {
    quietRequestQueues();
    renewLoginsInTime();
    prepared = true;
  }
  return new kafkajsCluster({
    ...options,
    logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }),
    socketFactory: guard.factory,
    authenticationTimeout: 10_000,
    reauthenticationThreshold: RELOGIN_EARLY_MS,
    enforceRequestTimeout: true,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 5,
    // Only metadata and connections are retried in there. The default first wait of 300 ms costs a restart a second.
    retry: { initialRetryTime: 5, maxRetryTime: 500, retries: 6 },
  });
}

/**
 * Sends a request of our own over kafkajs' connection and its queue. kafkajs would copy the body three times and clear
 * twice as much memory; here its parts go to the socket as they are.
 */
export async function sendRequest<T>({ connectionPool }: Broker, request: WireRequest<T>): Promise<T> {
  const connection = await connectionPool.getConnection();
  if (!connection.isAuthenticated()) await connection.authenticate();
  connection.failIfNotConnected();
  const { apiKey, apiName, apiVersion, body } = request;
  const correlationId = connection.nextCorrelationId();
  const head = requestHead(request, correlationId, connection.clientId);
  const { payload } = await new Promise<{ payload: Buffer }>((resolve, reject) => {
    connection.requestQueue.push({
      entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => {
        const { socket } = connection;
        socket.cork();
        socket.write(head);
        for (const part of body) socket.write(part);
        socket.uncork();
      },
    });
  });
  const { value, throttleMs } = request.read(payload);
  connection.requestQueue.maybeThrottle(throttleMs);
  return value;
}
