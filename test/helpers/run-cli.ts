/** The agent's command line as a person runs it: a process of its own, from sources or from dist/ like the test itself. */
import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeProgram } from '../../agent/cli/program.js';

const HERE = fileURLToPath(import.meta.url);
const MAIN = join(HERE, '../../../agent', `main${extname(HERE)}`);

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another user and its group; only root may. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Arguments of `node` that come before the agent's own. */
export function agentCommand(): string[] {
  return [...process.execArgv, MAIN];
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const lines: string[] = [];
  const run = await runCliLines(args, (line) => void lines.push(line), options);
  return { ...run, stdout: lines.map((line) => `${line}\n`).join('') };
}

/** A verb in this process: for many runs in a row, of which each would take a second to start. Rejects where `main` would explain. */
export async function runVerb(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  let code = 0;
  try {
    const io = { stdout, stderr, env: { ...process.env, ...env }, cwd: process.cwd(), signal: new AbortController().signal, setExitCode: (value: number) => void (code = value) };
    await makeProgram(io).parseAsync([...args], { from: 'user' });
  } finally {
    stdout.end();
    stderr.end();
  }
  const [out, errors] = await said;
  return { code, stdout: out, stderr: errors };
}

/** Hands over standard output line by line, for outputs that are large. */
export async function runCliLines(args: readonly string[], take: (line: string) => void, { cwd, env, uid, gid }: CliOptions = {}): Promise<Omit<CliRun, 'stdout'>> {
  const child = spawn(process.execPath, [...agentCommand(), ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd, env: { ...process.env, ...env }, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) });
  const errors = text(child.stderr);
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) take(line);
  return { code: await ended, stderr: await errors };
}
