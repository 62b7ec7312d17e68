/** Runs mutations through the agent's events and serializer, as records and as lines, without anything around them. */
import { expect } from 'chai';
import { MutationEvents } from '../../../agent/events/mutation-events.js';
import { Tally } from '../../../agent/events/tally.js';
import { NO_FEATURES, type EventFeatures } from '../../../agent/serializer/event-features.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE, type EventRecord } from '../../../agent/serializer/serializer.js';
import { CASSANDRA_JSON, Mutation, Schema, type JsonOptions, type TableMetadata } from '../../../parsers/index.js';
import { int64ToString } from '../../../parsers/io/int64.js';

export interface Seen {
  readonly op: string;
  readonly scope: string;
  readonly index: number;
  readonly ts: string;
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly partitionHint: number;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly topic: string;
}

export interface CollectOptions {
  readonly version?: number;
  readonly values?: JsonOptions;
  readonly features?: EventFeatures;
}

/** The events of serialized mutations, and what was skipped. */
export function collect(tables: readonly TableMetadata[], mutations: readonly Buffer[], { version = 7, values = CASSANDRA_JSON, features = NO_FEATURES }: CollectOptions = {}): { events: Seen[]; tally: Tally } {
  const schema = new Schema(tables);
  const tally = new Tally();
  const events = new MutationEvents(schema, tally);
  const options = { topic: 'cdc.{keyspace}.{table}', values, version: '1.0.0', source: UNKNOWN_SOURCE, features };
  const serializer = new JsonSerializer(options);
  const lines = new JsonSerializer({ ...options, features: { ...features, onNotJson: () => undefined }, lines: true });
  const mutation = new Mutation(schema);
  const seen: Seen[] = [];
  const descriptor = { version, id: 1795360528612, length: 0, compression: null, encryption: null };
  events.readAt = 1795360528700;
  for (const [i, bytes] of mutations.entries()) {
    const entry = { bytes, start: 0, end: bytes.length, base: 0, position: 1000 + i };
    mutation.open(bytes, 0, bytes.length, { base: 0, version });
    events.open(mutation, entry, descriptor);
    while (events.next()) {
      const { event } = events;
      const record = serializer.serialize(event);
      expectLine(lines.serialize(event), record);
      seen.push({
        op: event.op, scope: event.scope, index: event.index, id: event.id, ts: int64ToString(event.timestampHigh, event.timestampLow),
        key: Buffer.from(record.key).toString(), value: Buffer.from(record.value).toString(),
        partitionHint: record.partitionHint, timestamp: record.timestamp, headers: record.headers, topic: record.topic,
      });
    }
  }
  return { events: seen, tally };
}

/** A line says what the record says, byte for byte, and holds it. */
function expectLine(line: EventRecord, record: EventRecord): void {
  const [key, value] = [record.key, record.value].map((bytes) => Buffer.from(bytes).toString());
  const headers = record.headers.map((header) => header.map((text) => JSON.stringify(text)).join(':')).join(',');
  expect(line.bytes.toString('utf8', line.lineStart, line.lineEnd)).to.equal(`{"topic":"${record.topic}","key":${key},"headers":{${headers}},"timestamp":${record.timestamp},"value":${value}}\n`);
  expect([record.lineStart, record.lineEnd]).to.deep.equal([undefined, undefined]);
  expect([line.key, line.value].map((bytes) => Buffer.from(bytes).toString())).to.deep.equal([key, value]);
  expect({ topic: line.topic, headers: line.headers, timestamp: line.timestamp, partitionHint: line.partitionHint })
    .to.deep.equal({ topic: record.topic, headers: record.headers, timestamp: record.timestamp, partitionHint: record.partitionHint });
}
