/**
 * The two ways to run a transaction. Classic: partitions and the group are added by requests of their own, EndTxn leaves
 * the epoch as it is. KIP-890 (`transaction.version` 2, Kafka 4.0): what is produced to is part of the transaction, and
 * EndTxn answers with the next epoch, so that a late request of an earlier transaction is refused.
 */
import { ConfigError } from '../../errors.js';
import type { PartitionBatches } from './batch.js';
import type { KafkaConnection } from './connection.js';
import { errorType } from './faults.js';
import type { Broker } from './kafkajs-client.js';
import { sleep } from './sleep.js';
import { commitTransaction, txnOffsetCommit, type NextProducer, type OffsetToCommit, type ProducerIdentity } from './wire/transactions.js';

const NEEDED: readonly (readonly [apiKey: number, version: number])[] = [[0, 12], [26, 5], [28, 5]];

export interface TransactionProtocol {
  readonly name: 'classic' | 'kip890';
  readonly produceVersion: 7 | 12;
  addPartitions(producer: ProducerIdentity, partitions: readonly PartitionBatches[], group: string): Promise<void>;
  commitOffset(producer: ProducerIdentity, offset: OffsetToCommit): Promise<void>;
  /** Never retried. */
  end(producer: ProducerIdentity): Promise<NextProducer>;
  /** Repeats while the answer is CONCURRENT_TRANSACTIONS, that is while nothing was done. */
  whenFree<T>(request: () => Promise<T>): Promise<T>;
}

export interface ProtocolContext {
  readonly connection: KafkaConnection;
  readonly coordinator: Broker;
  readonly groupCoordinator: Broker;
  readonly patienceMs: number;
}

export function protocolFor(wanted: 'auto' | 'classic' | 'kip890', context: ProtocolContext): TransactionProtocol {
  const { versions, transactionVersion } = context.connection.features;
  const able = transactionVersion >= 2 && NEEDED.every(([key, version]) => (versions.get(key) ?? -1) >= version);
  if (wanted === 'kip890' && !able) {
    throw new ConfigError('kafka_protocol', 'the Kafka cluster has not turned on transaction.version 2', { fix: 'turn it on (kafka-features.sh upgrade --feature transaction.version=2), or let the agent choose the protocol' });
  }
  return able && wanted !== 'classic' ? new Kip890(context) : new Classic(context);
}

abstract class Protocol {
  protected readonly context: ProtocolContext;

  constructor(context: ProtocolContext) {
    this.context = context;
  }

  async whenFree<T>(request: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.context.patienceMs;
    for (let tries = 0; ; tries++) {
      try {
        return await request();
      } catch (error) {
        if (errorType(error) !== 'CONCURRENT_TRANSACTIONS' || this.context.connection.isDead || Date.now() > deadline) throw error;
        await sleep(tries < 3 ? 1 : 5);
      }
    }
  }
}

class Classic extends Protocol implements TransactionProtocol {
  readonly name = 'classic';
  readonly produceVersion = 7;

  async addPartitions({ transactionalId, producerId, epoch }: ProducerIdentity, partitions: readonly PartitionBatches[], group: string): Promise<void> {
    const { coordinator } = this.context;
    const producer = { transactionalId, producerId: producerId.toString(), producerEpoch: epoch };
    if (partitions.length > 0) {
      const topics = new Map<string, number[]>();
      for (const { topic, partition } of partitions) (topics.get(topic) ?? topics.set(topic, []).get(topic))?.push(partition);
      const request = { ...producer, topics: [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers })) };
      await this.whenFree(() => coordinator.addPartitionsToTxn(request));
    }
    await this.whenFree(() => coordinator.addOffsetsToTxn({ ...producer, groupId: group }));
  }

  async commitOffset({ transactionalId, producerId, epoch }: ProducerIdentity, { group, topic, partition, offset, metadata }: OffsetToCommit): Promise<void> {
    await this.context.groupCoordinator.txnOffsetCommit({
      transactionalId, groupId: group, producerId: producerId.toString(), producerEpoch: epoch,
      topics: [{ topic, partitions: [{ partition, offset: offset.toString(), metadata }] }],
    });
  }

  async end({ transactionalId, producerId, epoch }: ProducerIdentity): Promise<NextProducer> {
    await this.context.coordinator.endTxn({ transactionalId, producerId: producerId.toString(), producerEpoch: epoch, transactionResult: true });
    return { producerId, epoch };
  }
}

class Kip890 extends Protocol implements TransactionProtocol {
  readonly name = 'kip890';
  readonly produceVersion = 12;

  addPartitions(): Promise<void> {
    return Promise.resolve();
  }

  commitOffset(producer: ProducerIdentity, offset: OffsetToCommit): Promise<void> {
    const { connection, groupCoordinator } = this.context;
    return this.whenFree(() => connection.send(groupCoordinator, txnOffsetCommit(producer, offset)));
  }

  end(producer: ProducerIdentity): Promise<NextProducer> {
    return this.context.connection.send(this.context.coordinator, commitTransaction(producer));
  }
}
