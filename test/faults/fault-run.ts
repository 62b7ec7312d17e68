/** One delivery of a numbered sequence, judged. */
import { randomUUID } from 'node:crypto';
import type { OperatorError } from '../../agent/errors.js';
import { Delivery } from '../../agent/publisher/kafka/delivery.js';
import { KafkaPublisher } from '../../agent/publisher/kafka/kafka-publisher.js';
import type { PublisherOptions } from '../../agent/publisher/kafka/options.js';
import type { RecoverablePublisher } from '../../agent/publisher/kafka/port.js';
import { judge, type JudgeConsumer, type Verdict } from './judge.js';
import { seenEvents, Sequence, type SequenceOptions } from './sequence.js';

/** Answers count as lost after this, so that a case takes seconds. */
export const REQUEST_TIMEOUT_MS = 300;

export interface FaultRun {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly mutations?: number;
  readonly rate?: number;
  readonly protocol?: 'classic' | 'kip890';
  readonly publisher?: Partial<PublisherOptions>;
  /** Puts something between delivery and publisher. */
  readonly wrap?: (publisher: KafkaPublisher) => RecoverablePublisher;
  readonly maxEvents?: number;
  readonly onCommitted?: () => void | Promise<void>;
  readonly onFault?: (error: OperatorError) => void;
}

export interface FaultOutcome {
  /** Codes of the faults, in order. */
  readonly faults: string[];
  readonly protocols: Set<string>;
  readonly sequence: Sequence;
  readonly transactions: number;
}

export function publisherOptions({ brokers, topic, protocol, publisher }: FaultRun): PublisherOptions {
  return {
    kafka: { brokers, requestTimeoutMs: REQUEST_TIMEOUT_MS, connectionTimeoutMs: 2000 },
    transactionalId: `cdc-faults-${topic}`,
    positionTopic: 'cdc.position',
    instance: randomUUID(),
    topics: { create: true, partitions: 4, replicationFactor: 1, config: {} },
    ...(protocol !== undefined && { protocol }),
    ...publisher,
  };
}

export function sequenceOf({ topic, mutations = 1500, rate }: FaultRun): Sequence {
  const options: SequenceOptions = { topic, mutations, ...(rate !== undefined && { rate }) };
  return new Sequence(options);
}

/** Delivers the whole sequence, through whatever faults. */
export async function deliverAll(run: FaultRun, signal: AbortSignal = new AbortController().signal): Promise<FaultOutcome> {
  const faults: string[] = [];
  const protocols = new Set<string>();
  let transactions = 0;
  const publisher = new KafkaPublisher(publisherOptions(run), {
    fault: ({ error }) => {
      faults.push(error.code);
      run.onFault?.(error);
    },
    recovered: ({ protocol }) => void protocols.add(protocol),
    committed: () => void transactions++,
  });
  const sequence = sequenceOf(run);
  const delivery = new Delivery({
    publisher: run.wrap?.(publisher) ?? publisher, source: sequence, limits: { maxEvents: run.maxEvents ?? 100, intervalMs: 5, maxBytes: 1 << 20 }, positionMs: 20,
    ...(run.onCommitted !== undefined && { onCommitted: run.onCommitted }),
  });
  try {
    await delivery.run(signal);
  } finally {
    await publisher.close();
  }
  return { faults, protocols, sequence, transactions };
}

export async function verdictOn(consumer: JudgeConsumer, topic: string, sequence: Sequence): Promise<Verdict> {
  return judge(sequence.written(), seenEvents(await consumer.read(topic)));
}
