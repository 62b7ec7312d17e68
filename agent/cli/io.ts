/** What a verb may touch of its process: passed in, so that tests run verbs without one. */
import type { Writable } from 'node:stream';
import type { ExitCode } from '../errors.js';
import type { TerminalInput } from './screen.js';

export interface CliIo {
  /** Keys that are pressed, when it is a terminal. */
  readonly stdin?: TerminalInput;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
  /** Relative paths on the command line start here. */
  readonly cwd: string;
  /** Ends when the user wants the process to stop (TERM, INT). */
  readonly signal: AbortSignal;
  /** Calls the handler when the user wants the configuration to be read again (HUP), until the returned function is called. */
  readonly onReload?: (handler: () => void) => () => void;
  /** Set by the verb; 0 unless it says otherwise. */
  setExitCode(code: ExitCode): void;
}
