/** `run`: events out of commit-log segments. Without a configuration: of a recorded cdc_raw, as lines on standard output. */
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { embeddedRecording, type Recording } from '../embedded/recording.js';
import { UsageError } from '../errors.js';
import { linePipeline } from '../pipeline/line-pipeline.js';
import { StreamSink } from '../publisher/line-sink.js';
import type { CliIo } from './io.js';
import { formatSummary } from './run-summary.js';

interface RunOptions {
  readonly config?: string;
  readonly cdcRaw?: string;
  readonly schema?: string;
  readonly threads?: number;
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
    .option('--threads <n>', 'threads that read a recorded cdc_raw (default: as many as there are processors)', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action((options: RunOptions) => run(options, io));
}

async function run(options: RunOptions, io: CliIo): Promise<void> {
  if (options.config !== undefined) {
    if (options.cdcRaw !== undefined || options.schema !== undefined || options.threads !== undefined) throw new UsageError('run_options', '--config names the directory and the node: --cdc-raw, --schema and --threads are for recordings', { fix: 'leave them out, or leave --config out' });
    // The drivers take longer to load than most verbs take to run.
    const { runAgent } = await import('./run-agent.js');
    return runAgent(options.config, io);
  }
  return runRecorded(recordingOf(options, io), options, io);
}

async function runRecorded(recording: Recording, { threads, cdcRaw }: RunOptions, io: CliIo): Promise<void> {
  const started = Date.now();
  let segments = 0;
  const pipeline = linePipeline({
    ...recording,
    isPacked: cdcRaw === undefined,
    threads,
    sink: new StreamSink(io.stdout),
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

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 999 was expected');
  return Number(text);
}
