/** The edge: the log of this process, on its standard error. */
import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { Log, type LogLevels } from './log.js';
import { lineStyle, type LogTarget } from './log-style.js';
import { isTerminal } from './terminal.js';

export interface OpenLogOptions extends LogLevels {
  readonly format: LogTarget['format'];
  readonly env: LogTarget['env'];
  /** process.stderr, or what stands for it. */
  readonly stream: Writable & { readonly isTTY?: boolean; readonly fd?: number };
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
}

export function openLog({ format, env, stream, now, level, levels }: OpenLogOptions): Log {
  return new Log({ stream, now, level, levels, style: lineStyle({ format, env, isTerminal: isTerminal(stream), device: deviceOf(stream.fd) }) });
}

function deviceOf(descriptor: number | undefined): LogTarget['device'] {
  if (descriptor === undefined) return undefined;
  try {
    return fstatSync(descriptor);
  } catch {
    // Closed: then there is no journal at its end either.
    return { dev: -1, ino: -1 };
  }
}
