/** One client's connections to a Kafka cluster, from the first connect to the end of its sockets. */
import { RetryableError } from '../../errors.js';
import { clientOptions } from './client-options.js';
import { errorType } from './faults.js';
import { makeCluster, sendRequest, SocketGuard, type Broker, type Cluster } from './kafkajs-client.js';
import type { KafkaOptions } from './options.js';
import { apiVersions, type BrokerFeatures, type WireRequest } from './wire/requests.js';
import { sleep } from './sleep.js';

export const COORDINATOR = { group: 0, transaction: 1 } as const;
const COORDINATOR_WAIT_MS = 20;
const COORDINATOR_PATIENCE_MS = 15_000;
const WAITING = new Set(['COORDINATOR_NOT_AVAILABLE', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS', 'GROUP_LOAD_IN_PROGRESS']);
/** Kafka 2.5: OffsetFetch v7 (require_stable). */
const NEEDED_VERSIONS: readonly (readonly [apiKey: number, version: number, name: string])[] = [[0, 7, 'Produce'], [9, 7, 'OffsetFetch'], [22, 1, 'InitProducerId']];

export class KafkaConnection {
  readonly #options: KafkaOptions;
  readonly #guard = new SocketGuard();
  #made: Cluster | undefined;
  #features: BrokerFeatures | undefined;

  constructor(options: KafkaOptions) {
    this.#options = options;
  }

  get isDead(): boolean {
    return this.#guard.isDead;
  }

  get openSockets(): number {
    return this.#guard.open;
  }

  get features(): BrokerFeatures {
    if (this.#features === undefined) throw new Error('the Kafka connection is not open');
    return this.#features;
  }

  get #cluster(): Cluster {
    if (this.#made === undefined) throw new Error('the Kafka connection is not open');
    return this.#made;
  }

  async open(): Promise<BrokerFeatures> {
    const { tls, ...others } = this.#options;
    const material = typeof tls === 'function' ? await tls() : tls;
    this.#made = makeCluster(clientOptions({ ...others, ...(material !== undefined && { tls: material }) }), this.#guard);
    await this.#cluster.connect();
    await this.#cluster.refreshMetadata();
    const features = await this.send(await this.#cluster.brokerPool.findConnectedBroker(), apiVersions({ name: 'cassandra-cdc-agent', version: '1' }));
    for (const [key, version, name] of NEEDED_VERSIONS) {
      if ((features.versions.get(key) ?? -1) < version) {
        throw new RetryableError('kafka_too_old', `the broker does not know ${name} v${version}`, { fix: 'use Kafka 2.5 or later' });
      }
    }
    this.#features = features;
    return features;
  }

  send<T>(broker: Broker, request: WireRequest<T>): Promise<T> {
    return sendRequest(broker, request);
  }

  /** Waits while the coordinator is being elected or loads. Asked broker by broker ourselves: kafkajs swallows the reason (missing ACLs, mostly). */
  async coordinator(type: number, key: string): Promise<Broker> {
    const deadline = Date.now() + COORDINATOR_PATIENCE_MS;
    for (;;) {
      try {
        const broker = await this.#cluster.brokerPool.findConnectedBroker();
        const { coordinator } = await broker.findGroupCoordinator({ groupId: key, coordinatorType: type });
        return await this.broker(coordinator.nodeId);
      } catch (error) {
        if (this.isDead || !WAITING.has(errorType(error) ?? '') || Date.now() > deadline) throw error;
        await sleep(COORDINATOR_WAIT_MS);
      }
    }
  }

  broker(nodeId: number): Promise<Broker> {
    return this.#cluster.findBroker({ nodeId });
  }

  controller(): Promise<Broker> {
    return this.#cluster.findControllerBroker();
  }

  /** Loads the topics' metadata; rejects with UNKNOWN_TOPIC_OR_PARTITION when one does not exist. */
  loadTopics(topics: readonly string[]): Promise<void> {
    return this.#cluster.addMultipleTargetTopics(topics);
  }

  refresh(): Promise<void> {
    return this.#cluster.refreshMetadata();
  }

  /** Partitions of a loaded topic. */
  partitionsOf(topic: string): number {
    return this.#cluster.findTopicPartitionMetadata(topic).length;
  }

  /** Node id of each partition's leader, by partition. */
  leadersOf(topic: string): number[] {
    const leaders: number[] = [];
    for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(topic)) leaders[partitionId] = leader;
    return leaders;
  }

  /** Orderly: waits for nothing in flight, closes, then makes sure. */
  async close(): Promise<void> {
    await Promise.race([this.#made?.disconnect().catch(() => undefined), sleep(300)]);
    this.destroy();
  }

  destroy(): void {
    this.#guard.kill();
    // Clears kafkajs' own timers; whatever it says no longer matters.
    this.#made?.disconnect().catch(() => undefined);
  }
}
