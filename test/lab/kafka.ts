/**
 * A real Kafka broker (KRaft, broker and controller in one process), started from Maven Central jars.
 *
 *   const kafka = await startKafka();
 *   new Kafka({ brokers: kafka.brokers })
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { freeAddress } from './address.js';
import { LabError } from './errors.js';
import { jarsOf } from './jars.js';
import { findJava } from './java.js';
import { LabProcess, removeOnExit } from './process.js';
import { KAFKA_VERSION } from './versions.js';

const PORT = 9092;
const CONTROLLER_PORT = 9093;
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg';

export interface KafkaOptions {
  /** server.properties to add or replace. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** As -Xmx takes it; 512m by default. */
  readonly heap?: string;
  /** Everything of the broker lives here and stays; a temporary directory that goes with us by default. */
  readonly directory?: string;
  /** Milliseconds until the broker must answer; 90,000 by default. */
  readonly startTimeoutMs?: number;
}

export class KafkaBroker {
  readonly version = KAFKA_VERSION;
  readonly address: string;
  readonly directory: string;
  readonly #options: KafkaOptions;
  readonly #owned: { release(): void } | undefined;
  #process: LabProcess | undefined;

  private constructor(options: KafkaOptions, address: string, directory: string) {
    this.address = address;
    this.directory = directory;
    this.#options = options;
    this.#owned = options.directory === undefined ? removeOnExit(directory) : undefined;
  }

  static async create(options: KafkaOptions): Promise<KafkaBroker> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cdc-lab-kafka-')));
    const broker = new KafkaBroker(options, await freeAddress([PORT, CONTROLLER_PORT]), directory);
    await mkdir(join(directory, 'logs'), { recursive: true });
    await writeFile(join(directory, 'server.properties'), broker.#properties());
    return broker;
  }

  get brokers(): string[] { return [`${this.address}:${PORT}`]; }
  get pid(): number | undefined { return this.#process?.hasEnded === false ? this.#process.pid : undefined; }

  /** Starts the broker on what its directory holds; resolves when it answers. */
  async start(): Promise<void> {
    if (this.pid !== undefined) throw new LabError(`the broker at ${this.address} runs already`, 'stop it first');
    const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
    const properties = join(this.directory, 'server.properties');
    if (!existsSync(join(this.directory, 'data/meta.properties'))) {
      await promisify(execFile)(java, ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
    }
    const heap = this.#options.heap ?? '512m';
    const args = [`-Xmx${heap}`, `-Xms${heap}`, '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError', '-cp', `${jars}/*`, 'kafka.Kafka', properties];
    this.#process = await LabProcess.start({ name: `Kafka ${KAFKA_VERSION}`, command: java, args, logFile: join(this.directory, 'logs/stdout.log') });
    await this.#waitUntilReady(this.#process);
  }

  /** An orderly stop. The files stay. */
  async stop(): Promise<void> { await this.#process?.stop(); }

  /** SIGKILL. */
  async kill9(): Promise<void> { await this.#process?.kill9(); }

  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void { this.#process?.signal('SIGSTOP'); }

  resume(): void { this.#process?.signal('SIGCONT'); }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the process and removes its files (those of a given directory stay). */
  async remove(): Promise<void> {
    await this.kill9();
    if (this.#owned === undefined) return;
    await rm(this.directory, { recursive: true, force: true });
    this.#owned.release();
  }

  #properties(): string {
    const { address, directory } = this;
    const properties = {
      'process.roles': 'broker,controller', 'node.id': 1, 'controller.quorum.voters': `1@${address}:${CONTROLLER_PORT}`,
      listeners: `PLAINTEXT://${address}:${PORT},CONTROLLER://${address}:${CONTROLLER_PORT}`, 'advertised.listeners': `PLAINTEXT://${address}:${PORT}`,
      'controller.listener.names': 'CONTROLLER', 'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'log.dirs': join(directory, 'data'), 'offsets.topic.replication.factor': 1, 'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1, 'transaction.state.log.num.partitions': 5, 'offsets.topic.num.partitions': 5,
      'group.initial.rebalance.delay.ms': 0, 'num.partitions': 4, 'auto.create.topics.enable': true, ...this.#options.properties,
    };
    return Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join('');
  }

  async #waitUntilReady(broker: LabProcess): Promise<void> {
    const { startTimeoutMs = 90_000 } = this.#options;
    const deadline = Date.now() + startTimeoutMs;
    while (!(await this.#answers())) {
      if (broker.hasEnded || Date.now() > deadline) {
        await broker.kill9();
        throw new LabError(`Kafka ${KAFKA_VERSION} at ${this.address} did not start; its last lines:\n${broker.logTail()}`, 'read the lines above; the full log is in logs/ when a directory is given');
      }
      await sleep(250);
    }
  }

  async #answers(): Promise<boolean> {
    const admin = new Kafka({ brokers: this.brokers, logLevel: logLevel.NOTHING, connectionTimeout: 1000, retry: { retries: 0 } }).admin();
    try {
      await admin.connect();
      return (await admin.describeCluster()).brokers.length === 1;
    } catch {
      return false;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

export function kafkaJars(): Promise<string> {
  return jarsOf({ groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version: KAFKA_VERSION });
}

/** Starts one broker; resolves when it answers (about 5 s). A broker that does not start leaves nothing behind. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const broker = await KafkaBroker.create(options);
  try {
    await broker.start();
    return broker;
  } catch (error) {
    await broker.remove();
    throw error;
  }
}
