/**
 * A small model of what Kafka promises a transactional producer: a log of committed events and one position, changed
 * together or not at all; whoever initialises last is the only one that can commit. Faults strike by a given plan.
 */
import { RetryableError } from '../../../../agent/errors.js';
import { AbortedError } from '../../../../agent/publisher/kafka/aborted.js';
import type { CommitPosition, PublishRecord, RecoverablePublisher, StoredPosition } from '../../../../agent/publisher/kafka/port.js';

export type PlannedFault = 'none' | 'refused' | 'answer lost' | 'dies in append';

export class FakeKafka {
  readonly log: string[] = [];
  readonly transactions: { readonly events: number; readonly position: StoredPosition }[] = [];
  position: StoredPosition | null = null;
  epoch = 0;
}

export class FakePublisher implements RecoverablePublisher {
  readonly #kafka: FakeKafka;
  readonly #plan: () => PlannedFault;
  #epoch = -1;
  #batch: string[] | undefined;
  #bytes = 0;
  #committing = false;
  recoveries = 0;

  constructor(kafka: FakeKafka, plan: () => PlannedFault = () => 'none') {
    this.#kafka = kafka;
    this.#plan = plan;
  }

  get pendingEvents(): number {
    return this.#batch?.length ?? 0;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  async recover(signal?: AbortSignal): Promise<StoredPosition | null> {
    this.discard();
    await pause();
    if (signal?.aborted === true) throw new AbortedError();
    this.recoveries++;
    this.#epoch = ++this.#kafka.epoch;
    return this.#kafka.position;
  }

  begin(): void {
    if (this.#epoch < 0) throw new Error('begin without recover');
    if (this.#batch !== undefined) throw new Error('begin twice');
    this.#batch = [];
    this.#bytes = 0;
  }

  append(records: readonly PublishRecord[], from = 0, to = records.length): Promise<void> | undefined {
    if (this.#epoch < 0) throw new AbortedError();
    if (this.#batch === undefined) throw new Error('append without begin');
    for (const { bytes, valueStart, valueEnd } of records.slice(from, to)) {
      this.#batch.push(bytes.toString('utf8', valueStart, valueEnd));
      this.#bytes += bytes.length;
    }
    if (this.#plan() !== 'dies in append') return undefined;
    this.discard();
    return pause().then(() => Promise.reject(new RetryableError('kafka_fault', 'a topic could not be looked up')));
  }

  async commit(position: CommitPosition): Promise<StoredPosition> {
    const batch = this.#batch;
    if (batch === undefined) throw new Error('commit without begin');
    if (this.#committing) throw new Error('two transactions at a time');
    const epoch = this.#epoch;
    this.#batch = undefined;
    this.#committing = true;
    const fault = this.#plan();
    await pause();
    await pause();
    this.#committing = false;
    const kafka = this.#kafka;
    if (epoch !== kafka.epoch || fault === 'refused') {
      this.discard();
      throw new RetryableError('kafka_fenced', 'refused');
    }
    const stored = { segment: position.segment, position: position.position, index: position.index, low: position.low ?? null, instance: 'i', events: (kafka.position?.events ?? 0) + batch.length, extra: {} };
    kafka.log.push(...batch);
    kafka.position = stored;
    kafka.transactions.push({ events: batch.length, position: stored });
    if (fault === 'answer lost') {
      this.discard();
      throw new RetryableError('kafka_unreachable', 'no answer');
    }
    return stored;
  }

  discard(): void {
    this.#epoch = -1;
    this.#batch = undefined;
  }
}

function pause(): Promise<void> {
  return new Promise(setImmediate);
}
