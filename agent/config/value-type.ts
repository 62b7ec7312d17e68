/**
 * One kind of value: what it accepts (zod, which also gives the JSON Schema) and the words for what it refuses.
 * Complaints are made from what may be shown: never from the content of a secret or of a resolved reference.
 */
import type { z } from 'zod';

/** What YAML can hold, after references were resolved. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export interface Complaint {
  readonly message: string;
  readonly fix: string;
}

/** A refused value. */
export interface Given {
  readonly value: unknown;
  /** The value as the file writes it, `***` for a secret. */
  readonly shown: string;
  /** Set when the text came out of a `${...}`: then nothing may be quoted from `value`. */
  readonly fromReference: boolean;
  /** Directory of the configuration file, for fixes of relative paths. */
  readonly directory: string;
}

export interface ValueType<T> {
  readonly schema: z.ZodType<T>;
  /** With its article: "a duration". */
  readonly what: string;
  /** As YAML text. */
  readonly example: string;
  /** For the reference page: range, choices. */
  readonly limits?: string;
  readonly secret?: true;
  /** A whole `${...}` of such an option is read as a number or as true/false. */
  readonly scalar?: 'number' | 'boolean';
  /** Of a list. */
  readonly item?: ValueType<unknown>;
  explain(given: Given): Complaint;
}

/** The type's name without its article. */
export function typeName(type: ValueType<unknown>): string {
  return type.what.replace(/^an? /, '');
}

/** Says what stands there, short enough for one line. */
export function describe({ value, shown }: Given): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  if (typeof value === 'number') return `the number ${shown}`;
  if (typeof value === 'boolean') return shown;
  return `"${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}"`;
}

/** The complaint that fits when nothing better is known. */
export function mustBe(type: Pick<ValueType<unknown>, 'what' | 'example'>, given: Given): Complaint {
  const { value } = given;
  const fix = given.fromReference ? `make ${given.shown} hold ${type.what}, for example ${type.example}` : `write for example ${type.example}`;
  return { message: `must be ${type.what}, is ${describe(given)}`, fix: value === null ? `${fix}, or remove the line` : fix };
}
