/** A deterministic log of numbered mutations, and what must come out of it: the writer whose acknowledgements the judge compares with. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliverySource, MutationEvents } from '../../agent/publisher/kafka/delivery.js';
import type { PublishRecord, StoredPosition } from '../../agent/publisher/kafka/port.js';
import { murmur2 } from '../../agent/serializer/murmur2.js';
import type { ConsumedRecord, JudgedEvent, SeenEvent } from './judge.js';

export interface SequenceOptions {
  readonly topic: string;
  readonly mutations: number;
  readonly keys?: number;
  /** Mutations per second; unlimited by default. */
  readonly rate?: number;
}

const SEGMENT = 1795360528612;
/** Positions of neighbouring mutations are this far apart. */
const STEP = 10;
const CHUNK = 25;

/** Most mutations give one event, some none, some several, and one in 211 more than a small transaction holds. */
export function eventsOf(mutation: number): number {
  if (mutation % 211 === 210) return 260;
  return [1, 1, 3, 1, 0, 1, 2][mutation % 7];
}

export class Sequence implements DeliverySource {
  readonly #options: SequenceOptions;
  /** How often the log was read from a stored position. */
  reads = 0;

  constructor(options: SequenceOptions) {
    this.#options = options;
  }

  async *read(from: StoredPosition | null, signal: AbortSignal): AsyncGenerator<Iterable<MutationEvents>> {
    this.reads++;
    const { mutations, rate } = this.#options;
    const started = performance.now();
    // The mutation that ends at `position` is number position / STEP - 1; with an index it comes again.
    const first = from === null ? 0 : from.position / STEP - (from.index > 0 ? 1 : 0);
    for (let at = first; at < mutations && !signal.aborted; ) {
      const end = Math.min(at + CHUNK, mutations);
      yield this.#chunk(at, end);
      at = end;
      const due = rate === undefined ? 0 : ((at - first) / rate) * 1000 - (performance.now() - started);
      if (due > 0) await sleep(due, undefined, { signal }).catch(() => undefined);
      else await new Promise(setImmediate);
    }
  }

  /** In the order of the log. */
  written(): JudgedEvent[] {
    const events: JudgedEvent[] = [];
    for (let mutation = 0; mutation < this.#options.mutations; mutation++) {
      for (let index = 0; index < eventsOf(mutation); index++) events.push({ key: this.#key(mutation), id: `${mutation}.${index}` });
    }
    return events;
  }

  *#chunk(from: number, to: number): Generator<MutationEvents> {
    for (let mutation = from; mutation < to; mutation++) {
      yield { end: { segment: SEGMENT, position: (mutation + 1) * STEP }, records: this.#records(mutation) };
    }
  }

  #records(mutation: number): PublishRecord[] {
    const key = this.#key(mutation);
    return Array.from({ length: eventsOf(mutation) }, (_, index) => recordOf(this.#options.topic, key, `{"id":"${mutation}.${index}"}`, {
      headers: [['cdc.id', `${mutation}.${index}`]], timestamp: SEGMENT + mutation,
    }));
  }

  #key(mutation: number): string {
    return `{"k":${mutation % (this.#options.keys ?? 37)}}`;
  }
}

export function recordOf(topic: string, key: string, value: string | null, { headers = [], timestamp = SEGMENT }: Partial<Pick<PublishRecord, 'headers' | 'timestamp'>> = {}): PublishRecord {
  const keyBytes = Buffer.from(key);
  const bytes = Buffer.concat([keyBytes, Buffer.from(value ?? '')]);
  return {
    topic, bytes, keyStart: 0, keyEnd: keyBytes.length, valueStart: value === null ? -1 : keyBytes.length, valueEnd: value === null ? -1 : bytes.length,
    headers, timestamp, partitionHint: murmur2(keyBytes, 0, keyBytes.length),
  };
}

export function seenEvents(records: readonly ConsumedRecord[]): SeenEvent[] {
  return records.map(({ key, value, partition, offset }) => ({
    key: key?.toString() ?? '', id: (JSON.parse(value?.toString() ?? '{}') as { id?: string }).id ?? '', partition, offset,
  }));
}
