/**
 * Produce v7 (classic transactions) and v12 (KIP-890: partitions join the transaction by being produced to).
 *
 *   <request> is <transactional id><acks:int16 = -1><timeout:int32>[<topic>[<partition:int32><record batch>]]
 */
import { CONCURRENT_TRANSACTIONS, BrokerError } from './error-codes.js';
import type { ProtocolReader } from './protocol-reader.js';
import { ProtocolWriter } from './protocol-writer.js';
import { wireRequest, type WireRequest } from './requests.js';

const ACKS_ALL = -1;

export interface ProducePartition {
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProduceOptions {
  readonly version: 7 | 12;
  readonly transactionalId: string;
  readonly timeoutMs: number;
  readonly topics: ReadonlyMap<string, readonly ProducePartition[]>;
}

/** Rejects with the first partition's error; CONCURRENT_TRANSACTIONS only when every partition says so, that is when nothing was written. */
export function produce(options: ProduceOptions): WireRequest<void> {
  const flexible = options.version === 12;
  return wireRequest<void>({
    apiKey: 0, apiVersion: options.version, apiName: 'Produce', flexible,
    body: flexible ? flexibleBody(options) : plainBody(options),
    read: (reader) => {
      const errors: BrokerError[] = [];
      let partitions = 0;
      const answer = (topic: string | null, partition: number, code: number): void => {
        partitions++;
        if (code !== 0) errors.push(new BrokerError(code, 'Produce', { topic: topic ?? '', partition }));
      };
      const throttleMs = flexible ? readFlexible(reader, answer) : readPlain(reader, answer);
      const sent = [...options.topics.values()].reduce((sum, each) => sum + each.length, 0);
      if (partitions !== sent) throw new RangeError(`Produce answer: ${partitions} partitions of ${sent}`);
      // A mixed answer must not look like "nothing was written".
      const error = errors.find((each) => each.code !== CONCURRENT_TRANSACTIONS) ?? errors[0];
      if (error?.code === CONCURRENT_TRANSACTIONS && errors.length < partitions) throw new RangeError(`Produce answer: ${error.message}, in part`);
      if (error !== undefined) throw error;
      return { value: undefined, throttleMs };
    },
  });
}

function plainBody({ transactionalId, timeoutMs, topics }: ProduceOptions): Uint8Array[] {
  const writer = new ProtocolWriter().string(transactionalId).int16(ACKS_ALL).int32(timeoutMs).int32(topics.size);
  for (const [topic, partitions] of topics) {
    writer.string(topic).int32(partitions.length);
    for (const { partition, batch } of partitions) writer.int32(partition).int32(batch.length).raw(batch);
  }
  return writer.parts();
}

function flexibleBody({ transactionalId, timeoutMs, topics }: ProduceOptions): Uint8Array[] {
  const writer = new ProtocolWriter().compactString(transactionalId).int16(ACKS_ALL).int32(timeoutMs).compactArrayLength(topics.size);
  for (const [topic, partitions] of topics) {
    writer.compactString(topic).compactArrayLength(partitions.length);
    for (const { partition, batch } of partitions) writer.int32(partition).unsignedVarint(batch.length + 1).raw(batch).noTags();
    writer.noTags();
  }
  return writer.noTags().parts();
}

type OnPartition = (topic: string | null, partition: number, code: number) => void;

function readPlain(reader: ProtocolReader, answer: OnPartition): number {
  reader.array(() => {
    const topic = reader.string();
    reader.array(() => {
      answer(topic, reader.int32(), reader.int16());
      reader.int64();
      reader.int64();
      reader.int64();
    });
  });
  return reader.int32();
}

function readFlexible(reader: ProtocolReader, answer: OnPartition): number {
  reader.compactArray(() => {
    const topic = reader.compactString();
    reader.compactArray(() => {
      answer(topic, reader.int32(), reader.int16());
      reader.int64();
      reader.int64();
      reader.int64();
      reader.compactArray(() => {
        reader.int32();
        reader.compactString();
        reader.tags();
      });
      reader.compactString();
      reader.tags();
    });
    reader.tags();
  });
  const throttleMs = reader.int32();
  reader.tags();
  return throttleMs;
}
