/** Templates of records: the topic, and headers. */
import { z } from 'zod';
import { nearest } from '../nearest.js';
import { describe, mustBe, type ValueType } from '../value-type.js';

/** What a topic template may hold; values come from the changed table. */
export const TOPIC_PLACEHOLDERS = ['keyspace', 'table'] as const;

const TOPIC = /^(?:[A-Za-z0-9._-]|\{(?:keyspace|table)\})+$/;
/** Kafka's limit is 249; Cassandra's names take up to 48 each. */
const LONGEST = 150;

export function topicTemplate(): ValueType<string> {
  return {
    schema: z.string().regex(TOPIC).max(LONGEST),
    what: 'a topic name, with {keyspace} and {table} where they belong',
    example: 'cdc.{keyspace}.{table}',
    limits: 'letters, digits, . _ -, {keyspace}, {table}',
    explain(given) {
      const { value, fromReference } = given;
      if (typeof value !== 'string' || value === '' || fromReference) return mustBe(this, given);
      for (const [placeholder, name] of value.matchAll(/\{([^{}]*)\}/g)) {
        if ((TOPIC_PLACEHOLDERS as readonly string[]).includes(name)) continue;
        const meant = nearest(name, TOPIC_PLACEHOLDERS);
        return { message: `has the unknown placeholder ${placeholder}`, fix: meant === undefined ? 'use {keyspace} and {table} only' : `write {${meant}}` };
      }
      if (value.length > LONGEST) return { message: `is ${value.length} characters long, ${LONGEST} is the limit`, fix: 'write a shorter topic' };
      const bad = /[^A-Za-z0-9._-]/.exec(value.replace(/\{(?:keyspace|table)\}/g, ''));
      return { message: `has the character "${bad?.[0] ?? ''}", which a topic name can't hold`, fix: 'use letters, digits, ".", "_" and "-"' };
    },
  };
}

/** The constant beginning of all names that are the agent's own. */
export function topicPrefix(): ValueType<string> {
  return {
    schema: z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/),
    what: 'the beginning of topic names',
    example: 'cdc',
    limits: 'letters, digits, . _ -, at most 100',
    explain(given) {
      if (typeof given.value === 'number') return { message: `must be text, is ${describe(given)}`, fix: `put it in quotes: "${given.shown}"` };
      return { message: `must be made of letters, digits, ".", "_" and "-" (at most 100), is ${describe(given)}`, fix: 'write for example cdc' };
    },
  };
}

export type HeaderValue = { readonly text: string; readonly column?: never } | { readonly column: string; readonly text?: never };

const COLUMN = /^\{column:([^{}]+)\}$/;

/** Fixed text, or `{column:NAME}`: the value of that column in the changed row. */
export function headerValue(): ValueType<HeaderValue> {
  return {
    schema: z.string().regex(/^(?:\{column:[^{}]+\}|[^{}]+)$/).transform((value): HeaderValue => {
      const column = COLUMN.exec(value)?.[1];
      return column === undefined ? { text: value } : { column };
    }),
    what: 'fixed text or "{column:NAME}"',
    example: 'billing',
    explain(given) {
      const { value, fromReference } = given;
      if (typeof value === 'number' || typeof value === 'boolean') return { message: `must be text, is ${describe(given)}`, fix: fromReference ? 'put it in quotes' : `put it in quotes: "${given.shown}"` };
      const column = value !== null && typeof value === 'object' ? Object.entries(value)[0] : undefined;
      if (column?.[0].startsWith('column') === true) return { message: 'must be text, is a section', fix: `put it in quotes: "{column:${column[0].split(':')[1] ?? (typeof column[1] === 'string' ? column[1] : 'NAME')}}"` };
      if (typeof value === 'string' && !fromReference && value.includes('{')) return { message: `must be ${this.what}, is ${describe(given)}`, fix: 'write "{column:NAME}" alone, or text without { and }' };
      return mustBe(this, given);
    },
  };
}

/** Header names; those that begin with `cdc.` are the agent's. */
export function headerName(): ValueType<string> {
  return {
    schema: z.string().regex(/^(?!cdc\.).{1,200}$/),
    what: 'a header name',
    example: 'origin',
    explain: ({ value }) => (typeof value === 'string' && value.startsWith('cdc.') ? { message: 'is reserved: names that begin with cdc. are the agent\'s own', fix: 'choose another name' } : { message: 'must be 1 to 200 characters long', fix: 'write a header name' }),
  };
}
