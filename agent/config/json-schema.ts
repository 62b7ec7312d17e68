/**
 * `config schema`: JSON Schema (2020-12) of the file, for editors and for checks in a pipeline. It speaks of the file
 * as written, before references are put in: every text may hold a `${...}`, and so may stand for a number.
 * It can't say the ranges of durations and sizes, nor compare two paths or durations: `config validate` does.
 */
import { z } from 'zod';
import { needsValue, type AnyNode, type AnySection, type Option } from './declare.js';
import { RULES } from './rules.js';

type Schema = Readonly<Record<string, unknown>>;

const REFERENCE = { type: 'string', pattern: String.raw`(^|[^$])\$\{(credential|file|env):` } as const;

export function jsonSchema(declaration: AnySection): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'cassandra-cdc-agent',
    ...nodeSchema(declaration),
    allOf: RULES.flatMap(({ schema }) => (schema === undefined ? [] : [schema])),
  };
}

function nodeSchema(node: AnyNode): Schema {
  if (node.kind === 'option') return optionSchema(node);
  // An empty section (`log:` and nothing below) means all defaults, where that is possible.
  const type = node.kind === 'section' && (node.optional || needsValue(node)) ? 'object' : ['object', 'null'];
  if (node.kind === 'map') return { type, description: node.doc, propertyNames: leaf(node.key.schema), additionalProperties: nodeSchema(node.value) };
  const entries = Object.entries(node.members);
  const required = entries.filter(([, member]) => needsValue(member)).map(([key]) => key);
  return {
    type,
    description: node.doc,
    properties: Object.fromEntries(entries.map(([key, member]) => [key, nodeSchema(member)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function optionSchema(option: Option<unknown>): Schema {
  const { type, doc } = option;
  return {
    description: type.limits === undefined || type.secret === true ? doc : `${doc} (${type.limits})`,
    ...(option.default === undefined ? {} : { default: option.default }),
    ...(type.secret === true ? { writeOnly: true } : {}),
    ...withReferences(leaf(type.schema)),
  };
}

function leaf(schema: z.ZodType): Schema {
  return Object.fromEntries(Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema'));
}

/** `${` that begins no reference. */
const NO_REFERENCE = { type: 'string', pattern: String.raw`(^|[^$])\$\{(?!(credential|file|env):)` } as const;

/** A scalar may be given by a reference instead; keys of maps may not. */
function withReferences(schema: Schema): Schema {
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: (schema['anyOf'] as readonly Schema[]).map(withReferences) };
  if (schema['type'] === 'array') return { ...schema, items: withReferences(schema['items'] as Schema) };
  if (schema['type'] === 'object') return { ...schema, additionalProperties: withReferences(schema['additionalProperties'] as Schema) };
  const free = schema['type'] === 'string' && schema['pattern'] === undefined && schema['enum'] === undefined && schema['const'] === undefined;
  return free ? { ...schema, not: NO_REFERENCE } : { anyOf: [schema, { ...REFERENCE, not: NO_REFERENCE }] };
}
