/**
 * The records of one transaction, encoded as they come: by topic and partition, in record batches of at most the topic's
 * limit. A partition has several when one would be too large; they are sent one after the other ("waves").
 */
import type { PublishRecord } from './port.js';
import { RecordBatch } from './wire/record-batch.js';

/** Memory kept for the next transaction. */
const POOL_BYTES = 8 << 20;

export interface PartitionBatches {
  readonly topic: string;
  readonly partition: number;
  readonly batches: RecordBatch[];
}

interface TopicBatches {
  readonly limit: number;
  readonly partitions: PartitionBatches[];
}

export class Batch {
  readonly #limitOf: (topic: string) => number;
  readonly #topics = new Map<string, TopicBatches>();
  readonly #partitions: PartitionBatches[] = [];
  readonly #pool: RecordBatch[] = [];
  #events = 0;
  #bytes = 0;

  /** `limitOf`: largest record batch of a topic, in bytes. */
  constructor(limitOf: (topic: string) => number) {
    this.#limitOf = limitOf;
  }

  get partitions(): readonly PartitionBatches[] {
    return this.#partitions;
  }

  /** Events, as the log counts them: one that goes in several records is one. */
  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#partitions.reduce((sum, { batches }) => sum + batches.reduce((count, each) => count + each.count, 0), 0);
  }

  countEvent(): void {
    this.#events++;
  }

  /** `event`: running number of the event that the record belongs to. */
  append(record: PublishRecord, partition: number, { timestamp, event }: { readonly timestamp: number; readonly event: number }): void {
    const topic = this.#topic(record.topic);
    const batches = this.#batchesOf(topic, record.topic, partition);
    let last = batches[batches.length - 1];
    let added = last.append(record, timestamp, topic.limit);
    if (added === 0) {
      last = this.#pool.pop() ?? new RecordBatch();
      batches.push(last);
      added = last.append(record, timestamp, topic.limit);
    }
    if (last.count === 1) last.firstEvent = event;
    this.#bytes += added;
  }

  /** Empties it and keeps a bounded part of its memory. */
  reset(): void {
    let kept = this.#pool.reduce((sum, each) => sum + each.capacity, 0);
    for (const { batches } of this.#partitions) {
      for (const batch of batches) {
        kept += batch.capacity;
        if (kept > POOL_BYTES) break;
        batch.clear();
        this.#pool.push(batch);
      }
    }
    this.#topics.clear();
    this.#partitions.length = 0;
    this.#events = 0;
    this.#bytes = 0;
  }

  #topic(name: string): TopicBatches {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const topic = { limit: this.#limitOf(name), partitions: [] };
    this.#topics.set(name, topic);
    return topic;
  }

  #batchesOf({ partitions }: TopicBatches, topic: string, partition: number): RecordBatch[] {
    const known = partitions[partition] as PartitionBatches | undefined;
    if (known !== undefined) return known.batches;
    const added = { topic, partition, batches: [this.#pool.pop() ?? new RecordBatch()] };
    partitions[partition] = added;
    this.#partitions.push(added);
    return added.batches;
  }
}
