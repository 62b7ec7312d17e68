/** Terminals: whether a person watches, and the control sequences of ECMA-48 that all of them know. */
import type { Writable } from 'node:stream';

export const RED = '\u001b[31m';
export const GREEN = '\u001b[32m';
export const YELLOW = '\u001b[33m';
export const GREY = '\u001b[90m';
export const DIM = '\u001b[2m';
export const RESET = '\u001b[0m';
/** From the cursor to the end of its line. */
export const CLEAR_LINE = '\u001b[K';

export function isTerminal(stream: Writable & { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

/** NO_COLOR set to anything, as https://no-color.org has it, or a terminal that knows none. */
export function isPlainWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
}
