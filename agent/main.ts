#!/usr/bin/env node
/** argv -> verb -> exit code. The only place that ends the process. */
import { CommanderError } from 'commander';
import { CorruptError } from '../parsers/errors.js';
import type { CliIo } from './cli/io.js';
import { makeProgram } from './cli/program.js';
import { EXIT, OperatorError, type ExitCode } from './errors.js';
import { inlineHotPath } from './service/compiler.js';
import { handleSignals } from './service/signals.js';

async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const { stop, onReload } = handleSignals(process, () => process.exit(EXIT.tryAgain));
  // A reader that has seen enough (head, less) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.io));
  // Standard input is opened by whoever asks for it.
  const io: CliIo = { get stdin() { return process.stdin; }, stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd(), signal: stop, onReload, setExitCode: (value) => (code = value) };
  try {
    await makeProgram(io).parseAsync([...argv]);
    return code;
  } catch (error) {
    return explain(error, io);
  }
}

function explain(error: unknown, { stderr }: CliIo): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof OperatorError) {
    // The code stands alone: messages of several lines end in a list.
    stderr.write(`error: ${error.message}${error.fix === undefined ? '' : `\nfix:   ${error.fix}`}\ncode:  ${error.code}\n`);
    return error.exitCode;
  }
  if (error instanceof CorruptError) {
    stderr.write(`error: ${error.message} (${error.code})\nfix:   ${error.fix}\n`);
    return EXIT.problems;
  }
  stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nfix:   this is a bug in the agent: report it with this text\n`);
  return EXIT.bug;
}

/** What was written must be out before the process ends: pipes are written asynchronously. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

inlineHotPath();
const exitCode = await main(process.argv);
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
