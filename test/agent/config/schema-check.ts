/** As much of JSON Schema 2020-12 as the configuration's schema uses; an unknown keyword is an error. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'default', 'writeOnly']);

export function accepts(schema: Schema, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([keyword, argument]) => ANNOTATIONS.has(keyword) || keyword === 'then' || keyword === 'else' || check(keyword, argument, { schema, value }));
}

interface Where {
  readonly schema: { readonly [keyword: string]: unknown };
  readonly value: unknown;
}

function check(keyword: string, argument: unknown, { schema, value }: Where): boolean {
  switch (keyword) {
    case 'type': return (Array.isArray(argument) ? (argument as unknown[]) : [argument]).includes(typeOf(value)) || (argument === 'number' && typeOf(value) === 'integer');
    case 'enum': return (argument as unknown[]).includes(value);
    case 'const': return argument === value;
    case 'pattern': return typeof value !== 'string' || new RegExp(String(argument), 'u').test(value);
    case 'minLength': return typeof value !== 'string' || value.length >= Number(argument);
    case 'maxLength': return typeof value !== 'string' || value.length <= Number(argument);
    case 'minimum': return typeof value !== 'number' || value >= Number(argument);
    case 'maximum': return typeof value !== 'number' || value <= Number(argument);
    case 'minItems': return !Array.isArray(value) || value.length >= Number(argument);
    case 'items': return !Array.isArray(value) || value.every((item) => accepts(argument as Schema, item));
    case 'anyOf': return (argument as Schema[]).some((inner) => accepts(inner, value));
    case 'allOf': return (argument as Schema[]).every((inner) => accepts(inner, value));
    case 'not': return !accepts(argument as Schema, value);
    case 'if': return accepts((accepts(argument as Schema, value) ? schema['then'] : schema['else']) as Schema | undefined ?? true, value);
    default: return !isObject(value) || checkObject(keyword, argument, { schema, value });
  }
}

function checkObject(keyword: string, argument: unknown, { schema, value }: { readonly schema: Where['schema']; readonly value: Readonly<Record<string, unknown>> }): boolean {
  const known = (schema['properties'] ?? {}) as Record<string, Schema>;
  switch (keyword) {
    case 'required': return (argument as string[]).every((key) => Object.hasOwn(value, key));
    case 'properties': return Object.entries(known).every(([key, inner]) => !Object.hasOwn(value, key) || accepts(inner, value[key]));
    case 'additionalProperties': return Object.keys(value).every((key) => Object.hasOwn(known, key) || accepts(argument as Schema, value[key]));
    case 'propertyNames': return Object.keys(value).every((key) => accepts(argument as Schema, key));
    case 'dependentRequired': return Object.entries(argument as Record<string, string[]>).every(([key, needed]) => !Object.hasOwn(value, key) || needed.every((other) => Object.hasOwn(value, other)));
    default: throw new Error(`schema-check: unknown keyword ${keyword}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
