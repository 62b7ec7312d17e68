/** `status`: what the running agent says about itself, once or as long as one watches. */
import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import { stateDirectoryOf } from '../config/state-directory.js';
import { OperatorError } from '../errors.js';
import { askStatus } from '../service/control-client.js';
import { DEFAULT_CONFIG } from './check.js';
import type { CliIo } from './io.js';
import { Screen } from './screen.js';
import { statusText } from './status-view.js';

interface StatusOptions {
  readonly config?: string;
  readonly stateDirectory?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const WATCH_MS = 1000;
const HELP = `
Examples:
  sudo cassandra-cdc-agent status
  sudo cassandra-cdc-agent status --watch      once a second, until q is pressed
  sudo cassandra-cdc-agent status --json | jq .lag.seconds

Exit codes: 0 the agent answered, 69 none answers.`;

export function registerStatus(program: Command, io: CliIo): void {
  program.command('status')
    .description('show what the running agent does: state, lag, position, owned share, how full cdc_raw is')
    .option('-c, --config <file>', `configuration of the agent (default: ${DEFAULT_CONFIG})`)
    .option('--state-directory <directory>', 'its state directory, in place of a configuration')
    .option('-w, --watch', 'again each second')
    .option('--json', 'as one JSON object, with --watch one a second')
    .addHelpText('after', HELP)
    .action((options: StatusOptions) => status(options, io));
}

async function status({ config, stateDirectory, watch = false, json = false }: StatusOptions, io: CliIo): Promise<void> {
  const directory = stateDirectory ?? stateDirectoryOf(config ?? DEFAULT_CONFIG, { cwd: io.cwd, isOptional: config === undefined });
  const show = async (): Promise<string> => {
    const state = await askStatus(directory, io.signal);
    return json ? `${JSON.stringify(state)}\n` : statusText(state);
  };
  try {
    const first = await show();
    if (watch) await watching({ first, show, json }, io);
    else io.stdout.write(first);
  } catch (error) {
    if (io.signal.aborted) return;
    if (!json || !(error instanceof OperatorError)) throw error;
    io.stdout.write(`${errorJson(error)}\n`);
    io.setExitCode(error.exitCode);
  }
}

interface Watch {
  readonly first: string;
  readonly show: () => Promise<string>;
  readonly json: boolean;
}

/** Goes on when the agent ends: it may be back. */
async function watching({ first, show, json }: Watch, io: CliIo): Promise<void> {
  const screen = new Screen(io, { isPlain: json });
  screen.open();
  try {
    let text = first;
    while (!screen.isLeft.aborted) {
      screen.draw(text);
      await after(WATCH_MS, undefined, { signal: screen.isLeft }).catch(() => undefined);
      if (screen.isLeft.aborted) return;
      text = await show().catch((error: unknown) => {
        if (!(error instanceof OperatorError)) throw error;
        return json ? `${errorJson(error)}\n` : `${error.message}\nfix: ${error.fix ?? ''}\n`;
      });
    }
  } finally {
    screen.close();
  }
}

function errorJson({ code, message, fix }: OperatorError): string {
  return JSON.stringify({ error: { code, message, fix: fix ?? null } });
}
