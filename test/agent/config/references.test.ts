/** ${...}: put in after parsing, never shown. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { readConfigFile, readSecretFile } from '../../../agent/config/files.js';
import { resolveReferences } from '../../../agent/config/references.js';
import { load, mistakes, REQUIRED, sources } from './world.js';

const world = { env: { A: 'x: [1, 2]\n- #', N: '12', B: 'true', CREDENTIALS_DIRECTORY: '/run/credentials' }, files: { '/run/credentials/pw': 'secret\n', '/two': 'a\n\n', '/crlf': 'b\r\n', '/open': { text: 'c', worldReadable: true }, '/empty': '\n' } };
const text = (source: string): string => resolveReferences(source, sources(world)).text;

describe('configuration: references', () => {
  it('take credentials, files and environment variables, whole or inside other text', () => {
    expect(text('${credential:pw}')).to.equal('secret');
    expect(text('${file:/run/credentials/pw}')).to.equal('secret');
    expect(text('a ${env:N} b ${env:N}')).to.equal('a 12 b 12');
  });

  it('leave out one newline at the end of a file', () => expect([text('${file:/two}'), text('${file:/crlf}')]).to.deep.equal(['a\n', 'b']));

  it('leave other text alone, and $${ is the text ${', () => {
    expect(text('$${env:N} costs 5$ or $5 {x}')).to.equal('${env:N} costs 5$ or $5 {x}');
    fc.assert(fc.property(fc.string().filter((any) => !any.includes('${')), (any) => text(any) === any));
  });

  it('never resolve what came out of a reference', () => expect(resolveReferences('${env:X}', sources({ env: { X: '${env:Y} $${' } })).text).to.equal('${env:Y} $${'));

  it('can\'t change the structure of the file', () => expect(load(`${REQUIRED}ownership: { datacenter: "\${env:A}" }\n`, world).config.ownership.datacenter).to.equal('x: [1, 2]\n- #'));

  it('stand for numbers and for true and false', () => {
    const { config } = load('cassandra: { contact_points: ["${env:N}"] }\nkafka: { brokers: [k], topics: { partitions: "${env:N}", create: "${env:B}" } }\n', world);
    expect(config.kafka.topics).to.include({ partitions: 12, create: true });
    expect(config.cassandra.contact_points[0].host).to.equal('12');
  });

  it('say what is missing, with the fix', () => {
    const problem = (source: string): string => resolveReferences(source, sources(world)).errors.map(({ message, fix }) => `${message} -> ${fix}`).join('; ');
    expect(problem('${env:NOPE}')).to.equal('the environment variable NOPE is not set -> set NOPE in the agent\'s environment');
    expect(problem('${env:toString}')).to.include('is not set');
    expect(problem('${credential:no}')).to.equal('the credential no does not exist (/run/credentials/no) -> add LoadCredential=no:PATH to the service');
    expect(problem('${credential:../etc/shadow}')).to.include('does not name a credential');
    expect(problem('${file:relative}')).to.include('must name an absolute path');
    expect(problem('${file:/empty}')).to.equal('${file:/empty} is empty -> put the value in');
    expect(problem('${evn:N}')).to.equal('${evn:N} is not a reference -> write ${env:N}; for the text itself write $${');
    expect(problem('${env:N')).to.equal('"${" is not closed -> close it with }, or write $${ for the text ${');
  });

  it('warn of a secret file that everybody can read', () => {
    const { warnings } = load('cassandra: { contact_points: [a], username: u, password: "${file:/open}" }\nkafka: { brokers: [k] }\n', world);
    expect(warnings).to.deep.equal([{ file: 'agent.yaml', line: 1, column: 58, key: 'cassandra.password', message: '/open can be read by every user of this host', fix: 'chmod o= /open' }]);
  });

  it('a wrong value from a reference is not repeated', () => {
    const [{ message, fix }] = mistakes('cassandra: { contact_points: [a] }\nkafka: { brokers: [k], compression: "${env:A}" }\n', world);
    expect(`${message} ${fix}`).to.equal('must be one of none, gzip, snappy, lz4, zstd, is "${env:A}" make ${env:A} hold one of none, gzip, snappy, lz4, zstd');
  });
});

describe('configuration: files', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'cdc-config-'))));
  after(() => rmSync(directory, { recursive: true }));
  const read = (name: string): unknown => readConfigFile(name, { env: {}, cwd: directory });

  it('are read relative to the working directory', () => {
    writeFileSync(join(directory, 'agent.yaml'), REQUIRED, { mode: 0o600 });
    expect(readConfigFile('agent.yaml', { env: {}, cwd: directory })).to.have.nested.property('config.log.level', 'info');
  });

  it('are refused with the fix when they are missing, no file, or no text', () => {
    expect(() => read('nope.yaml')).to.throw('nope.yaml does not exist').with.property('fix', 'write one: cassandra-cdc-agent config defaults > nope.yaml');
    expect(() => read('.')).to.throw('not a regular file').with.property('exitCode', 74);
    writeFileSync(join(directory, 'utf16.yaml'), Buffer.from('\ufeffa: 1', 'utf16le'));
    expect(() => read('utf16.yaml')).to.throw('utf16.yaml is not UTF-8 text').with.property('exitCode', 78);
  });

  it('a FIFO is refused and not waited for', () => {
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    expect(() => readSecretFile(join(directory, 'fifo'))).to.throw('not a regular file');
    expect(() => readSecretFile('/dev/zero')).to.throw('not a regular file');
  });

  it('know who can read a secret', () => {
    const path = join(directory, 'pw');
    writeFileSync(path, 'x\n', { mode: 0o640 });
    expect(readSecretFile(path)).to.deep.equal({ text: 'x\n', worldReadable: false });
    chmodSync(path, 0o644);
    expect(readSecretFile(path).worldReadable).to.equal(true);
  });

  it('warn of a secret in a configuration that everybody can read', () => {
    const path = join(directory, 'open.yaml');
    writeFileSync(path, 'cassandra: { contact_points: [a], username: u, password: hunter2 }\nkafka: { brokers: [k] }\n', { mode: 0o644 });
    const warnings = (): unknown => readConfigFile('open.yaml', { env: {}, cwd: directory }).warnings.map(({ key, message }) => `${key} ${message}`);
    expect(warnings()).to.deep.equal(['cassandra.password is a secret in a file that every user of this host can read']);
    chmodSync(path, 0o640);
    expect(warnings()).to.deep.equal([]);
  });
});
