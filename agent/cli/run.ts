/** `run`: events out of commit-log segments. Without a configuration: of a recorded cdc_raw, as lines on standard output. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CASSANDRA_JSON } from '../../parsers/index.js';
import { embeddedRecording, type Recording } from '../embedded/recording.js';
import { UsageError } from '../errors.js';
import { readSchemaFile } from '../inspect/schema-file.js';
import { Pipeline } from '../pipeline/recorded-pipeline.js';
import { everyCopy } from '../pipeline/entry-records.js';
import { NdjsonPublisher } from '../publisher/ndjson-publisher.js';
import { JsonSerializer } from '../serializer/json-serializer.js';
import { recordedSegments } from '../source/recorded-directory.js';
import { VERSION } from '../version.js';
import type { CliIo } from './io.js';
import { formatSummary } from './run-summary.js';

interface RunOptions {
  readonly config?: string;
  readonly cdcRaw?: string;
  readonly schema?: string;
}

const EXAMPLES = `
Examples:
  # this node's changes to Kafka, until stopped
  cassandra-cdc-agent run --config /etc/cassandra-cdc-agent/agent.yaml
  # the recording that comes with the agent
  cassandra-cdc-agent run | jq .value.after
  # one of your own; \`schema dump\` writes the schema
  cassandra-cdc-agent run --cdc-raw ./cdc_raw --schema schema.json`;

export function registerRun(program: Command, io: CliIo): void {
  program.command('run')
    .description('publish the changes of this node to Kafka; without --config, print those of a recorded cdc_raw as JSON lines')
    .option('-c, --config <file>', 'the configuration: tails the node that it names until stopped')
    .option('--cdc-raw <directory>', 'commit-log segments to read (default: the recording that comes with the agent)')
    .option('--schema <file>', 'rows of the system_schema tables, as `schema dump` writes them')
    .addHelpText('after', EXAMPLES)
    .action((options: RunOptions) => run(options, io));
}

async function run(options: RunOptions, io: CliIo): Promise<void> {
  if (options.config !== undefined) {
    if (options.cdcRaw !== undefined || options.schema !== undefined) throw new UsageError('run_options', '--config names the directory and the node: --cdc-raw and --schema are for recordings', { fix: 'leave them out, or leave --config out' });
    // The drivers take longer to load than most verbs take to run.
    const { runAgent } = await import('./run-agent.js');
    return runAgent(options.config, io);
  }
  const recording = recordingOf(options, io);
  const started = Date.now();
  let segments = 0;
  const pipeline = new Pipeline({
    segments: recordedSegments(recording.cdcRaw, { packed: options.cdcRaw === undefined }),
    schema: readSchemaFile(recording.schema),
    ownership: everyCopy,
    serializer: new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: VERSION, source: { cluster: null, datacenter: null, hostId: null } }),
    publisher: new NdjsonPublisher(io.stdout),
    now: Date.now,
    signal: io.signal,
    onSegment: ({ name }) => {
      segments++;
      io.stderr.write(`read ${name}: ${pipeline.tally.eventCount} events so far\n`);
    },
  });
  try {
    await pipeline.run();
  } catch (error) {
    // Whoever reads has seen enough.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return;
    io.stderr.write(formatSummary(pipeline, { segments, milliseconds: Date.now() - started }));
    throw error;
  }
  io.stderr.write(formatSummary(pipeline, { segments, milliseconds: Date.now() - started }));
}

function recordingOf({ cdcRaw, schema }: RunOptions, io: CliIo): Recording {
  if (cdcRaw !== undefined && schema !== undefined) return { cdcRaw: resolve(io.cwd, cdcRaw), schema: resolve(io.cwd, schema) };
  if (cdcRaw !== undefined || schema !== undefined) {
    throw new UsageError('run_options', '--cdc-raw and --schema belong together', { fix: 'give both, or neither for the recording that comes with the agent' });
  }
  io.stderr.write('reading the recording that comes with the agent; --cdc-raw DIRECTORY --schema FILE reads your own\n');
  return embeddedRecording();
}
