/** The events of every copy, as lines: one pipeline after the other on the same stages. */
import { CASSANDRA_JSON, type Schema } from '../../parsers/index.js';
import type { Publisher } from '../publisher/publisher.js';
import type { ChunkMemory } from '../serializer/chunk-memory.js';
import { JsonSerializer } from '../serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../serializer/serializer.js';
import { VERSION } from '../version.js';
import { everyCopy } from './entry-records.js';
import { Pipeline, type PipelineStages } from './recorded-pipeline.js';

export class RecordedLines {
  readonly #schema: Schema;
  readonly #publisher: Publisher;
  readonly #serializer: JsonSerializer;

  /** `memory`: where the lines are written; not given: memory of its own. */
  constructor(schema: Schema, publisher: Publisher, memory?: ChunkMemory) {
    this.#schema = schema;
    this.#publisher = publisher;
    this.#serializer = new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: VERSION, source: UNKNOWN_SOURCE, lines: true, memory });
  }

  of(source: Pick<PipelineStages, 'segments' | 'signal' | 'onSegment'>): Pipeline {
    return new Pipeline({ ...source, schema: this.#schema, ownership: everyCopy, serializer: this.#serializer, publisher: this.#publisher, now: Date.now });
  }
}
