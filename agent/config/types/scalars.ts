/** Text, whole numbers, true/false, one of a few words, secrets. */
import { z } from 'zod';
import { nearest } from '../nearest.js';
import { Secret } from '../secret.js';
import { describe, mustBe, type Complaint, type Given, type ValueType } from '../value-type.js';

export interface TextOptions {
  readonly what: string;
  readonly example: string;
  readonly pattern?: RegExp;
  /** Says what the pattern asks for. */
  readonly rule?: string;
}

/** Text of at least one character. A number or true/false in its place is asked to be quoted: 0123 would lose its zero. */
export function text({ what, example, pattern, rule }: TextOptions): ValueType<string> {
  return {
    schema: pattern === undefined ? z.string().min(1) : z.string().regex(pattern),
    what,
    example,
    ...(rule === undefined ? {} : { limits: rule }),
    explain(given) {
      if (typeof given.value === 'number' || typeof given.value === 'boolean') return quoteIt(what, given);
      const complaint = mustBe(this, given);
      return rule === undefined || typeof given.value !== 'string' ? complaint : { ...complaint, message: `${complaint.message} (${rule})` };
    },
  };
}

function quoteIt(what: string, given: Given): Complaint {
  const { shown, fromReference } = given;
  return { message: `must be ${what} as text, is ${describe(given)}`, fix: fromReference ? 'put it in quotes' : `put it in quotes: "${shown}"` };
}

export function integer({ min, max }: { readonly min: number; readonly max: number }): ValueType<number> {
  return {
    schema: z.int().min(min).max(max),
    what: 'a whole number',
    example: String(min),
    limits: `${min} to ${max}`,
    scalar: 'number',
    explain(given) {
      if (typeof given.value === 'number') return { message: `must be a whole number from ${min} to ${max}, is ${given.shown}`, fix: `write a whole number from ${min} to ${max}` };
      if (typeof given.value === 'string' && !given.fromReference && /^\d+$/.test(given.value)) return { message: 'must be a number, is text', fix: `write ${Number(given.value)} without quotes` };
      return mustBe(this, given);
    },
  };
}

/** YAML 1.2: only true and false; `no` and `off` are text. */
export function boolean(): ValueType<boolean> {
  return {
    schema: z.boolean(),
    what: 'true or false',
    example: 'true',
    scalar: 'boolean',
    explain(given) {
      const { value, fromReference } = given;
      if (typeof value === 'string' && !fromReference) {
        const meant = /^(no|off|n|false|0)$/i.test(value) ? 'false' : /^(yes|on|y|true|1)$/i.test(value) ? 'true' : undefined;
        if (meant !== undefined) return { message: `must be true or false, is ${describe(given)}`, fix: `write ${meant}` };
      }
      return { ...mustBe(this, given), fix: fromReference ? `make ${given.shown} hold true or false` : 'write true or false' };
    },
  };
}

export function choice<const T extends readonly [string, ...string[]]>(words: T): ValueType<T[number]> {
  const list = words.join(', ');
  return {
    schema: z.enum(words),
    what: words.length === 1 ? words[0] : `one of ${list}`,
    example: words[0],
    limits: words.join(' | '),
    explain(given) {
      const meant = typeof given.value === 'string' && !given.fromReference ? nearest(given.value, words) : undefined;
      const fix = meant !== undefined ? `write ${meant}` : given.fromReference ? `make ${given.shown} hold one of ${list}` : `write ${list.replace(/, ([^,]*)$/, ' or $1')}`;
      return { message: `must be ${this.what}, is ${describe(given)}`, fix };
    },
  };
}

/** Text that never shows. */
export function secret(name: string): ValueType<Secret> {
  return {
    schema: z.string().min(1).transform((value) => new Secret(value)),
    what: 'text',
    example: `\${credential:${name}}`,
    limits: 'secret',
    secret: true,
    explain({ value }) {
      const kind = Array.isArray(value) ? 'a list' : value === null || value === '' ? 'empty' : typeof value === 'object' ? 'a section' : `a ${typeof value}`;
      const quoted = typeof value === 'number' || typeof value === 'boolean';
      return { message: `must be text, is ${kind}`, fix: quoted ? 'put it in quotes' : `write "\${credential:${name}}", "\${file:/path}" or "\${env:NAME}"` };
    },
  };
}
