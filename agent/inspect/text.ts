/** Numbers, times and lines for people. */
import { int64ToString, isSafe } from '../../parsers/io/int64.js';

/** Columns of a terminal that nobody made wider. */
export const WIDTH = 80;
/** Range of an ECMAScript date, in milliseconds. */
const FARTHEST = 8.64e15;

/** With thousands separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 entry`, `2 entries`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Microseconds since 1970 as a date, or as the number where it names no date (`USING TIMESTAMP` takes anything). */
export function formatMicros(high: number, low: number): string {
  const digits = int64ToString(high, low);
  if (!isSafe(high, low)) return `${digits} µs`;
  const micros = Number(digits);
  const millis = Math.floor(micros / 1000);
  return `${formatMillis(millis).slice(0, -1)}${String(micros - millis * 1000).padStart(3, '0')}Z`;
}

/** Milliseconds since 1970 as a date. */
export function formatMillis(millis: number): string {
  return Math.abs(millis) > FARTHEST ? `${millis} ms` : new Date(millis).toISOString().replace('T', ' ');
}

/** Breaks a text at spaces; lines after the first begin with `indent`. Spaces at the beginning and between words stay. */
export function wrap(text: string, indent: string, width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/\s*\S+/g) ?? []) {
    if (line !== '' && line.length + piece.length > width) {
      lines.push(line);
      line = indent + piece.trimStart();
    } else {
      line += piece;
    }
  }
  return [...lines, line].join('\n');
}

/** What a terminal would act on instead of showing it. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from a file, safe to print: control characters as escapes. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A name that needs no quotation marks, or the name in them. */
export function identifier(name: string): string {
  return /^[a-z][a-z0-9_]*$/i.test(name) ? name : printable(JSON.stringify(name));
}
