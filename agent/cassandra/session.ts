/**
 * The session with the one node that this agent stands beside. Its contact points are names of that node: the session
 * takes whichever answers and refuses another node behind any of them, since schema, ring and position belong to one host id.
 *
 * A connection that failed is dropped and made anew: the driver's own reconnecting is never waited for.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as timer } from 'node:timers/promises';
import type { Secret } from '../config/secret.js';
import type { Address } from '../config/types/places.js';
import { ConfigError, RetryableError, type OperatorError } from '../errors.js';
import { readTlsFiles, type TlsFiles } from '../files/tls-files.js';
import { connectToNode, textOf, type Connect, type CqlRow, type NodeConnection, type NodeTarget } from './node-connection.js';
import { CONFIG_WORDS, explainNodeError, type NodeWords } from './node-errors.js';

export interface SessionOptions {
  /** Names of the one node. */
  readonly contactPoints: readonly Address[];
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** Absent = without TLS. */
  readonly tls?: TlsFiles | undefined;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly words?: NodeWords;
}

/** What the session tells: each becomes a log line and a metric elsewhere. */
export interface SessionListener {
  /** The node gave no answer, for the `failures`th time in a row; tried again after a pause. */
  waiting?(what: { readonly error: OperatorError; readonly failures: number }): void;
  /** The node answers, after `failures` attempts without. */
  answered?(what: { readonly contactPoint: string; readonly failures: number; readonly ms: number }): void;
  /** A node joined or left, as this one tells its clients. */
  topologyChanged?(): void;
}

export interface SessionPorts {
  readonly connect?: Connect;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds; only differences matter. */
  readonly now?: () => number;
  readonly listener?: SessionListener;
}

interface Open {
  readonly contactPoint: string;
  readonly connection: NodeConnection;
  readonly hostId: string;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const PAGE = 5000;

export class CassandraSession {
  readonly #options: SessionOptions;
  readonly #ports: Required<Omit<SessionPorts, 'listener'>>;
  readonly #listener: SessionListener;
  #open: Promise<Open> | undefined;
  /** Once known, no other node will do. */
  #hostId: string | undefined;
  #closed = false;

  constructor(options: SessionOptions, { connect = connectToNode, resolve = addressesOf, sleep = pause, now = Date.now, listener = {} }: SessionPorts = {}) {
    this.#options = options;
    this.#ports = { connect, resolve, sleep, now };
    this.#listener = listener;
  }

  /** Of the node, once it was reached. */
  get hostId(): string | undefined {
    return this.#hostId;
  }

