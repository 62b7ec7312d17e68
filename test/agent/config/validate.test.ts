/** Every mistake is answered with its place, its key, what is wrong and the fix, and all of them at once. */
import { expect } from 'chai';
import { ConfigError } from '../../../agent/errors.js';
import { MISTAKES, SYNTAX, type Answer } from './mistakes.js';
import { load, mistakes, REQUIRED } from './world.js';

const answersOf = (text: string): Answer[] => mistakes(text, { env: { PW: 'x' } }).map(({ line, column, key, message, fix }) => [line, column, key, message, fix]);

describe('configuration: mistakes', () => {
  for (const { name, text, answers } of [...MISTAKES, ...SYNTAX]) it(`answers ${name}`, () => expect(answersOf(text)).to.deep.equal(answers));

  it('answers all at once, in the order of the file', () => {
    const text = 'cassandra:\n  contact_point: [a]\nkafka:\n  brokers: [k1]\n  transaction: { interval: 100, max_bytes: 64MB }\nlog: { level: loud }\nstate_directory: x\n';
    expect(mistakes(text).map(({ line, column, key }) => `${line}:${column} ${key}`)).to.deep.equal(['2:3 cassandra.contact_point', '5:28 kafka.transaction.interval', '5:44 kafka.transaction.max_bytes', '6:15 log.level', '7:18 state_directory']);
  });

  it('is one error for the operator: exit 78, file, places and fixes in its text', () => {
    const text = `${REQUIRED}log:\n  levl: info\n`;
    const attempt = (): unknown => load(text);
    expect(attempt).to.throw(ConfigError).with.property('exitCode', 78);
    expect(attempt).to.throw('agent.yaml has 1 mistake\n  agent.yaml:4:3  log.levl: unknown key\n      fix: write level');
  });

  it('reports each line of broken YAML once', () => {
    expect(mistakes('a: {b: [}\nc: "\\q"\n')).to.have.lengthOf.at.least(1).and.satisfy((found: readonly { line: number }[]) => new Set(found.map(({ line }) => line)).size === found.length);
  });
});

describe('configuration: what YAML can do', () => {
  const nested = (text: string): string => mistakes(text)[0]?.message ?? '';

  it('refuses deep nesting before the parser recurses into it', function () {
    this.timeout(30_000);
    for (const bomb of ['['.repeat(30_000), '{a: '.repeat(30_000), `a: ${'- '.repeat(30_000)}`, `- ${'- '.repeat(30_000)}x`]) expect(nested(bomb)).to.equal('too much nesting or too many aliases');
    expect(nested(Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'))).to.not.equal('');
  });

  it('refuses billions of laughs', function () {
    this.timeout(30_000);
    const names = Array.from({ length: 12 }, (_, index) => `l${index}`);
    const lines = names.map((name, index) => `${name}: &${name} [${index === 0 ? 'lol' : Array.from({ length: 10 }, () => `*${names[index - 1]}`).join(', ')}]`);
    expect(mistakes(lines.join('\n')).some(({ message }) => message === 'too much nesting or too many aliases')).to.equal(true);
  });

  it('refuses an alias of itself', () => expect(mistakes('a: &a [*a]\n').length).to.be.greaterThan(0));

  it('knows a few aliases', () => {
    const { config } = load('cassandra: { contact_points: [a], tls: &tls { ca: /ca.pem } }\nkafka: { brokers: [k1], tls: *tls }\n');
    expect(config.kafka.tls?.ca).to.equal('/ca.pem');
  });

  it('refuses a file of more than 1 MiB, tags, keys that are no text, and __proto__', () => {
    expect(nested(`# ${'x'.repeat(1 << 20)}`)).to.equal('is larger than 1 MiB');
    expect(nested(`${REQUIRED}state_directory: !!binary eA==\n`)).to.equal('! begins a tag in YAML');
    expect(nested(`${REQUIRED}1: x\n`)).to.equal('has a key that is not text');
    expect(nested(`${REQUIRED}events: { headers: { __proto__: x } }\n`)).to.equal('has a key that is not text');
    expect(nested(`${REQUIRED}constructor: x\n`)).to.equal('unknown key');
  });

  it('reads a byte order mark, CRLF, comments and empty sections', () => {
    const text = `\ufeff# comment\r\n${REQUIRED.replaceAll('\n', '\r\n')}log:\r\n  # level: debug\r\nsource:\r\n`;
    expect(load(text).config).to.deep.equal(load(REQUIRED).config);
    expect(mistakes(`\ufeff${REQUIRED}x: 1\n`)[0]).to.include({ line: 3, column: 1 });
  });
});
