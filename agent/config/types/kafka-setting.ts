/** Values of Kafka's own settings: Kafka takes them all as text. */
import { z } from 'zod';
import { mustBe, type ValueType } from '../value-type.js';

export function kafkaSetting(): ValueType<string> {
  return {
    schema: z.union([z.string().min(1), z.number(), z.boolean()]).transform(String),
    what: 'text, a number, or true or false',
    example: '604800000',
    explain(given) {
      return mustBe(this, given);
    },
  };
}
