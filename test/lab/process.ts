/**
 * Child processes that never outlive us. Each runs in its own process group (a Ctrl-C in the terminal reaches us only),
 * is recorded, and is ended by its own id: on stop(), when this process exits for whatever reason, and, where util-linux'
 * setpriv exists, by the kernel when this process is killed with SIGKILL.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.js';

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
const running = new Set<LabProcess>();
const directories = new Set<string>();
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
let guarded = false;

export interface LabProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
}

export class LabProcess {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<void>;
  #hasEnded = false;

  private constructor(options: LabProcessOptions, child: ChildProcess, pid: number) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.pid = pid;
    this.ended = new Promise((resolve) => child.once('exit', () => {
      this.#hasEnded = true;
      running.delete(this);
      resolve();
    }));
    running.add(this);
  }

  static async start(options: LabProcessOptions): Promise<LabProcess> {
    guard();
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = openSync(options.logFile, 'a');
    const [command, args] = SETPRIV === undefined ? [options.command, options.args] : [SETPRIV, ['--pdeathsig', 'KILL', options.command, ...options.args]];
    try {
      const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: options.env ?? process.env });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      return new LabProcess(options, child, child.pid!);
    } catch (error) {
      throw new LabError(`${options.name} could not be started (${options.command})`, 'install it, or put it on the PATH', { cause: error });
    } finally {
      closeSync(log);
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Sends a signal to the process and its children. */
  signal(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** SIGTERM, then SIGKILL when it is still there after `graceMs`. */
  async stop(graceMs = 60_000): Promise<void> {
    this.signal('SIGTERM');
    const abort = new AbortController();
    const late = sleep(graceMs, undefined, { signal: abort.signal }).then(() => this.signal('SIGKILL'), () => undefined);
    await this.ended;
    abort.abort();
    await late;
  }

  async kill9(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** The last lines of the log, for messages. */
  logTail(lines = 15): string {
    return tail(this.logFile, lines);
  }
}

/** The last lines of a file, each cut to what a terminal can show. */
export function tail(file: string, lines: number): string {
  if (!existsSync(file)) return '(no log)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).map((line) => line.slice(0, 300)).join('\n');
}

/** A directory that is removed when this process exits, unless `release` was called first. */
export function removeOnExit(directory: string): { release(): void } {
  guard();
  directories.add(directory);
  return { release: () => void directories.delete(directory) };
}

/** Ids of the processes that are running now. */
export function runningProcesses(): number[] {
  return [...running].map((each) => each.pid);
}

function endAll(): void {
  for (const each of running) each.signal('SIGKILL');
  for (const directory of directories) {
    try {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // A dying JVM may still write into it: the operating system's temporary directory is cleaned anyway.
    }
  }
}

function guard(): void {
  if (guarded) return;
  guarded = true;
  // 'exit' also follows an uncaught exception and an unhandled rejection.
  process.once('exit', endAll);
  for (const name of SIGNALS) {
    const end = (): void => {
      // Somebody else (mocha, a command of ours) handles the signal and will exit: then 'exit' does it.
      if (process.listenerCount(name) > 1) return;
      endAll();
      process.removeListener(name, end);
      process.kill(process.pid, name);
    };
    process.on(name, end);
  }
}
