/** `inspect FILE|DIR…`: opens segments offline. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Schema } from '../../parsers/index.js';
import { EXIT, UsageError } from '../errors.js';
import { damageNotes } from '../inspect/damage-text.js';
import { DumpReport } from '../inspect/dump-report.js';
import { findInputs } from '../inspect/inputs.js';
import { inspect, type InspectOptions } from '../inspect/inspect.js';
import { JsonReport } from '../inspect/json-report.js';
import { readKeyFile } from '../inspect/key-file.js';
import { Output } from '../inspect/output.js';
import type { Report } from '../inspect/report.js';
import { RowsReport } from '../inspect/rows-report.js';
import { readSchemaFile } from '../inspect/schema-file.js';
import { SummaryReport } from '../inspect/summary-report.js';
import { printable } from '../inspect/text.js';
import { CountingLine } from './counting-line.js';
import type { CliIo } from './io.js';

interface InspectArguments {
  readonly rows?: true;
  readonly json?: true;
  readonly dump?: true;
  readonly schema?: string;
  readonly keyFile?: string;
}

export function registerInspect(program: Command, io: CliIo): void {
  program.command('inspect')
    .description('open commit-log segments offline: what they hold, and what is damaged')
    .argument('<path...>', 'segments, or directories that hold some')
    .option('--rows', 'one line per row, range marker and deletion')
    .option('--json', 'the summary as JSON')
    .option('--dump', 'one JSON line per log entry, with raw values as hex')
    .option('--schema <file>', 'rows of system_schema, written by `schema dump`: without it, ids and hex')
    .option('--key-file <file>', 'AES key of encrypted segments, as hex or base64')
    .addHelpText('after', HELP)
    .action(async (paths: readonly string[], options: InspectArguments) => {
      const out = new Output(io.stdout);
      const report = reportFor(options, out);
      const hasNotes = report instanceof SummaryReport;
      const inputs = findInputs(paths, io.cwd);
      const schema = options.schema === undefined ? new Schema() : readSchemaFile(resolve(io.cwd, options.schema));
      const key = options.keyFile === undefined ? undefined : readKeyFile(resolve(io.cwd, options.keyFile));
      // JSON comes all at once, at the end.
      const progress = new CountingLine(io, { sharesTerminal: options.json !== true });
      const onSegment: InspectOptions['onSegment'] = ({ done, all, name }) => progress.show(`${done} of ${all} segments read, now ${printable(name)}`);
      const summaries = await inspect(inputs, { schema, key, report, out, signal: io.signal, onSegment }).finally(() => progress.clear());
      if (!hasNotes) io.stderr.write(damageNotes(summaries));
      if (io.signal.aborted) io.setExitCode(EXIT.tryAgain);
      else if (summaries.some((summary) => summary.damage.count > 0)) io.setExitCode(EXIT.problems);
    });
}

const HELP = `
Examples:
  cassandra-cdc-agent schema dump --output schema.json
  cassandra-cdc-agent inspect --schema schema.json /var/lib/cassandra/cdc_raw
  cassandra-cdc-agent inspect --schema schema.json --rows CommitLog-7-1.log
  cassandra-cdc-agent inspect --dump CommitLog-7-1.log | jq -c .u

Exit codes: 0 nothing damaged, 1 something is damaged or does not fit the schema
or key, 64 wrong options, schema file or key file, 74 a file can't be read,
75 interrupted.`;

function reportFor({ rows, json, dump, schema }: InspectArguments, out: Output): Report {
  if ([rows, json, dump].filter((each) => each === true).length > 1) throw new UsageError('options', 'of --rows, --json and --dump only one can be given', { fix: 'run inspect once for each' });
  if (dump === true) return new DumpReport(out);
  if (json === true) return new JsonReport(out);
  return rows === true ? new RowsReport(out) : new SummaryReport(out, schema !== undefined);
}
