/** The events of every copy, as lines: one pipeline after the other on the same stages. */
import { CASSANDRA_JSON, type Schema } from '../../parsers/index.js';
import type { LineSink } from '../publisher/line-sink.js';
import { NdjsonPublisher } from '../publisher/ndjson-publisher.js';
import { JsonSerializer } from '../serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../serializer/serializer.js';
import { VERSION } from '../version.js';
import { everyCopy } from './entry-records.js';
import { Pipeline, type PipelineStages } from './recorded-pipeline.js';

export class RecordedLines {
  readonly #schema: Schema;
  readonly #publisher: NdjsonPublisher;
  readonly #serializer = new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: VERSION, source: UNKNOWN_SOURCE, lines: true });

  constructor(schema: Schema, sink: LineSink) {
    this.#schema = schema;
    this.#publisher = new NdjsonPublisher(sink);
  }

  of(source: Pick<PipelineStages, 'segments' | 'signal' | 'onSegment'>): Pipeline {
    return new Pipeline({ ...source, schema: this.#schema, ownership: everyCopy, serializer: this.#serializer, publisher: this.#publisher, now: Date.now });
  }
}
