/** One timed pass from segments to serialized JSON records, through the agent's own pipeline, up to the publisher. */
import { Pipeline } from '../../agent/pipeline/recorded-pipeline.js';
import { everyCopy } from '../../agent/pipeline/entry-records.js';
import type { Publisher } from '../../agent/publisher/publisher.js';
import { JsonSerializer } from '../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE, type EventRecord } from '../../agent/serializer/serializer.js';
import { inlineHotPath } from '../../agent/service/compiler.js';
import { recordedSegments } from '../../agent/source/recorded-directory.js';
import { CASSANDRA_JSON, type Schema } from '../../parsers/index.js';

export interface EventPass {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly events: number;
  /** Of keys and values. */
  readonly recordBytes: number;
}

/** Takes the records and lets go of them. */
class CountingPublisher implements Publisher {
  events = 0;
  recordBytes = 0;

  begin(): void {
    // Nothing is kept between batches.
  }

  append(records: readonly EventRecord[]): undefined {
    this.events += records.length;
    for (const { keyStart, keyEnd, valueStart, valueEnd } of records) this.recordBytes += keyEnd - keyStart + valueEnd - valueStart;
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  discard(): void {
    throw new Error('the bench gave up a batch');
  }
}

export async function passOfEvents(directory: string, schema: Schema): Promise<EventPass> {
  inlineHotPath();
  const publisher = new CountingPublisher();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const pipeline = new Pipeline({
    segments: recordedSegments(directory),
    schema,
    ownership: everyCopy,
    serializer: new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: 'bench', source: UNKNOWN_SOURCE }),
    publisher,
    now: Date.now,
  });
  await pipeline.run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, events: publisher.events, recordBytes: publisher.recordBytes };
}
