/** What `run` makes of a recorded cdc_raw: its events as lines, by one thread or by several. */
import { availableParallelism } from 'node:os';
import { readSchemaFile } from '../inspect/schema-file.js';
import type { Tally } from '../events/tally.js';
import type { LineSink } from '../publisher/line-sink.js';
import { NdjsonPublisher } from '../publisher/ndjson-publisher.js';
import type { StreamPosition } from '../publisher/publisher.js';
import { recordedSegments, segmentBytes } from '../source/recorded-directory.js';
import { ParallelPipeline } from './parallel-pipeline.js';
import { RecordedLines } from './recorded-lines.js';

export interface LineOptions {
  /** Directory of segments. */
  readonly cdcRaw: string;
  /** Path of the rows of the system_schema tables. */
  readonly schema: string;
  /** Files may be `.log.gz`: the agent's own recording. One thread reads it. */
  readonly isPacked: boolean;
  /** Undefined: one for each processor, as far as it is worth it. */
  readonly threads: number | undefined;
  readonly sink: LineSink;
  readonly signal?: AbortSignal;
  /** Called behind each segment. */
  readonly onSegment?: (segment: { readonly name: string }) => void;
}

export interface LinePipeline {
  readonly tally: Tally;
  /** Behind the last mutation that was read; undefined before the first. */
  readonly position: StreamPosition | undefined;
  /** Until the directory ends or the signal comes. Throws CorruptError at the first damaged place; what stands before it is written. */
  run(): Promise<void>;
}

/** Of less, one thread has read as much as others take to begin. */
const LEAST_BYTES_PER_THREAD = 8 << 20;

/** Throws IoError and UsageError about the schema and the directory. */
export function linePipeline({ threads: wanted, schema: schemaPath, ...options }: LineOptions): LinePipeline {
  const { cdcRaw, isPacked, sink } = options;
  const schema = readSchemaFile(schemaPath);
  const threads = isPacked ? 1 : (wanted ?? Math.min(availableParallelism(), Math.floor(segmentBytes(cdcRaw) / LEAST_BYTES_PER_THREAD)));
  if (threads > 1) return new ParallelPipeline({ ...options, threads, schema, schemaPath });
  return new RecordedLines(schema, new NdjsonPublisher(sink)).of({ ...options, segments: recordedSegments(cdcRaw, { packed: isPacked }) });
}
