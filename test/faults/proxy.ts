/**
 * A TCP proxy between a Kafka client and one broker, that can lose, cut, delay or double any request or answer, chosen by
 * its API and its number. It rewrites the broker's address in Metadata answers, so that the client stays on it.
 *
 *   const proxy = await FaultProxy.start({ host, port });
 *   proxy.inject({ api: 'EndTxn', side: 'answer', action: 'drop', at: [3, 7] });
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeAddress } from '../lab/address.js';
import { answerCorrelation, API, FrameSplitter, requestHead, rewriteMetadata, type ApiName } from './framing.js';

const PORT = 9192;

export type FaultAction =
  /** It never arrives, and the connection stays. */
  | 'drop'
  /** Half of it arrives, then the connection ends. */
  | 'cut'
  /** It arrives `delayMs` later, even if the other side has gone by then. */
  | 'delay'
  /** It arrives twice. */
  | 'double';

export interface Fault {
  readonly api: ApiName;
  readonly side: 'request' | 'answer';
  readonly action: FaultAction;
  /** Which occurrences since `inject`, counted from 1. */
  readonly at: readonly number[];
  readonly delayMs?: number;
}

interface ActiveFault {
  readonly fault: Fault;
  seen: number;
}

export class FaultProxy {
  readonly host: string;
  readonly #server: Server;
  readonly #upstream: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #faults: ActiveFault[] = [];
  /** Faults that struck, as `EndTxn answer drop`. */
  readonly struck: string[] = [];
  /** Requests by API key since the start. */
  readonly requests = new Map<number, number>();
  /** Refuses connections and ends those there are, as a broker that is gone. */
  #closed = false;

  private constructor(server: Server, host: string, upstream: { readonly host: string; readonly port: number }) {
    this.#server = server;
    this.host = host;
    this.#upstream = upstream;
  }

  static async start(upstream: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const host = await freeAddress([PORT]);
    const server = createServer();
    const proxy = new FaultProxy(server, host, upstream);
    server.on('connection', (client) => proxy.#accept(client));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(PORT, host, resolve));
    return proxy;
  }

  get brokers(): string[] {
    return [`${this.host}:${PORT}`];
  }

  inject(...faults: Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  /** No more faults; forgets what struck. */
  clear(): void {
    this.#faults = [];
    this.struck.length = 0;
  }

  set closed(closed: boolean) {
    this.#closed = closed;
    if (closed) for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.closed = true;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    if (this.#closed) {
      client.destroy();
      return;
    }
    const broker = connect(this.#upstream);
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const versions = new Map<number, { readonly apiKey: number; readonly apiVersion: number }>();
    const requests = new Lane(broker);
    const answers = new Lane(client);
    const fromClient = new FrameSplitter();
    const fromBroker = new FrameSplitter();
    client.on('data', (chunk) => {
      for (const frame of fromClient.push(chunk)) {
        const { apiKey, apiVersion, correlationId } = requestHead(frame);
        versions.set(correlationId, { apiKey, apiVersion });
        this.requests.set(apiKey, (this.requests.get(apiKey) ?? 0) + 1);
        requests.send(frame, this.#faultFor(apiKey, 'request'));
      }
    });
    broker.on('data', (chunk) => {
      for (const frame of fromBroker.push(chunk)) {
        const request = versions.get(answerCorrelation(frame));
        const rewritten = request?.apiKey === API.Metadata ? rewriteMetadata(frame, request.apiVersion, () => ({ host: this.host, port: PORT })) : frame;
        answers.send(rewritten, request === undefined ? undefined : this.#faultFor(request.apiKey, 'answer'));
      }
    });
    // What is delayed still arrives when its sender has gone.
    client.on('close', () => void requests.end());
    broker.on('close', () => void answers.end());
  }

  #faultFor(apiKey: number, side: Fault['side']): Fault | undefined {
    let found: Fault | undefined;
    for (const active of this.#faults) {
      const { fault } = active;
      if (API[fault.api] !== apiKey || fault.side !== side) continue;
      active.seen++;
      if (fault.at.includes(active.seen)) found ??= fault;
    }
    if (found !== undefined) this.struck.push(`${found.api} ${found.side} ${found.action}`);
    return found;
  }
}

/** One direction of one connection: frames keep their order, also behind a delayed one. */
class Lane {
  readonly #to: Socket;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(to: Socket) {
    this.#to = to;
  }

  send(frame: Buffer, fault: Fault | undefined): void {
    if (fault === undefined && this.#waiting === 0) {
      this.#write(frame);
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(() => this.#act(frame, fault)).finally(() => this.#waiting--);
  }

  async end(): Promise<void> {
    await this.#last;
    this.#to.end();
  }

  async #act(frame: Buffer, fault: Fault | undefined): Promise<void> {
    switch (fault?.action) {
      case 'drop': return;
      case 'cut':
        await new Promise<void>((resolve) => this.#to.write(frame.subarray(0, frame.length >>> 1), () => resolve()));
        this.#to.destroy();
        return;
      case 'double': this.#write(frame); break;
      case 'delay': await sleep(fault.delayMs ?? 1000); break;
      case undefined: break;
    }
    this.#write(frame);
  }

  #write(frame: Buffer): void {
    if (this.#to.writable) this.#to.write(frame);
  }
}
