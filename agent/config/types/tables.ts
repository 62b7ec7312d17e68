/** Names of tables and columns, and patterns of them. */
import { z } from 'zod';
import { describe, mustBe, type Given, type Complaint, type ValueType } from '../value-type.js';

function dotted(given: Given, what: string, example: string): Complaint {
  const { value, fromReference } = given;
  if (typeof value === 'string' && !fromReference && /^[\w*?]+$/.test(value)) return { message: `must be keyspace.table, is ${describe(given)}`, fix: `write "${value}.*" for a keyspace, or "*.${value}" for a table` };
  return mustBe({ what, example }, given);
}

/** `shop.orders`, `shop.*`, `*.audit_?`: * stands for any characters, ? for one, within the name. */
export function tablePattern(): ValueType<string> {
  return {
    schema: z.string().regex(/^[\w*?]+\.[\w*?]+$/),
    what: 'a table pattern',
    example: '"shop.*"',
    limits: 'keyspace.table, with * and ?',
    explain: (given) => dotted(given, 'a table pattern', '"shop.*"'),
  };
}

export function tableName(): ValueType<string> {
  return {
    schema: z.string().regex(/^\w+\.\w+$/),
    what: 'a table',
    example: 'shop.orders',
    limits: 'keyspace.table',
    explain: (given) => dotted(given, 'a table', 'shop.orders'),
  };
}

/** Column names may hold anything (quoted identifiers); in a pattern * and ? are wild. */
export function columnPattern(): ValueType<string> {
  return {
    schema: z.string().min(1),
    what: 'a column pattern',
    example: 'card',
    limits: 'a column name, with * and ?',
    explain: (given) => (typeof given.value === 'number' || typeof given.value === 'boolean' ? { message: `must be text, is ${describe(given)}`, fix: 'put it in quotes' } : mustBe({ what: 'a column name', example: 'card' }, given)),
  };
}

export type EventTimestamp = 'writetime' | ReadonlyMap<string, string>;

/** `writetime`, or for each table the column that holds the event's time. */
export function eventTimestamp(): ValueType<EventTimestamp> {
  const table = tableName();
  return {
    schema: z.union([z.literal('writetime'), z.record(table.schema, z.string().min(1)).transform((columns) => new Map(Object.entries(columns)))]),
    what: 'writetime, or a column for each table',
    example: '{ "metrics.readings": observed_at }',
    explain(given) {
      const { value } = given;
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
        for (const [key, column] of Object.entries(value)) {
          if (!table.schema.safeParse(key).success) return { message: `must name tables as keyspace.table, has "${key}"`, fix: 'write for example { "metrics.readings": observed_at }' };
          if (typeof column !== 'string' || column === '') return { message: `must name one column of ${key}`, fix: `write { "${key}": observed_at }` };
        }
      }
      return { message: `must be ${this.what}, is ${describe(given)}`, fix: 'write writetime, or { "keyspace.table": column }' };
    },
  };
}
