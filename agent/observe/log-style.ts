/** Which style fits where the log goes. */
import type { LineStyle } from './log-line.js';
import { isPlainWanted } from './terminal.js';

export interface LogTarget {
  readonly format: 'auto' | 'logfmt' | 'json';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** fstat of the stream's descriptor; undefined when it can't be had. */
  readonly device: { readonly dev: number; readonly ino: number } | undefined;
}

export function lineStyle({ format, env, isTerminal, device }: LogTarget): LineStyle {
  const json = format === 'json';
  const journal = !isTerminal && isJournal(env, device);
  return { json, journal, terminal: isTerminal && !json, colour: isTerminal && !json && !isPlainWanted(env) };
}

/**
 * JOURNAL_STREAM is `device:inode` of the journal's socket. A child that was redirected inherits the variable but not
 * the socket: only when they are the same does systemd take the priority off the line. See sd-daemon(3).
 */
function isJournal(env: LogTarget['env'], device: LogTarget['device']): boolean {
  const stream = env['JOURNAL_STREAM'];
  if (stream === undefined || stream === '') return false;
  return device === undefined ? env['INVOCATION_ID'] !== undefined : stream === `${device.dev}:${device.ino}`;
}
