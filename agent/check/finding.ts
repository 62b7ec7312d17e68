/** What `check` says about one thing. */
export type Status = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** Stable: scripts look for it. */
  readonly name: string;
  readonly status: Status;
  readonly message: string;
  /** What to do, in words. */
  readonly fix?: string;
  /** What to do, to be copied into a shell. */
  readonly commands?: readonly string[];
}

export interface Remedy {
  readonly fix?: string;
  readonly commands?: readonly string[];
}

export function ok(name: string, message: string): Finding {
  return { name, status: 'ok', message };
}

export function warn(name: string, message: string, remedy: Remedy = {}): Finding {
  return { name, status: 'warn', message, ...remedy };
}

export function fail(name: string, message: string, remedy: Remedy = {}): Finding {
  return { name, status: 'fail', message, ...remedy };
}

/** 44 KiB, 1.5 GiB: for people. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [['TiB', 2 ** 40], ['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]] as const) {
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))} ${unit}`;
  }
  return `${bytes} B`;
}

export function durationText(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Math.round(ms)} ms`;
}
