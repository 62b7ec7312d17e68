/** Printed defaults, reference page and JSON Schema say what the validator does. */
import { expect } from 'chai';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { DECLARATION } from '../../../agent/config/declaration.js';
import { options, type AnyNode, type Option } from '../../../agent/config/declare.js';
import { jsonSchema } from '../../../agent/config/json-schema.js';
import { printDefaults, printRequired } from '../../../agent/config/print-defaults.js';
import { effective, printEffective } from '../../../agent/config/print-effective.js';
import { printReference } from '../../../agent/config/print-reference.js';
import type { Plain } from '../../../agent/config/value-type.js';
import { keyText } from '../../../agent/config/problem.js';
import { MISTAKES } from './mistakes.js';
import { accepts, type Schema } from './schema-check.js';
import { load, mistakes } from './world.js';

const SCHEMA = jsonSchema(DECLARATION);
const required = printRequired(DECLARATION);

describe('configuration: printed defaults', () => {
  it('mean the same as the required keys alone', () => expect(load(printDefaults(DECLARATION)).config).to.deep.equal(load(required).config));

  it('need exactly cassandra.contact_points and kafka.brokers', () => {
    expect(mistakes('').map(({ key }) => key)).to.deep.equal(['cassandra.contact_points', 'kafka.brokers']);
    expect(Object.keys(parse(required) as object)).to.deep.equal(['cassandra', 'kafka']);
  });

  it('name every option, and stay right when everything is uncommented', () => {
    const printed = printDefaults(DECLARATION);
    for (const { path } of options(DECLARATION)) if (!path.some((part) => part.startsWith('<'))) expect(printed).to.match(new RegExp(`^ *(?:# )?${path.at(-1) ?? ''}:`, 'm'));
    // Lines `# key: value` are options; an uncommented twin of `key: {}` replaces it.
    const all = printed.replace(/^( *)# ([a-z_]+:(?: .*)?)$/gm, '$1$2').replace(/^( *)([a-z_]+): \{\}\n(?=\1\2: )/gm, '');
    expect(mistakes(all, { env: { CREDENTIALS_DIRECTORY: '/c' }, files: Object.fromEntries(['cassandra-password', 'kafka-password', 'tls-key-password', 'oauth-client-secret', 'commitlog-key', 'hash-key', 'http-token'].map((name) => [`/c/${name}`, 'x'])) }).map(({ key, message }) => `${key} ${message}`)).to.deep.equal(
      // The examples show alternatives; these exclude each other.
      ['kafka.sasl.token_file is not used by scram-sha-512', 'kafka.sasl.token_file there are two sources of tokens', 'kafka.sasl.token_endpoint is not used by scram-sha-512', 'source.encryption_key is given twice, as key and as file'].sort((a, b) => all.indexOf(`${a.split(' ')[0].split('.').at(-1) ?? ''}:`) - all.indexOf(`${b.split(' ')[0].split('.').at(-1) ?? ''}:`)),
    );
  });

  it('come back from the print of the configuration in force', () => {
    const { tree, config } = load(required);
    const printed = printEffective(DECLARATION, tree);
    expect(load(printed).config).to.deep.equal(config);
    expect(effective(DECLARATION, tree)).to.deep.equal(parse(printed));
  });
});

describe('configuration: reference page', () => {
  const page = printReference(DECLARATION);

  it('documents every option with its default', () => {
    for (const { path, option } of options(DECLARATION)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${keyText(path)}\` |`)) ?? '';
      expect(row, keyText(path)).to.include(option.doc.replaceAll('|', '\\|'));
      if (typeof option.default === 'string' || typeof option.default === 'number') expect(row).to.include(String(option.default));
      expect(option.doc.length, keyText(path)).to.be.greaterThan(3);
    }
  });

  it('has no row for anything else', () => {
    const known = new Set([...options(DECLARATION)].map(({ path }) => keyText(path)));
    const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key);
    expect(rows.filter((key) => !known.has(key))).to.deep.equal([]);
    expect(rows).to.have.lengthOf(known.size);
  });
});

/** What JSON Schema can't say: ranges with units, comparisons, one text built into another. */
const BEYOND_SCHEMA = new Set(['a duration out of range', 'two waits the wrong way round', 'the agent\'s own topic', 'the topic of its gaps']);
/** What stands in the YAML text or the world and not in the values. */
const NOT_IN_VALUES = new Set(['a section twice', 'a pattern without quotes', 'a missing variable', 'a credential outside of the service', 'a secret file that is not there']);