  /** All rows of a statement; one attempt. Rejects with an OperatorError that says whether waiting may help. */
  async rows(cql: string, { parameters = [], signal }: { readonly parameters?: readonly unknown[]; readonly signal?: AbortSignal | undefined } = {}): Promise<CqlRow[]> {
    const open = await this.#connected(signal);
    const rows: CqlRow[] = [];
    let pageState: string | undefined;
    try {
      do {
        const page = await abortable(open.connection.execute(cql, parameters, { fetchSize: PAGE, pageState }), signal);
        rows.push(...page.rows);
        pageState = page.pageState;
      } while (pageState !== undefined);
      return rows;
    } catch (error) {
      signal?.throwIfAborted();
      const explained = explainNodeError(error, open.contactPoint, this.#words);
      if (explained.code === 'cassandra_unreachable') await this.#drop(open);
      throw this.#mendable(explained);
    }
  }

  /** Repeats `work` while the node is down, starting or joining; rejects with what waiting can't mend, or with the signal's reason. */
  async untilAnswered<T>(work: (session: this) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const since = this.#ports.now();
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted();
      try {
        const result = await work(this);
        if (failures > 0) this.#listener.answered?.({ contactPoint: (await this.#open)?.contactPoint ?? '', failures, ms: this.#ports.now() - since });
        return result;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof RetryableError)) throw error;
        this.#listener.waiting?.({ error, failures: failures + 1 });
        await this.#ports.sleep(pauseMs(failures), signal);
      }
    }
  }

  /** Closes the connection; the session can't be used again. */
  async close(): Promise<void> {
    this.#closed = true;
    const open = this.#open;
    this.#open = undefined;
    await open?.then(({ connection }) => connection.close(), () => undefined);
  }

  get #words(): NodeWords {
    return this.#options.words ?? CONFIG_WORDS;
  }

  #connected(signal: AbortSignal | undefined): Promise<Open> {
    if (this.#closed) return Promise.reject(new Error('the Cassandra session is closed'));
    if (this.#open === undefined) {
      const opening = this.#connectAny();
      this.#open = opening;
      opening.catch(() => {
        if (this.#open === opening) this.#open = undefined;
      });
    }
    return abortable(this.#open, signal);
  }

  async #drop(open: Open): Promise<void> {
    // Several queries may fail together: the connection that one of them has made anew stays.
    const current = this.#open;
    if (current !== undefined && (await current.catch(() => undefined)) === open && this.#open === current) this.#open = undefined;
    await open.connection.close();
  }

  /** The first time every contact point is asked, so that a list of several nodes is refused; later the first that answers will do. */
  async #connectAny(): Promise<Open> {
    const isFirst = this.#hostId === undefined;
    let chosen: Open | undefined;
    let failure: OperatorError | undefined;
    for (const point of this.#options.contactPoints) {
      if (chosen !== undefined && !isFirst) break;
      try {
        const open = await this.#connectPoint(point);
        if (chosen === undefined) chosen = open;
        else await this.#mustBeSame(chosen, open);
      } catch (error) {
        const explained = explainNodeError(error, pointText(point), this.#words);
        if (explained.code === 'cassandra_other_node') throw explained;
        failure ??= explained;
      }
    }
    if (chosen === undefined) throw this.#mendable(failure as OperatorError);
    if (this.#closed) await chosen.connection.close();
    this.#hostId = chosen.hostId;
    return chosen;
  }

  async #mustBeSame(chosen: Open, other: Open): Promise<void> {
    await other.connection.close();
    if (other.hostId === chosen.hostId) return;
    await chosen.connection.close();
    throw otherNode(`cassandra.contact_points names two nodes: ${chosen.contactPoint} (host id ${chosen.hostId}) and ${other.contactPoint} (${other.hostId})`, 'name this host\'s node only: each node has an agent of its own');
  }

  async #connectPoint(point: Address): Promise<Open> {
    const contactPoint = pointText(point);
    let failure: Error | undefined;
    for (const address of await this.#ports.resolve(point.host)) {
      try {
        const connection = await this.#ports.connect(await this.#target(point, address));
        connection.onTopologyChange?.(() => this.#listener.topologyChanged?.());
        return { contactPoint, connection, hostId: await this.#checkedHostId(contactPoint, connection) };
      } catch (error) {
        if (error instanceof ConfigError) throw error;
        failure ??= error as Error;
      }
    }
    throw failure ?? new RetryableError('cassandra_unreachable', `the name ${point.host} has no address`, { fix: this.#words.address });
  }

  async #checkedHostId(contactPoint: string, connection: NodeConnection): Promise<string> {
    try {
      const { rows } = await connection.execute('SELECT host_id FROM system.local WHERE key = \'local\'', [], {});
      const hostId = textOf(rows[0]?.host_id);
      if (this.#hostId === undefined || this.#hostId === hostId) return hostId;
      throw otherNode(`${contactPoint} is now the node ${hostId}; this agent works for ${this.#hostId}`, 'start the agent anew if the node was replaced, else correct cassandra.contact_points');
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #target({ host, port }: Address, address: string): Promise<NodeTarget> {
    const { username, password, tls, connectTimeoutMs = 5000, requestTimeoutMs = 12_000 } = this.#options;
    return { host, address, port, username, password, connectTimeoutMs, requestTimeoutMs, tls: tls === undefined ? undefined : { ...(await readTlsFiles(tls)), verifyHostname: tls.verify_hostname ?? true } };
  }

  /** A login or certificate that worked before may work again (it is being renewed): then it is waited for. */
  #mendable(error: OperatorError): OperatorError {
    const isMendable = this.#hostId !== undefined && (error.code === 'cassandra_auth' || error.code === 'cassandra_tls' || error.code === 'tls_file');
    return isMendable ? new RetryableError(error.code, error.message, { ...(error.fix === undefined ? {} : { fix: error.fix }), cause: error }) : error;
  }
}

function otherNode(message: string, fix: string): ConfigError {
  return new ConfigError('cassandra_other_node', message, { fix });
}

function pointText({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** 100, 200, 400 … 5,000 ms. */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await timer(ms, undefined, signal === undefined ? {} : { signal });
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new RetryableError('cassandra_unreachable', `the name ${host} has no address`, { fix: 'check cassandra.contact_points and the name service', cause });
  }
}

/** The driver knows no cancelling: its answer is no longer waited for. */
function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      onAbort();
      work.catch(() => undefined);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
