import { setTimeout as timer } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return timer(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** 10, 20, 40 … 1,000 ms. */
export function backoffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(1000, 10 * 2 ** Math.min(failures - 1, 10));
}
