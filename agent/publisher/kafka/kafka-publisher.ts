/**
 * The publisher port over Kafka. One rule for every fault: the producer is dead, its sockets are destroyed, a new one is
 * initialised, the position is read, and the log is read again from there. EndTxn is never repeated, and nothing is ever
 * resumed from memory.
 */
import type { OperatorError } from '../../errors.js';
import { AbortedError } from './aborted.js';
import { Batch } from './batch.js';
import { codecOf } from './compress/codec.js';
import { KafkaConnection } from './connection.js';
import { explainFault, OversizeEventError } from './faults.js';
import { InstanceGuard } from './instance-guard.js';
import type { PublisherOptions } from './options.js';
import { deadLetters, eventName, SMALLEST_PIECE } from './oversize.js';
import type { CommitPosition, PublishRecord, RecoverablePublisher, StoredPosition } from './port.js';
import { BatchTooLargeError } from './produce-by-leader.js';
import type { PublisherListener } from './publisher-listener.js';
import { backoffMs, sleep } from './sleep.js';
import { ensureTopic } from './topics.js';
import { TransactionalProducer } from './transactional-producer.js';
import { BrokerError } from './wire/error-codes.js';

const MAX_BATCH_BYTES = 1_000_000;
/** New partitions of a topic are seen after this. */
const REFRESH_MS = 300_000;
/** Brokers refuse what lies further ahead (message.timestamp.after.max.ms, one hour by default), and Cassandra takes any write time. */
const AHEAD_MS = 50 * 60_000;

interface Life {
  readonly connection: KafkaConnection;
  readonly producer: TransactionalProducer;
  /** Number of partitions by topic. */
  readonly partitions: Map<string, number>;
  refreshedAt: number;
}

export class KafkaPublisher implements RecoverablePublisher {
  readonly #options: PublisherOptions;
  readonly #listener: PublisherListener;
  readonly #guard: InstanceGuard;
  /** Learned from the broker: largest record batch by topic. */
  readonly #limits = new Map<string, number>();
  /** Learned from the broker: topics whose records get the time of sending. */
  readonly #ownClock = new Set<string>();
  /** Running numbers of the events that go to the dead-letter topic. */
  readonly #diverted = new Set<number>();
  readonly #free: Batch[] = [];
  #pieceBytes: number;
  #life: Life | undefined;
  #batch: Batch | undefined;
  #committing = false;
  /** Running number of the next event. */
  #events = 0;
  #extra: Readonly<Record<string, unknown>> = {};
  /** Faults since the last commit. */
  #failures = 0;
  #failingSince = 0;

  constructor(options: PublisherOptions, listener: PublisherListener = {}) {
    this.#options = options;
    this.#listener = listener;
    this.#guard = new InstanceGuard(options);
    this.#pieceBytes = (options.maxBatchBytes ?? MAX_BATCH_BYTES) >>> 1;
    codecOf(options.compression ?? 'none');
  }

  get pendingEvents(): number {
    return this.#batch?.events ?? 0;
  }

  get pendingBytes(): number {
    return this.#batch?.bytes ?? 0;
  }

