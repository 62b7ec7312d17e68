/** Durations (milliseconds) and sizes (bytes): always with their unit, always within a range. */
import { z } from 'zod';
import { DURATION_PATTERN, guessDuration, guessSize, parseDuration, parseSize, SIZE_PATTERN } from '../units.js';
import { describe, mustBe, type Complaint, type Given, type ValueType } from '../value-type.js';

interface Measure {
  readonly what: string;
  readonly pattern: RegExp;
  readonly min: string;
  readonly max: string;
  readonly parse: (text: string) => number | undefined;
  /** What was probably meant, likeliest first. */
  readonly guess: (text: string) => readonly (string | undefined)[];
}

/** Milliseconds. Bounds are written as the operator would write them. */
export function duration({ min, max }: { readonly min: string; readonly max: string }): ValueType<number> {
  return measure({ what: 'a duration', pattern: DURATION_PATTERN, min, max, parse: parseDuration, guess: (text) => [guessDuration(text, 'ms'), guessDuration(text, 's')] });
}

/** Bytes. */
export function size({ min, max }: { readonly min: string; readonly max: string }): ValueType<number> {
  return measure({ what: 'a size', pattern: SIZE_PATTERN, min, max, parse: parseSize, guess: (text) => [guessSize(text)] });
}

function measure(kind: Measure): ValueType<number> {
  const { what, pattern, min, max, parse } = kind;
  const low = parse(min) ?? Infinity;
  const high = parse(max) ?? -Infinity;
  const inRange = (text: string): boolean => {
    const value = parse(text);
    return value !== undefined && value >= low && value <= high;
  };
  return {
    schema: z.string().regex(pattern).refine(inRange).transform((text) => parse(text) ?? NaN),
    what,
    example: min,
    limits: `${min} to ${max}`,
    explain: (given) => complain(kind, given, inRange),
  };
}

function complain(kind: Measure, given: Given, inRange: (text: string) => boolean): Complaint {
  const { what, min, max, pattern, guess } = kind;
  const { value, fromReference } = given;
  const range = `from ${min} to ${max}`;
  const asText = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
  if (asText === undefined || fromReference) return mustBe({ what: `${what} ${range}`, example: min }, given);
  if (pattern.test(asText)) return { message: `must be ${range}, is ${given.shown}`, fix: `write ${what} ${range}` };
  const meant = guess(asText).find((text) => text !== undefined && inRange(text));
  const bare = /^[\d.]+$/.test(asText);
  return {
    message: bare ? `must be ${what} with its unit, is ${describe(given)}` : `must be ${what}, is ${describe(given)}`,
    fix: `write ${meant ?? `${what} ${range}`}`,
  };
}
