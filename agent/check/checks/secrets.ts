/** The configuration file, and the files that it names: right, readable for the agent, and for nobody else. */
import { keyText } from '../../config/problem.js';
import type { Facts } from '../facts.js';
import { fail, ok, warn, type Finding } from '../finding.js';

const WORLD_READABLE = 0o004;

export function checkConfig({ file, warnings }: Facts): Promise<Finding[]> {
  const found = warnings.map(({ line, column, key, message, fix }) => warn('config', `${file}:${line}:${column} ${key}: ${message}`, { fix }));
  return Promise.resolve([...found, ...(found.length === 0 ? [ok('config', `${file} is right`)] : [])]);
}

interface NamedFile {
  readonly key: string;
  readonly path: string | undefined;
  readonly isSecret: boolean;
}

export async function checkSecrets(facts: Facts): Promise<Finding[]> {
  const { cassandra, kafka, source, http } = facts.config;
  const tls = (section: string, files: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined } | undefined): NamedFile[] =>
    (['ca', 'cert', 'key'] as const).map((name) => ({ key: keyText([...section.split('.'), name]), path: files?.[name], isSecret: name === 'key' }));
  const named: NamedFile[] = [
    ...tls('cassandra.tls', cassandra.tls), ...tls('kafka.tls', kafka.tls), ...tls('http.tls', http.tls),
    { key: 'source.encryption_key_file', path: source.encryption_key_file, isSecret: true },
    { key: 'kafka.sasl.token_file', path: kafka.sasl?.token_file, isSecret: true },
    { key: 'kafka.sasl.token_endpoint.ca', path: kafka.sasl?.token_endpoint?.ca, isSecret: false },
  ];
  const findings: Finding[] = [];
  for (const { key, path, isSecret } of named) {
    if (path === undefined) continue;
    const { value: status, error } = await facts.status(path);
    if (error !== undefined || !(status === null || (await facts.ports.files.may(path, 'read')))) findings.push(fail('files', `${key}: ${facts.ports.user.name} may not read ${path}`, { fix: 'let the agent\'s user read it, and nobody else' }));
    else if (status === null) findings.push(fail('files', `${key}: ${path} does not exist`, { fix: `correct ${key}, or put the file there` }));
    else if (isSecret && (status.mode & WORLD_READABLE) !== 0) findings.push(warn('files', `${key}: ${path} is a secret that every user of this host can read`, { fix: 'close it:', commands: [`chmod o= ${path}`] }));
  }
  const count = named.filter(({ path }) => path !== undefined).length;
  if (findings.length === 0 && count > 0) findings.push(ok('files', `${count} files that the configuration names can be read, keys by the agent only`));
  return findings;
}
