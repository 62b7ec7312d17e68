/** `replay`: moves the position in Kafka, deliberately: a dry run first, which changes nothing. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseReplayTarget, replayCommand, withConfig } from '../checkpoint/replay-target.js';
import { DEFAULT_CONFIG } from '../config/default-file.js';
import { readConfigFile } from '../config/files.js';
import { ConfigError } from '../errors.js';
import { answers, controlSocketPath } from '../service/control-socket.js';
import { lockedError, lockHolder, lockStateDirectory } from '../service/lock.js';
import type { CliIo } from './io.js';
import { dryRunText, movedText, preparedText, replayJson, type ReplayReport } from './replay-text.js';

interface ReplayArguments {
  readonly from: string;
  readonly config: string;
  readonly yes?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  cassandra-cdc-agent replay --from 1795360528612:19204112   only shows it
  cassandra-cdc-agent replay --from start --yes   all that is still there, again

A position is SEGMENT:POSITION: everything behind it comes, again or for the
first time. Or a word:
  start       at the oldest segment in cdc_raw, the spool and quarantine
  end         behind everything that is there: it is given up
  checkpoint  where the checkpoint in the state directory says
  kafka       where Kafka says: the checkpoint is made to agree

Consumers get what comes again a second time, with the same cdc.id. Segments
that are gone become gap events. Stop the agent before --yes, and start it
afterwards.

Exit codes: 0 done, or shown; 64 no position, or one that can't be; 69 Kafka or
the node does not answer; 74 a file can't be read or written; 78 the
configuration is wrong, or an agent runs.`;

export function registerReplay(program: Command, io: CliIo): void {
  program.command('replay')
    .description('move the position from which the agent goes on: shows what would happen, does it with --yes')
    .requiredOption('--from <position>', 'SEGMENT:POSITION, start, end, checkpoint or kafka')
    .option('-c, --config <file>', 'the configuration', DEFAULT_CONFIG)
    .option('--yes', 'do it')
    .option('--json', 'answer with one JSON object')
    .addHelpText('after', HELP)
    .action((options: ReplayArguments) => replay(options, io));
}

async function replay(options: ReplayArguments, io: CliIo): Promise<void> {
  const target = parseReplayTarget(options.from);
  const { config } = readConfigFile(options.config, io);
  const { state_directory: state } = config;
  const command = `${withConfig(replayCommand(target), resolve(io.cwd, options.config))} --yes`;
  if (options.yes === true) refuseOtherUser(state, command);
  const lock = options.yes === true ? await lockStateDirectory(state) : undefined;
  try {
    const isElsewhere = await answers(controlSocketPath(state));
    if (lock !== undefined && isElsewhere) throw lockedError(state, undefined);
    const runningAgent = lock === undefined ? (await lockHolder(state)) ?? (isElsewhere ? { pid: undefined } : undefined) : undefined;
    // The drivers take longer to load than most verbs take to run.
    const { replayPortsOf } = await import('./replay-ports.js');
    const { prepareReplay, performReplay } = await import('../pipeline/replay.js');
    const ports = await replayPortsOf(config, io.signal);
    const prepared = await prepareReplay(target, ports);
    const report: ReplayReport = { transactionalId: ports.transactionalId, prepared, runningAgent, command };
    const isJson = options.json === true;
    if (!isJson) io.stdout.write(preparedText(report));
    if (lock === undefined) {
      io.stdout.write(isJson ? replayJson(report, false) : dryRunText(report));
      return;
    }
    io.signal.throwIfAborted();
    const stored = await performReplay(prepared, ports);
    io.stdout.write(isJson ? replayJson(report, true) : movedText(stored));
  } finally {
    await lock?.release();
  }
}

/** The agent could not read what another user writes: as root everything would seem to go well. */
function refuseOtherUser(state: string, command: string): void {
  const owner = statSync(state, { throwIfNoEntry: false })?.uid;
  const user = process.geteuid?.();
  if (owner === undefined || user === undefined || owner === user) return;
  throw new ConfigError('replay_user', `the state directory ${state} belongs to the user id ${owner}, this is user id ${user}`, { fix: `run it as the agent's user: sudo -u '#${owner}' ${command}; where the package is installed, with the service's credentials: ${command.replace('cassandra-cdc-agent', 'cassandra-cdc-agent-as-service')}` });
}
