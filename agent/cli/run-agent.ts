/** `run --config`: the agent with what shows it to its operator: log, metrics and health, control socket, systemd. */
import { resolve } from 'node:path';
import { withConfig } from '../checkpoint/replay-target.js';
import type { LoadedConfig } from '../config/load.js';
import { compareConfigs } from '../config/compare.js';
import { readConfigFile } from '../config/files.js';
import { ConfigError, EXIT, OperatorError, type ExitCode } from '../errors.js';
import { CorruptError } from '../../parsers/index.js';
import { Happenings } from '../observe/happenings.js';
import { IdleMemory } from '../observe/idle-memory.js';
import { Metrics } from '../observe/metrics.js';
import { openLog } from '../observe/open-log.js';
import { Agent } from '../pipeline/agent.js';
import { AgentStatus } from '../service/agent-status.js';
import { ControlSocket } from '../service/control-socket.js';
import { HttpEndpoint } from '../service/http.js';
import { SystemdNotifier } from '../service/sd-notify.js';
import { statusLine } from '../service/status-line.js';
import { VERSION } from '../version.js';
import type { CliIo } from './io.js';
import { FillLine } from './fill-line.js';
import { ProgressLine } from './progress-line.js';

const TICK_MS = 5000;

/** Resolves when the signal came and the last transaction is committed; what ends it otherwise is in the log. */
export async function runAgent(file: string, io: CliIo): Promise<void> {
  const loaded = readConfigFile(file, io);
  const { config } = loaded;
  const monotonic = (): number => performance.now();
  const log = openLog({ format: config.log.format, level: config.log.level, levels: config.log.levels, env: io.env, stream: io.stderr, now: Date.now });
  const status = new AgentStatus({ version: VERSION, wall: Date.now, monotonic });
  const metrics = new Metrics({ state: () => status.snapshot(), version: VERSION, monotonic });
  const happenings = new Happenings({ log, metrics, now: monotonic });
  const agent = new Agent(config, { happenings, status, metrics });
  happenings.report('agent started', { version: VERSION, node: process.versions.node, config: file });
  tellWarnings(loaded, happenings);
  const notifier = SystemdNotifier.of({ env: io.env, status: () => statusLine(status.snapshot()), happenings });
  notifier?.starting();
  const http = new HttpEndpoint({ ...config.http, metrics, state: () => status.snapshot(), happenings });
  const control = new ControlSocket(config.state_directory, { status: () => status.snapshot() });
  const progress = new ProgressLine(status, happenings);
  const filling = new FillLine(status, happenings);
  const memory = new IdleMemory();
  let isReady = false;
  const tick = setInterval(() => {
    status.tick();
    happenings.tick();
    progress.tick(monotonic());
    filling.tick();
    memory.tick(status.snapshot().events.published);
  }, TICK_MS);
  agent.onLocked = async () => {
    await control.listen();
    await http.keepListening();
  };
  agent.onReady = () => {
    if (!isReady) void notifier?.ready();
    isReady = true;
  };
  const forget = io.onReload?.(() => void reload({ agent, file, io, happenings, setLevels: (levels) => log.setLevels(levels), notifier, renew: () => http.renewCertificate() }));
  io.signal.addEventListener('abort', () => {
    happenings.report('agent stopping', { reason: 'signal' });
    status.enter('stopping');
    void notifier?.stopping();
  }, { once: true });
  try {
    await agent.run(io.signal);
    const { position, events, uptime_seconds: uptime } = status.snapshot();
    happenings.report('agent stopped', { uptime: uptime * 1000, events: events.published, position: position ?? undefined });
  } catch (error) {
    status.enter('failed', error instanceof Error ? error.message : String(error));
    happenings.report('agent failed', { error, fix: fixOf(error, resolve(io.cwd, file)) });
    io.setExitCode(exitCodeOf(error));
    if (!(error instanceof OperatorError || error instanceof CorruptError)) throw error;
  } finally {
    clearInterval(tick);
    forget?.();
    happenings.flush();
    await Promise.all([control.close(), http.close(), notifier?.close()]);
    metrics.close();
    await log.close();
  }
}

function tellWarnings({ warnings }: LoadedConfig, happenings: Happenings): void {
  for (const { file, line, column, key, message, fix } of warnings) happenings.report('configuration warning', { place: `${file}:${line}:${column}`, key, problem: message, fix });
}

interface Reload {
  readonly agent: Agent;
  readonly file: string;
  readonly io: CliIo;
  readonly happenings: Happenings;
  readonly setLevels: (levels: { readonly level: LoadedConfig['config']['log']['level']; readonly levels: LoadedConfig['config']['log']['levels'] }) => void;
  readonly notifier: SystemdNotifier | undefined;
  readonly renew: () => Promise<void>;
}

/** A configuration with a mistake changes nothing: the agent goes on with the one it has. */
async function reload({ agent, file, io, happenings, setLevels, notifier, renew }: Reload): Promise<void> {
  const work = async (): Promise<void> => {
    try {
      const loaded = readConfigFile(file, io);
      const { reloadable, needRestart } = compareConfigs(agent.config, loaded.config);
      agent.reload(loaded.config);
      setLevels(loaded.config.log);
      await renew();
      tellWarnings(loaded, happenings);
      happenings.report('configuration reloaded', { changed: reloadable, waits_for_restart: needRestart });
    } catch (error) {
      happenings.report('configuration refused', { error, mistakes: error instanceof ConfigError ? error.problems.length : 1 });
    }
  };
  await (notifier === undefined ? work() : notifier.reloading(work));
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof OperatorError) return error.exitCode;
  return error instanceof CorruptError ? EXIT.problems : EXIT.bug;
}

function fixOf(error: unknown, config: string): string | undefined {
  const fix = error instanceof OperatorError || error instanceof CorruptError ? error.fix : undefined;
  return fix === undefined ? undefined : withConfig(fix, config);
}
