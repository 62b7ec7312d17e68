/**
 * A real Cassandra node, started from Maven Central jars.
 *
 *   const node = await startCassandra({ version: '5.0.6' });
 *   const client = await node.client();
 *   ...
 *   await node.remove();
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client, ClientOptions } from 'cassandra-driver';
import { freeAddress, freePort } from './address.js';
import { NATIVE_PORT, STORAGE_PORT, writeConfiguration, type CassandraSettings } from './cassandra-config.js';
import { daemonArguments, nodetoolArguments } from './cassandra-jvm.js';
import { connect } from './cql.js';
import { LabError } from './errors.js';
import { findJava } from './java.js';
import { LabProcess, removeOnExit, tail } from './process.js';

export interface CassandraOptions extends CassandraSettings {
  /** As -Xmx takes it; 1G by default. */
  readonly heap?: string;
  /** More JVM options. */
  readonly jvm?: readonly string[];
  /** Words before java's: another user, another umask. */
  readonly prefix?: readonly string[];
  /** Everything of the node lives here and stays; a temporary directory that goes with us by default. */
  readonly directory?: string;
  /** Addresses of running nodes to join; this node alone by default. */
  readonly seeds?: readonly string[];
  /** How clients of this node connect: login, TLS. */
  readonly client?: Partial<ClientOptions>;
  /** Milliseconds until CQL must answer; 180,000 by default. */
  readonly startTimeoutMs?: number;
}

export class CassandraNode {
  readonly version: string;
  readonly address: string;
  readonly directory: string;
  readonly #options: CassandraOptions;
  readonly #jmxPort: number;
  readonly #clients = new Set<Client>();
  readonly #owned: { release(): void } | undefined;
  #process: LabProcess | undefined;

  private constructor(options: CassandraOptions, place: { address: string; directory: string; jmxPort: number }) {
    this.version = options.version;
    this.address = place.address;
    this.directory = place.directory;
    this.#options = options;
    this.#jmxPort = place.jmxPort;
    this.#owned = options.directory === undefined ? removeOnExit(place.directory) : undefined;
  }

  /** Writes the configuration of a node that is not started yet. */
  static async create(options: CassandraOptions): Promise<CassandraNode> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cdc-lab-cassandra-')));
    const address = await freeAddress([NATIVE_PORT, STORAGE_PORT]);
    const node = new CassandraNode(options, { address, directory, jmxPort: await freePort() });
    await writeConfiguration(options, { directory, address, seeds: options.seeds ?? [address] });
    return node;
  }

  get contactPoint(): string { return `${this.address}:${NATIVE_PORT}`; }
  get dataDir(): string { return join(this.directory, 'data'); }
  get commitlogDir(): string { return join(this.directory, 'commitlog'); }
  get cdcRawDir(): string { return join(this.directory, 'cdc_raw'); }
  get jmxPort(): number { return this.#jmxPort; }
  get configFile(): string { return join(this.directory, 'conf/cassandra.yaml'); }
  get pid(): number | undefined { return this.#process?.hasEnded === false ? this.#process.pid : undefined; }

  /** Starts the node on what its directory holds; resolves when CQL answers. */
  async start(): Promise<void> {
    if (this.pid !== undefined) throw new LabError(`the node at ${this.address} runs already`, 'stop it first');
    const { version, heap = '1G', jvm = [], prefix = [] } = this.#options;
    const args = await daemonArguments({ version, directory: this.directory, jmxPort: this.#jmxPort, heap, jvm });
    const logFile = join(this.directory, 'logs/stdout.log');
    const [command, ...rest] = [...prefix, await findJava(), ...args];
    this.#process = await LabProcess.start({ name: `Cassandra ${version}`, command, args: rest, logFile });
    await this.#waitUntilReady(this.#process);
  }

  /** A connected client that stays on this node; closed with the node. */
  async client(options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = await connect(this.address, { ...this.#options.client, ...options });
    this.#clients.add(client);
    return client;
  }

  /** Runs nodetool against this node; returns what it prints. */
  async nodetool(...args: string[]): Promise<string> {
    const command = await nodetoolArguments({ version: this.#options.version, directory: this.directory, jmxPort: this.#jmxPort }, args);
    try {
      return (await promisify(execFile)(await findJava(), command, { maxBuffer: 16 << 20 })).stdout;
    } catch (error) {
      throw new LabError(`nodetool ${args.join(' ')} failed: ${(error as Error).message.split('\n').slice(1, 6).join('\n')}`, `see ${this.directory}/logs/system.log`, { cause: error });
    }
  }

  /** Flushes everything and stops taking writes; the process goes on. */
  async drain(): Promise<void> {
    await this.nodetool('drain');
  }

  /** An orderly stop (SIGTERM: Cassandra drains). The files stay. */
  async stop(): Promise<void> {
    await this.#closeClients();
    await this.#process?.stop();
  }

  /** SIGKILL. The files stay as they are. */
  async kill9(): Promise<void> {
    await this.#process?.kill9();
    await this.#closeClients();
  }

  /** SIGSTOP: the node is alive and says nothing. */
  pause(): void { this.#process?.signal('SIGSTOP'); }

  resume(): void { this.#process?.signal('SIGCONT'); }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the process and removes its files (those of a given directory stay). */
  async remove(): Promise<void> {
    await this.#closeClients();
    await this.#process?.kill9();
    if (this.#owned === undefined) return;
    await rm(this.directory, { recursive: true, force: true });
    this.#owned.release();
  }

  async #closeClients(): Promise<void> {
    for (const client of this.#clients) await client.shutdown().catch(() => undefined);
    this.#clients.clear();
  }

  async #waitUntilReady(daemon: LabProcess): Promise<void> {
    const { startTimeoutMs = 180_000 } = this.#options;
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline) {
      if (daemon.hasEnded) throw this.#startError('ended while it started');
      if ((await accepts(this.address, NATIVE_PORT)) && (await this.#answers())) return;
      await sleep(200);
    }
    await daemon.kill9();
    throw this.#startError(`did not answer CQL within ${startTimeoutMs} ms`);
  }

  async #answers(): Promise<boolean> {
    try {
      const client = await connect(this.address, this.#options.client);
      await client.shutdown();
      return true;
    } catch {
      return false;
    }
  }

  #startError(what: string): LabError {
    const system = join(this.directory, 'logs/system.log');
    const log = `${tail(join(this.directory, 'logs/stdout.log'), 8)}\n${existsSync(system) ? tail(system, 12) : ''}`;
    return new LabError(`Cassandra ${this.version} at ${this.address} ${what}; its last lines:\n${log}`, fixFor(log));
  }
}

/** Starts one node; resolves when CQL answers (about 12 s). A node that does not start leaves nothing behind. */
export async function startCassandra(options: CassandraOptions): Promise<CassandraNode> {
  const node = await CassandraNode.create(options);
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.remove();
    throw error;
  }
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port });
    const done = (answer: boolean): void => { socket.destroy(); resolve(answer); };
    socket.once('connect', () => done(true)).once('error', () => done(false)).setTimeout(2000, () => done(false));
  });
}

function fixFor(log: string): string {
  if (/ConfigurationException|YAMLException|Invalid yaml/.test(log)) return 'correct the configuration that was given: keys are named as this version names them';
  if (/Address already in use/.test(log)) return 'stop the server that holds this address';
  if (/Cannot allocate memory|OutOfMemoryError|Could not reserve/.test(log)) return 'free some memory, or give a smaller heap';
  return 'read the lines above; the full log is in logs/ when a directory is given';
}