describe('configuration: JSON Schema', () => {
  it('refuses the mistakes that it can see', () => {
    for (const { name, text } of MISTAKES) {
      if (NOT_IN_VALUES.has(name)) continue;
      expect(accepts(SCHEMA, parse(text, { logLevel: 'silent' }) ?? {}), name).to.equal(BEYOND_SCHEMA.has(name));
    }
  });

  it('accepts the defaults and the required keys', () => {
    for (const text of [required, printDefaults(DECLARATION)]) expect(accepts(SCHEMA, parse(text))).to.equal(true);
  });

  it('accepts every section with nothing below it, as the validator does', () => {
    const sections = Object.entries(DECLARATION.members).filter(([, { kind }]) => kind === 'section').map(([key]) => key);
    for (const section of sections.filter((key) => !['cassandra', 'kafka'].includes(key))) {
      const text = `${required}\n${section}:\n`;
      expect([mistakes(text), accepts(SCHEMA, parse(text))], section).to.deep.equal([[], true]);
    }
    expect(sections).to.include('source');
  });

  it('describes every option', () => {
    const count = (schema: Schema): number => (typeof schema === 'boolean' ? 0 : Object.values((schema['properties'] ?? {}) as Record<string, Schema>).reduce((sum, inner) => sum + count(inner), typeof schema['description'] === 'string' ? 1 : 0));
    expect(count(SCHEMA)).to.be.greaterThan([...options(DECLARATION)].filter(({ path }) => !path.some((part) => part.startsWith('<'))).length);
  });

  it('and the validator accept and refuse the same documents', function () {
    this.timeout(60_000);
    let right = 0;
    fc.assert(
      fc.property(documents(), (document) => {
        const found = mistakes(stringify(document), { env: ENV });
        const beyond = found.filter(({ message }) => /^must be from |must not be inside|own topic|shorter than/.test(message));
        if (found.length === 0) right++;
        expect(accepts(SCHEMA, document), JSON.stringify(found)).to.equal(found.length === beyond.length);
      }),
      { numRuns: 200 },
    );
    expect(right, 'right documents among them').to.be.within(10, 190);
  });
});

const ENV: Record<string, string> = {};

/** Documents near the declaration: mostly right, sometimes wrong in one place or several. */
function documents(): fc.Arbitrary<unknown> {
  return fc.constantFrom(0, 0, 0.005, 0.03).chain((wrong) => node(DECLARATION, [], wrong));
}

function node(declared: AnyNode, path: readonly string[], wrong: number): fc.Arbitrary<unknown> {
  if (declared.kind === 'option') return value(declared, path, wrong);
  if (declared.kind === 'map') {
    const example = parse(`{ ${declared.example} }`) as Record<string, unknown>;
    return sometimes(wrong, fc.constantFrom({}, null, example), fc.constantFrom<unknown>([], 'x', { 'a b': [] }, { '': 1 }));
  }
  const inner = fc.tuple(...Object.entries(declared.members).map(([key, member]) => {
    const needed = member.kind === 'option' ? member.need === 'required' : key === 'cassandra' || key === 'kafka';
    // Pairs that exclude or need each other stay rare enough for right documents to be common.
    return sometimes(needed ? wrong : 0.75, node(member, [...path, key], wrong).map((given): [string, unknown][] => [[key, given]]), fc.constant<[string, unknown][]>([]));
  })).map((entries) => Object.fromEntries(entries.flat()));
  return sometimes(wrong, inner, fc.oneof(fc.constantFrom<unknown>(null, 5, 'x', [], false), inner.map((given) => ({ ...given, nonsense: 1 }))));
}

function value(option: Option<unknown>, path: readonly string[], wrong: number): fc.Arbitrary<unknown> {
  const example = option.type.secret === true ? 'hunter2' : (parse(option.example) as Plain);
  const right = [example, ...(option.default === undefined ? [] : [option.default])];
  // What the rules ask for hangs on the mechanism: behind a reference the schema can't see it.
  if (typeof example === 'string' && path.at(-1) !== 'mechanism') {
    const name = keyText(path).replace(/\W/g, '_');
    ENV[name] = example;
    right.push(`\${env:${name}}`);
  }
  return sometimes(wrong, fc.constantFrom(...right), fc.constantFrom<unknown>(null, 5, -1, 1.5, 'x y', '', 'true', true, [], ['a b'], {}, { a: 1 }, '0.0.0.0:1', '{column:x}', 'cdc.{x}', '10', '1 s'));
}

function sometimes<T>(chance: number, usual: fc.Arbitrary<T>, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> {
  const weight = Math.round(chance * 1000);
  return fc.oneof({ weight: 1000 - weight, arbitrary: usual }, { weight, arbitrary: otherwise });
}
