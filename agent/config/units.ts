/**
 * Durations and sizes as people write them: a whole number and a unit, nothing between.
 *
 *   <duration> is <number>('ms' | 's' | 'm' | 'h' | 'd')          -> milliseconds
 *   <size>     is <number>('B' | 'KiB' | 'MiB' | 'GiB' | 'TiB')   -> bytes
 */

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

export const DURATION_PATTERN = /^(\d{1,15})(ms|s|m|h|d)$/;
export const SIZE_PATTERN = /^(\d{1,15})(B|KiB|MiB|GiB|TiB)$/;

/** Milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  return parse(text, DURATION_PATTERN, DURATIONS);
}

/** Bytes, or undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  return parse(text, SIZE_PATTERN, SIZES);
}

function parse(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) * units[match[2]];
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What was probably meant: `10 sec` -> `10s`, `1.5s` -> `1500ms`; a bare number gets the unit given. */
export function guessDuration(text: string, bareUnit: 'ms' | 's'): string | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zµ]*)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2] === '' ? bareUnit : durationUnit(match[2].toLowerCase());
  return unit === undefined ? undefined : whole(Number(match[1]), unit, [['ms', 1], ['s', 1_000]], DURATIONS);
}

function durationUnit(word: string): string | undefined {
  if (/^(ms|msecs?|millis|milliseconds?)$/.test(word)) return 'ms';
  return /^(s|secs?|seconds?)$/.test(word) ? 's' : /^(m|mins?|minutes?)$/.test(word) ? 'm' : /^(h|hrs?|hours?)$/.test(word) ? 'h' : /^(d|days?)$/.test(word) ? 'd' : undefined;
}

/** What was probably meant: `64MB`, `64 mb`, `64M` -> `64MiB`; a bare number is bytes. */
export function guessSize(text: string): string | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b(?:ytes?)?)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2] === '' ? 'B' : `${match[2].toUpperCase()}iB`;
  return whole(Number(match[1]), unit, [['B', 1], ['KiB', 2 ** 10], ['MiB', 2 ** 20]], SIZES);
}

/** Keeps whole numbers in their unit; a fraction goes to the largest smaller unit that holds it exactly. */
function whole(amount: number, unit: string, smaller: readonly (readonly [string, number])[], units: Readonly<Record<string, number>>): string | undefined {
  if (Number.isInteger(amount)) return `${amount}${unit}`;
  for (const [name, factor] of smaller.toReversed()) {
    const value = (amount * units[unit]) / factor;
    if (factor < units[unit] && Number.isSafeInteger(value)) return `${value}${name}`;
  }
  return undefined;
}
