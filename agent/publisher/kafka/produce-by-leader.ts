/**
 * Sends a transaction's record batches: one request per leader at a time, the leaders side by side. A request to one
 * leader never waits for, repeats with, or fails another's (one request over several leaders gave committed duplicates).
 */
import { RetryableError } from '../../errors.js';
import type { PartitionBatches } from './batch.js';
import type { Codec } from './compress/codec.js';
import type { KafkaConnection } from './connection.js';
import type { TransactionProtocol } from './transaction-protocol.js';
import { BrokerError } from './wire/error-codes.js';
import { produce, type ProducePartition } from './wire/produce.js';
import type { RecordBatch } from './wire/record-batch.js';
import type { ProducerIdentity } from './wire/transactions.js';

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

export interface SendContext {
  readonly connection: Pick<KafkaConnection, 'send' | 'broker' | 'leadersOf'>;
  readonly protocol: Pick<TransactionProtocol, 'produceVersion' | 'whenFree'>;
  readonly producer: ProducerIdentity;
  readonly codec: Codec;
  readonly timeoutMs: number;
  readonly nextSequence: (topic: string, partition: number, count: number) => number;
}

/** A record batch that its topic does not take. */
export class BatchTooLargeError extends Error {
  readonly topic: string;
  readonly batch: RecordBatch;

  constructor(topic: string, batch: RecordBatch, cause: Error) {
    super(cause.message, { cause });
    this.topic = topic;
    this.batch = batch;
  }
}

export async function sendByLeader(partitions: readonly PartitionBatches[], context: SendContext): Promise<void> {
  await Promise.all([...groupByLeader(partitions, context.connection)].map(([leader, theirs]) => sendTo(leader, theirs, context)));
}

export function groupByLeader(partitions: readonly PartitionBatches[], connection: Pick<KafkaConnection, 'leadersOf'>): Map<number, PartitionBatches[]> {
  const leaders = new Map<string, readonly number[]>();
  const groups = new Map<number, PartitionBatches[]>();
  for (const each of partitions) {
    let ofTopic = leaders.get(each.topic);
    if (ofTopic === undefined) leaders.set(each.topic, (ofTopic = connection.leadersOf(each.topic)));
    const leader = ofTopic[each.partition] ?? -1;
    if (leader < 0) throw new RetryableError('kafka_no_leader', `${each.topic}-${each.partition} has no leader`, { fix: 'check the brokers of the cluster' });
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [each]);
    else group.push(each);
  }
  return groups;
}

/** Wave by wave: the second batch of a partition goes when the first is answered. */
async function sendTo(leader: number, partitions: readonly PartitionBatches[], context: SendContext): Promise<void> {
  const { connection, protocol, producer, timeoutMs } = context;
  const broker = await connection.broker(leader);
  for (let wave = 0; ; wave++) {
    const present = partitions.filter(({ batches }) => wave < batches.length);
    if (present.length === 0) return;
    const topics = new Map<string, ProducePartition[]>();
    for (const each of present) {
      const sealed = await seal(each, wave, context);
      const ofTopic = topics.get(each.topic);
      if (ofTopic === undefined) topics.set(each.topic, [sealed]);
      else ofTopic.push(sealed);
    }
    const request = produce({ version: protocol.produceVersion, transactionalId: producer.transactionalId, timeoutMs, topics });
    try {
      await protocol.whenFree(() => connection.send(broker, request));
    } catch (error) {
      throw tooLarge(error, present, wave) ?? error;
    }
  }
}

async function seal({ topic, partition, batches }: PartitionBatches, wave: number, { producer, codec, nextSequence }: SendContext): Promise<ProducePartition> {
  const records = batches[wave];
  const batch = await records.seal({
    producerId: producer.producerId, epoch: producer.epoch, baseSequence: nextSequence(topic, partition, records.count),
    codec: codec.id, ...(codec.compress !== undefined && { compress: codec.compress }),
  });
  return { partition, batch };
}

function tooLarge(error: unknown, sent: readonly PartitionBatches[], wave: number): BatchTooLargeError | undefined {
  if (!(error instanceof BrokerError) || !TOO_LARGE.has(error.type)) return undefined;
  const found = sent.find(({ topic, partition }) => topic === error.topic && partition === error.partition);
  return found === undefined ? undefined : new BatchTooLargeError(found.topic, found.batches[wave], error);
}
