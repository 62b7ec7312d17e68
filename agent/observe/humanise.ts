/** Numbers as people read them, for log lines and status: at most three significant digits, never rounded to nothing. */

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes: `512B`, `1.5KiB`, `31MiB`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < SIZES.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 ? short(value) : Math.round(value)}${SIZES[unit]}`;
}

/** Milliseconds: `0.3ms`, `100ms`, `1.5s`, `2m30s`, `3h05m`, `2d04h`. */
export function humanDuration(ms: number): string {
  if (ms < 0) return `-${humanDuration(-ms)}`;
  if (ms < 999.5) return `${short(ms)}ms`;
  if (ms < 59_500) return `${short(ms / 1000)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(seconds, 60, ['m', 's']);
  return seconds < 86_400 ? pair(Math.round(seconds / 60), 60, ['h', 'm']) : pair(Math.round(seconds / 3600), 24, ['d', 'h']);
}

/** 0.331 -> `33.1%`. */
export function humanRatio(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))}%`;
}

/** Up to one decimal below ten, none from ten on. */
function short(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 9.95 ? 1 : 0)));
}

function pair(amount: number, base: number, [big, small]: readonly [string, string]): string {
  const rest = amount % base;
  return `${Math.floor(amount / base)}${big}${rest === 0 ? '' : `${String(rest).padStart(2, '0')}${small}`}`;
}
