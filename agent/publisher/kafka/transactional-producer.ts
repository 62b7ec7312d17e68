/**
 * One transactional producer over one connection, for one life: InitProducerId, the position, then transactions, one at a
 * time. After any error it is of no further use: what it was doing may or may not have happened. Nothing is sent twice
 * but what the broker answered with "not yet, the last transaction is still being completed" (CONCURRENT_TRANSACTIONS).
 */
import { RetryableError } from '../../errors.js';
import type { Batch } from './batch.js';
import { codecOf, type Codec } from './compress/codec.js';
import { COORDINATOR, type KafkaConnection } from './connection.js';
import { errorType } from './faults.js';
import { POSITION_PARTITION, readGroupOffset } from './group-offset.js';
import type { Broker } from './kafkajs-client.js';
import type { PublisherOptions } from './options.js';
import type { StoredPosition } from './port.js';
import { formatPositionRecord, parsePositionRecord } from './position-record.js';
import { sendByLeader } from './produce-by-leader.js';
import { sleep } from './sleep.js';
import { protocolFor, type TransactionProtocol } from './transaction-protocol.js';

const INIT_PATIENCE_MS = 15_000;
const SETTLING_WAIT_MS = 5;
const MOVING_WAIT_MS = 20;
/** The coordinator's log is being loaded or has just moved: a new cluster's first transactional id, mostly. */
const MOVING = new Set(['GROUP_LOAD_IN_PROGRESS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE']);
/** Sequences are int32; one transaction never gets near the rest. */
const SEQUENCE_LIMIT = 2 ** 31 - 2 ** 24;

export class TransactionalProducer {
  readonly #options: PublisherOptions;
  readonly #connection: KafkaConnection;
  readonly #codec: Codec;
  readonly #sequences = new Map<string, number[]>();
  #protocol: TransactionProtocol | undefined;
  #producerId = -1n;
  #epoch = -1;
  #highestSequence = 0;

  constructor(options: PublisherOptions, connection: KafkaConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#codec = codecOf(options.compression ?? 'none');
  }

  get protocolName(): string {
    return this.#protocol?.name ?? 'none';
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Fences every older producer of this transactional id and waits until its transaction is settled. */
  async initialise(): Promise<void> {
    const { transactionalId, transactionTimeoutMs = 10_000 } = this.#options;
    const coordinator = await this.#initProducerId();
    const groupCoordinator = await this.#connection.coordinator(COORDINATOR.group, transactionalId);
    this.#protocol = protocolFor(this.#options.protocol ?? 'auto', { connection: this.#connection, coordinator, groupCoordinator, patienceMs: transactionTimeoutMs });
  }

  /** Returns the transaction coordinator. */
  async #initProducerId(): Promise<Broker> {
    const { transactionalId, transactionTimeoutMs = 10_000 } = this.#options;
    const deadline = Date.now() + INIT_PATIENCE_MS;
    for (;;) {
      const coordinator = await this.#connection.coordinator(COORDINATOR.transaction, transactionalId);
      try {
        const { producerId, producerEpoch } = await coordinator.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs });
        this.#adopt(BigInt(producerId), producerEpoch);
        return coordinator;
      } catch (error) {
        const type = errorType(error) ?? '';
        const settling = type === 'CONCURRENT_TRANSACTIONS';
        if (!(settling || MOVING.has(type)) || this.#connection.isDead || Date.now() > deadline) throw error;
        await sleep(settling ? SETTLING_WAIT_MS : MOVING_WAIT_MS);
      }
    }
  }

  /** The stored position, settled; null = none was ever stored, or it has expired. */
  async readPosition(): Promise<StoredPosition | null> {
    const { transactionalId, positionTopic } = this.#options;
    const { offset, metadata } = await readGroupOffset(this.#connection, { group: transactionalId, topic: positionTopic });
    return offset < 0n ? null : parsePositionRecord(metadata ?? '', Number(offset), transactionalId);
  }

  /** Publishes the batch and the position in one transaction. */
  async commit(batch: Batch, position: StoredPosition): Promise<void> {
    const { transactionalId, positionTopic } = this.#options;
    const protocol = this.#protocol;
    if (protocol === undefined) throw new Error('the producer is not initialised');
    const producer = { transactionalId, producerId: this.#producerId, epoch: this.#epoch };
    const offset = {
      group: transactionalId, topic: positionTopic, partition: POSITION_PARTITION,
      offset: BigInt(position.events), metadata: formatPositionRecord(position),
    };
    await protocol.addPartitions(producer, batch.partitions, transactionalId);
    await Promise.all([
      sendByLeader(batch.partitions, {
        connection: this.#connection, protocol, producer, codec: this.#codec, timeoutMs: this.#options.kafka.requestTimeoutMs ?? 5000,
        nextSequence: (topic, partition, count) => this.#nextSequence(topic, partition, count),
      }),
      protocol.commitOffset(producer, offset),
    ]);
    // Sent once. Without a clear answer only the position tells what happened.
    const next = await protocol.end(producer);
    if (next.producerId !== this.#producerId || next.epoch !== this.#epoch) this.#adopt(next.producerId, next.epoch);
    if (this.#highestSequence > (this.#options.sequenceLimit ?? SEQUENCE_LIMIT)) await this.initialise();
  }

  #adopt(producerId: bigint, epoch: number): void {
    this.#producerId = producerId;
    this.#epoch = epoch;
    this.#sequences.clear();
    this.#highestSequence = 0;
  }

  #nextSequence(topic: string, partition: number, count: number): number {
    let sequences = this.#sequences.get(topic);
    if (sequences === undefined) this.#sequences.set(topic, (sequences = []));
    const sequence = sequences[partition] ?? 0;
    const next = sequence + count;
    if (next >= 2 ** 31) throw new RetryableError('kafka_sequence', `${topic}-${partition} has used up its sequence numbers`);
    sequences[partition] = next;
    this.#highestSequence = Math.max(this.#highestSequence, next);
    return sequence;
  }
}
