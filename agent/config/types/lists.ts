/** Lists of one kind of value. */
import { z } from 'zod';
import { mustBe, typeName, type ValueType } from '../value-type.js';

export interface ListOptions {
  /** What the items are, in the plural. */
  readonly of: string;
  readonly min?: number;
}

export function list<T>(item: ValueType<T>, { of, min = 0 }: ListOptions): ValueType<readonly T[]> {
  return {
    schema: z.array(item.schema).min(min),
    what: `a list of ${of}`,
    example: `[${flow(item.example)}]`,
    limits: min > 0 ? `at least ${min}` : `of ${typeName(item)}`,
    item,
    explain(given) {
      const { value, shown, fromReference } = given;
      if (Array.isArray(value)) return { message: 'must not be empty', fix: `write at least one, for example ${this.example}` };
      if (typeof value === 'string' && !fromReference && value !== '') return { message: `must be a list of ${of}, is one value`, fix: `write [${value.split(/\s*,\s*/).map(flow).join(', ')}]` };
      return mustBe(this, { value, shown, fromReference, directory: given.directory });
    },
  };
}

/** Text as an item of a YAML flow list. */
function flow(text: string): string {
  return /^[\w./-][\w./:-]*$/.test(text) || /^".*"$/.test(text) ? text : `"${text}"`;
}
