/** The command line: one file per verb registers itself here. */
import { Command } from 'commander';
import { registerCheck } from './check.js';
import { registerConfig } from './config.js';
import { registerInspect } from './inspect.js';
import type { CliIo } from './io.js';
import { registerOwner } from './owner.js';
import { registerReplay } from './replay.js';
import { registerRun } from './run.js';
import { registerSchema } from './schema.js';
import { registerStatus } from './status.js';
import { registerVersion } from './version.js';
import { VERSION } from '../version.js';

export type Verb = (program: Command, io: CliIo) => void;

const VERBS: readonly Verb[] = [registerRun, registerInspect, registerSchema, registerCheck, registerOwner, registerStatus, registerReplay, registerConfig, registerVersion];

const EXAMPLES = `
Examples:
  cassandra-cdc-agent run | head -n 3   events of a recording
  cassandra-cdc-agent check --config agent.yaml
  cassandra-cdc-agent run --config agent.yaml`;

export function makeProgram(io: CliIo): Command {
  const program = new Command('cassandra-cdc-agent')
    .description('Publishes the changes of a Cassandra node from its commit log.')
    .version(VERSION, '-V, --version', 'print the version')
    .showHelpAfterError('(run with --help for the options)')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) });
  for (const register of VERBS) register(program, io);
  return program;
}
