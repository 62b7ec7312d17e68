/** Writing YAML: the few shapes that a configuration has. */
import { stringify } from 'yaml';
import type { Plain } from './value-type.js';

/** A value on one line, quoted where YAML needs it, inside { } too. */
export function flowYaml(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map((item: Plain) => flowYaml(item)).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([key, item]) => `${flowYaml(key)}: ${flowYaml(item)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  // Commas, brackets and braces end plain text inside [ ] and { }: quoted everywhere, for the reader's sake.
  if (typeof value === 'string' && /[,[\]{}#*&!|>%@`"'\n\t]|^[?-]|: |:$/.test(value)) return JSON.stringify(value);
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

/** Words broken into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
