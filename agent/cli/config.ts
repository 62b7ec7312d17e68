/** `config reference | defaults | schema | validate`: all from the one declaration. */
import type { Command } from 'commander';
import { DECLARATION } from '../config/declaration.js';
import { readConfigFile } from '../config/files.js';
import { jsonSchema } from '../config/json-schema.js';
import { printDefaults } from '../config/print-defaults.js';
import { effective, printEffective } from '../config/print-effective.js';
import { printReference } from '../config/print-reference.js';
import { formatProblem } from '../config/problem.js';
import { ConfigError, EXIT } from '../errors.js';
import type { CliIo } from './io.js';

interface ValidateOptions {
  readonly print?: boolean;
  readonly json?: boolean;
}

export function registerConfig(program: Command, io: CliIo): void {
  const config = program.command('config').description('the configuration: its options, its defaults, and whether a file is right')
    .addHelpText('after', '\nExample:\n  cassandra-cdc-agent config validate agent.yaml');
  config
    .command('reference')
    .description('print the page that documents every option (Markdown)')
    .addHelpText('after', '\nExample:\n  cassandra-cdc-agent config reference | less')
    .action(() => void io.stdout.write(printReference(DECLARATION)));
  config
    .command('defaults')
    .description('print a commented configuration file with every default')
    .addHelpText('after', '\nExample:\n  cassandra-cdc-agent config defaults > agent.yaml')
    .action(() => void io.stdout.write(printDefaults(DECLARATION)));
  config
    .command('schema')
    .description('print the JSON Schema of the file, for editors')
    .addHelpText('after', '\nExample:\n  cassandra-cdc-agent config schema > agent.schema.json\n  # first line of agent.yaml:  # yaml-language-server: $schema=agent.schema.json')
    .action(() => void io.stdout.write(`${JSON.stringify(jsonSchema(DECLARATION), null, 2)}\n`));
  config
    .command('validate')
    .description('check a configuration file: every mistake with line, column and fix')
    .argument('<file>', 'the YAML file')
    .option('--print', 'print the configuration in force: defaults filled in, secrets as stars')
    .option('--json', 'answer with one JSON object')
    .addHelpText('after', '\nExit code 0 when the file is right, 78 when it is not.\n\nExample:\n  cassandra-cdc-agent config validate --print agent.yaml')
    .action((file: string, options: ValidateOptions) => validate(file, options, io));
}

function validate(file: string, { print = false, json = false }: ValidateOptions, io: CliIo): void {
  try {
    const { warnings, tree } = readConfigFile(file, io);
    if (json) {
      io.stdout.write(`${JSON.stringify({ ok: true, file, problems: [], warnings, ...(print ? { config: effective(DECLARATION, tree) } : {}) })}\n`);
      return;
    }
    for (const warning of warnings) io.stderr.write(`warning:${formatProblem(warning).slice(1)}\n`);
    io.stdout.write(print ? printEffective(DECLARATION, tree) : `${file} is right${warnings.length === 0 ? '' : `, with ${warnings.length} warning${warnings.length === 1 ? '' : 's'}`}\n`);
  } catch (error) {
    if (!json || !(error instanceof ConfigError)) throw error;
    const whole = { file, line: 1, column: 1, key: '', message: error.message, fix: error.fix ?? '' };
    io.stdout.write(`${JSON.stringify({ ok: false, file, problems: error.problems.length > 0 ? error.problems : [whole], warnings: [] })}\n`);
    io.setExitCode(EXIT.config);
  }
}
