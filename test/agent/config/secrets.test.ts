/** A planted secret appears in nothing that is printed. */
import { format, inspect } from 'node:util';
import { expect } from 'chai';
import { ConfigError } from '../../../agent/errors.js';
import { DECLARATION } from '../../../agent/config/declaration.js';
import { options } from '../../../agent/config/declare.js';
import { effective, printEffective } from '../../../agent/config/print-effective.js';
import { Secret } from '../../../agent/config/secret.js';
import { load } from './world.js';

const PLANTED = 'hunter2-Zq9';

/** Everything that can be said about a text. */
function said(text: string, env: Record<string, string> = {}): string {
  try {
    const { config, warnings, tree } = load(text, { env });
    return [inspect(config, { depth: 10 }), JSON.stringify(config), format('%s %o %j', config, config, config), JSON.stringify(warnings), printEffective(DECLARATION, tree), JSON.stringify(effective(DECLARATION, tree))].join('\n');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [inspect(error, { depth: 10 }), error.message, error.stack, JSON.stringify(error), JSON.stringify(error.problems)].join('\n');
  }
}

const SECRETS = [...options(DECLARATION)].filter(({ option }) => option.type.secret === true).map(({ path }) => path);
const nest = (path: readonly string[], value: string): string => path.map((key, index) => `${'  '.repeat(index)}${key}:`).join('\n') + ` ${value}\n`;
const document = (path: readonly string[], value: string): string => {
  const own = nest(path, value);
  const rest = { cassandra: 'contact_points: [a]', kafka: 'brokers: [k]' };
  return Object.entries(rest).map(([section, line]) => (path[0] === section ? own.replace(/\n/, `\n  ${line}\n`) : `${section}: { ${line} }\n`)).join('') + (Object.hasOwn(rest, path[0]) ? '' : own);
};

describe('configuration: secrets', function () {
  this.timeout(30_000);

  it('are the options that hold one', () => {
    expect(SECRETS.map((path) => path.join('.'))).to.deep.equal(['cassandra.password', 'cassandra.tls.key_password', 'kafka.tls.key_password', 'kafka.sasl.password', 'kafka.sasl.token_endpoint.client_secret', 'source.encryption_key', 'tables.hash_key', 'http.token']);
    const named = [...options(DECLARATION)].filter(({ path }) => /password|secret|token$|encryption_key$|hash_key$/.test(path.at(-1) ?? '')).map(({ path }) => path);
    expect(named).to.deep.equal(SECRETS);
  });

  it('print as stars', () => {
    const secret = new Secret(PLANTED);
    const printed = [String(secret), `${secret as unknown as string}`, '' + (secret as unknown as string), JSON.stringify({ secret }), inspect({ secret }), inspect([secret], { customInspect: false, showHidden: true }), format('%s %o %O %j', secret, secret, secret, secret), Object.keys(secret).join(), JSON.stringify(structuredClone({ secret }))].join(' ');
    expect(printed).to.not.include(PLANTED);
    expect(printed).to.include('***');
    expect(secret.reveal()).to.equal(PLANTED);
    expect([secret.equals(new Secret(PLANTED)), secret.equals(new Secret('other'))]).to.deep.equal([true, false]);
  });

  it('are found by this test when something does print them', () => expect(said(document(['ownership', 'datacenter'], PLANTED))).to.include(PLANTED));

  for (const path of SECRETS) {
    it(`do not show: ${path.join('.')}`, () => {
      // As text, from a reference, and wrongly written in all the ways that begin, end or break YAML and references.
      const spellings = [PLANTED, `"${PLANTED}"`, `'${PLANTED}`, `"${PLANTED}`, `*${PLANTED}`, `&${PLANTED}`, `!${PLANTED}`, `@${PLANTED}`, `%${PLANTED}`, `\`${PLANTED}`, `>${PLANTED}`, `|${PLANTED}`, `{${PLANTED}`, `{${PLANTED}}`, `[${PLANTED}]`, `[${PLANTED}`, `- ${PLANTED}`, `x: ${PLANTED}`, `{ a: ${PLANTED} }`, `"\\q${PLANTED}"`, `"\${${PLANTED}}"`, `"\${${PLANTED}"`, `"\${env:${PLANTED}!}"`, `"x\${no:${PLANTED}}"`, `\n      - ${PLANTED}`, `\n      x: ${PLANTED}`, `|\n      ${PLANTED}\n  bad`, `"\${env:P}"`, `"a\${env:P}b"`, `"\${file:/x\${env:P}}"`, `!!binary ${PLANTED}`, `!!int ${PLANTED}`];
      for (const spelling of spellings) expect(said(document(path, spelling), { P: PLANTED }), spelling).to.not.include(PLANTED);
      // No space behind the colon.
      expect(said(document(path, '').replace(new RegExp(`${path.at(-1) ?? ''}: `), `${path.at(-1) ?? ''}:${PLANTED}`))).to.not.include(PLANTED);
    });
  }

  it('do not show when they stand where a section belongs, or behind a key without a space', () => {
    for (const text of [`kafka:\n  sasl: ${PLANTED}\n`, `kafka:\n  brokers: [k]\n  sasl: {password:${PLANTED}}\n`, `kafka:\n  sasl:\n    password=${PLANTED}\n`, `kafka:\n  sasl:\n    password:${PLANTED}\n    username: x\n`]) expect(said(text), text).to.not.include(PLANTED);
  });

  it('from a reference do not show in options that are no secret', () => {
    for (const path of [...options(DECLARATION)].filter(({ path: parts }) => !parts.some((part) => part.startsWith('<'))).map(({ path: parts }) => parts)) {
      const text = document(path, '"${env:P}"');
      try {
        load(text, { env: { P: PLANTED } });
      } catch {
        expect(said(text, { P: PLANTED }), path.join('.')).to.not.include(PLANTED);
      }
    }
  });
});