  async recover(signal?: AbortSignal): Promise<StoredPosition | null> {
    for (;;) {
      this.discard();
      await sleep(backoffMs(this.#failures), signal);
      if (signal?.aborted === true) throw new AbortedError();
      const life = this.#newLife();
      try {
        const position = await this.#enter(life);
        this.#listener.recovered?.({ position, failures: this.#failures, protocol: life.producer.protocolName });
        return position;
      } catch (error) {
        life.connection.destroy();
        const fault = this.#fault(error);
        if (!fault.retryable) throw fault;
      }
    }
  }

  begin(): void {
    if (this.#life === undefined) throw new Error('the publisher has not recovered');
    if (this.#batch !== undefined) throw new Error('a batch is open already');
    this.#batch = this.#free.pop() ?? new Batch((topic) => this.#limits.get(topic) ?? this.#options.maxBatchBytes ?? MAX_BATCH_BYTES);
  }

  append(records: readonly PublishRecord[], from = 0, to = records.length): Promise<void> | undefined {
    const { life, batch } = this.#current();
    const now = Date.now();
    for (let at = from; at < to; at++) {
      const record = records[at];
      const count = life.partitions.get(record.topic);
      if (count === undefined) return this.#learnOrFail(record.topic, life).then(() => this.append(records, at, to));
      if (this.#diverted.size > 0 && this.#diverted.has(this.#events)) this.#divert(record, batch, life);
      else batch.append(record, partitionOf(record, count), { timestamp: this.#timestamp(record, now), event: this.#events });
      batch.countEvent();
      this.#events++;
    }
    return undefined;
  }

  async commit(position: CommitPosition): Promise<StoredPosition> {
    const { life, batch } = this.#current();
    if (this.#committing) throw new Error('a transaction is being committed already');
    const { segment, position: offset, index, low = null, settled, written } = position;
    const stored = { segment, position: offset, index, low, ...(settled !== undefined && { settled }), ...(written !== undefined && { written }), instance: this.#options.instance, events: this.#events, extra: this.#extra };
    this.#batch = undefined;
    this.#committing = true;
    const started = performance.now();
    try {
      await this.#refresh(life);
      await life.producer.commit(batch, stored);
    } catch (error) {
      throw this.#end(life, this.#learnFrom(error));
    } finally {
      this.#committing = false;
    }
    this.#listener.committed?.({ position: stored, events: batch.events, bytes: batch.bytes, ms: performance.now() - started });
    this.#succeeded(stored);
    batch.reset();
    this.#free.push(batch);
    return stored;
  }

  discard(): void {
    this.#life?.connection.destroy();
    this.#life = undefined;
    // A batch that is being sent still refers to its memory: dropped, not reused.
    this.#batch = undefined;
  }

  /** Orderly end: nothing may be in flight. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    this.#batch = undefined;
    await life?.connection.close();
  }

  #newLife(): Life {
    const connection = new KafkaConnection(this.#options.kafka);
    return { connection, producer: new TransactionalProducer(this.#options, connection), partitions: new Map(), refreshedAt: Date.now() };
  }

  /** The steps of a start, in order. */
  async #enter(life: Life): Promise<StoredPosition | null> {
    const { connection, producer } = life;
    await connection.open();
    await ensureTopic(connection, this.#options.positionTopic, { ...this.#options.topics, partitions: 1, config: {} });
    if (this.#diverted.size > 0 && this.#options.oversize?.policy === 'dead_letter') await this.#learn(this.#options.oversize.topic, life);
    await producer.initialise();
    const position = await this.#guard.judge(await producer.readPosition(), () => producer.readPosition());
    this.#events = position?.events ?? 0;
    this.#extra = position?.extra ?? {};
    this.#life = life;
    return position;
  }

  async #learn(topic: string, life: Life): Promise<void> {
    life.partitions.set(topic, await ensureTopic(life.connection, topic, this.#options.topics));
  }

  async #learnOrFail(topic: string, life: Life): Promise<void> {
    try {
      await this.#learn(topic, life);
    } catch (error) {
      throw this.#end(life, error);
    }
  }

  /** The error as the caller gets it. A life that is over already has had its fault. */
  #end(life: Life, error: unknown): Error {
    if (this.#life !== life) return new AbortedError('the producer was discarded');
    this.discard();
    return this.#fault(error);
  }

  async #refresh(life: Life): Promise<void> {
    if (Date.now() - life.refreshedAt < REFRESH_MS) return;
    await life.connection.refresh();
    life.refreshedAt = Date.now();
    for (const topic of life.partitions.keys()) life.partitions.set(topic, life.connection.partitionsOf(topic));
  }

  #divert(record: PublishRecord, batch: Batch, life: Life): void {
    const { oversize } = this.#options;
    if (oversize?.policy !== 'dead_letter') throw new Error('an event was diverted without a dead-letter topic');
    const count = life.partitions.get(oversize.topic) ?? 1;
    for (const piece of deadLetters(record, oversize.topic, this.#pieceBytes)) {
      batch.append(piece, partitionOf(piece, count), { timestamp: this.#timestamp(piece, Date.now()), event: this.#events });
    }
    this.#listener.deadLettered?.({ topic: record.topic, event: eventName(record) });
  }

  #timestamp({ topic, timestamp }: PublishRecord, now: number): number {
    return timestamp > now + AHEAD_MS || (this.#ownClock.size > 0 && this.#ownClock.has(topic)) ? now : timestamp;
  }

  /** Decides how the next attempt differs; gives the error to report. */
  #learnFrom(error: unknown): unknown {
    if (error instanceof BrokerError && error.type === 'INVALID_TIMESTAMP' && error.topic !== undefined) this.#ownClock.add(error.topic);
    return error instanceof BatchTooLargeError ? this.#learnSize(error) : error;
  }

  #learnSize(error: BatchTooLargeError): Error {
    const { topic, batch } = error;
    const { oversize } = this.#options;
    if (batch.count > 1) {
      this.#limits.set(topic, batch.length >>> 1);
    } else if (oversize?.policy !== 'dead_letter' || (topic === oversize.topic && this.#pieceBytes < SMALLEST_PIECE)) {
      return new OversizeEventError({ topic, bytes: batch.length, event: batch.first === undefined ? '' : eventName(batch.first) });
    } else if (topic === oversize.topic) {
      this.#pieceBytes >>>= 1;
    } else {
      this.#diverted.add(batch.firstEvent);
    }
    return error;
  }

  #succeeded(stored: StoredPosition): void {
    this.#guard.committed(stored);
    for (const event of this.#diverted) if (event < stored.events) this.#diverted.delete(event);
    if (this.#failures > 0) this.#listener.healthy?.({ failures: this.#failures, ms: performance.now() - this.#failingSince });
    this.#failures = 0;
  }

  #fault(error: unknown): OperatorError {
    const fault = explainFault(error, this.#options.transactionalId);
    if (this.#failures++ === 0) this.#failingSince = performance.now();
    this.#listener.fault?.({ error: fault, failures: this.#failures });
    return fault;
  }

  #current(): { readonly life: Life; readonly batch: Batch } {
    if (this.#life === undefined) throw new AbortedError('the producer was discarded');
    if (this.#batch === undefined) throw new Error('no batch is open');
    return { life: this.#life, batch: this.#batch };
  }
}

/** As the Java client's default partitioner, when the hint is murmur2 of the key. */
function partitionOf({ partitionHint }: PublishRecord, partitions: number): number {
  return (partitionHint & 0x7fffffff) % partitions;
}
