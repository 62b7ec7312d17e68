/** Time, as an argument. */
import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';

/** Nothing was read for so long, ms: whatever only costs wake-ups is done less often. */
export const QUIET_MS = 20_000;

export interface LiveClock {
  /** Ms from any beginning; never goes back. */
  now(): number;
  /** Resolves early, and without an error, when the signal comes. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const monotonicClock: LiveClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => after(ms, undefined, { signal }).catch(() => undefined),
};
