/** Fields of a log line: their kinds, and how each kind is written for people (logfmt) and for programs (JSON). */
import { humanBytes, humanDuration, humanRatio } from './humanise.js';

/** `row` holds values of rows: written at debug only. A trailing `?` makes a field optional. */
export interface KindValues {
  readonly text: string;
  readonly list: readonly string[];
  readonly count: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly duration: number;
  /** 0 to 1. */
  readonly ratio: number;
  readonly flag: boolean;
  readonly error: unknown;
  readonly row: unknown;
}

export type Kind = keyof KindValues;
export type FieldKinds = { readonly [name: string]: Kind | `${Kind}?` };

type Required<F extends FieldKinds> = { [K in keyof F]: F[K] extends Kind ? K : never }[keyof F];
type ValueOf<S> = S extends `${infer K extends Kind}?` ? KindValues[K] | undefined : S extends Kind ? KindValues[S] : never;

/** The fields that a happening of these kinds takes. */
export type FieldsOf<F extends FieldKinds> = { readonly [K in Required<F>]: ValueOf<F[K]> } & { readonly [K in Exclude<keyof F, Required<F>>]?: ValueOf<F[K]> };

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly value: unknown;
}

/** In the order given; what is undefined is left out, what is not declared is text. */
export function fieldList(kinds: FieldKinds, values: Readonly<Record<string, unknown>>): Field[] {
  return Object.entries(values).filter(([, value]) => value !== undefined).map(([name, value]) => ({ name, kind: (kinds[name]?.replace('?', '') ?? 'text') as Kind, value }));
}

/** For people: durations, sizes and shares with their units. */
export function fieldText({ kind, value }: Field): string {
  if (kind === 'error') return errorText(value);
  if (typeof value === 'number') {
    if (kind === 'bytes') return humanBytes(value);
    if (kind === 'duration') return humanDuration(value);
    if (kind === 'ratio') return humanRatio(value);
  }
  return plainText(value);
}

/** For programs: plain numbers. A duration's key says its unit. */
export function fieldJson({ name, kind, value }: Field): readonly [key: string, value: unknown] {
  if (kind === 'duration') return [`${name}_ms`, value];
  if (kind === 'error') return [name, value instanceof Error ? { ...(codeOf(value) === undefined ? {} : { code: codeOf(value) }), message: value.message } : plainText(value)];
  return [name, typeof value === 'bigint' ? value.toString() : value];
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plainText).join(',');
  if (value instanceof Error) return errorText(value);
  // A Secret says *** in JSON as in text.
  return typeof value === 'object' && value !== null ? unquoted(JSON.stringify(value)) : String(value);
}

function unquoted(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return plainText(error);
  const code = codeOf(error);
  const message = error.message === '' ? error.name : error.message;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
