/**
 * Rules over several options. Each says where it is broken and what to do; `schema` is the same rule for the JSON
 * Schema, where JSON Schema can say it.
 */
import type { Complaint } from './value-type.js';

/** What rules may look at: keys are dotted. */
export interface ConfigView {
  /** The file gives it. */
  has(key: string): boolean;
  /** Its checked value, default included; undefined when it is absent or refused. */
  value(key: string): unknown;
}

export interface Rule {
  /** Where the mistake is reported. */
  readonly key: string;
  readonly warning?: true;
  broken(view: ConfigView): Complaint | undefined;
  readonly schema?: object;
}

/** Both or none. */
function together(section: string, one: string, other: string): Rule[] {
  const rule = (given: string, missing: string): Rule => ({
    key: `${section}.${given}`,
    broken: (view) => (view.has(`${section}.${given}`) && !view.has(`${section}.${missing}`) ? { message: `needs ${missing} beside it`, fix: `add ${section}.${missing}, or remove ${given}` } : undefined),
    schema: inside(section, { dependentRequired: { [given]: [missing] } }),
  });
  return [rule(one, other), rule(other, one)];
}

/** A schema for the value at a dotted key. */
function inside(key: string, schema: object): object {
  return key.split('.').reduceRight<object>((inner, part) => ({ properties: { [part]: inner } }), schema);
}

/** An empty section is null, of which `required` alone would hold. */
const hasAll = (...keys: readonly string[]): object => ({ type: 'object', required: keys });

const mechanismIn = (...words: readonly string[]): object => ({ properties: { mechanism: { enum: words } }, required: ['mechanism'] });

function saslNeeds(key: string): Rule {
  return {
    key: 'kafka.sasl',
    broken: (view) => {
      const mechanism = view.value('kafka.sasl.mechanism');
      return typeof mechanism === 'string' && mechanism !== 'oauthbearer' && !view.has(`kafka.sasl.${key}`) ? { message: `${mechanism} needs a ${key}`, fix: `add kafka.sasl.${key}` } : undefined;
    },
    schema: inside('kafka.sasl', { if: mechanismIn('plain', 'scram-sha-256', 'scram-sha-512'), then: { required: [key] } }),
  };
}

function saslHasNoUse(key: string, { oauth }: { readonly oauth: boolean }): Rule {
  return {
    key: `kafka.sasl.${key}`,
    broken: (view) => {
      const mechanism = view.value('kafka.sasl.mechanism');
      return typeof mechanism === 'string' && (mechanism === 'oauthbearer') !== oauth && view.has(`kafka.sasl.${key}`) ? { message: `is not used by ${mechanism}`, fix: 'remove it, or choose another mechanism' } : undefined;
    },
    schema: inside('kafka.sasl', { if: oauth ? mechanismIn('plain', 'scram-sha-256', 'scram-sha-512') : mechanismIn('oauthbearer'), then: { properties: { [key]: false } } }),
  };
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;
const LOOPBACK_LISTEN = String.raw`^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$|\$\{`;

/** Whether a host, name or address, is this one and no other can reach it. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

function listenNeeds(key: 'tls' | 'token'): Rule {
  return {
    key: 'http.listen',
    broken: (view) => {
      const listen = view.value('http.listen') as { readonly host: string } | undefined;
      return listen === undefined || isLoopback(listen.host) || view.has(`http.${key}`) ? undefined : { message: `is open to other hosts and needs http.${key}`, fix: `add http.${key}, or listen on 127.0.0.1` };
    },
    schema: inside('http', { if: { required: ['listen'], not: { properties: { listen: { pattern: LOOPBACK_LISTEN } } } }, then: { required: [key] } }),
  };
}

/** The agent's own topics, beginning with its prefix. */
export const OWN_TOPICS = ['position', 'control', 'ledger', 'rights', 'dead_letter'] as const;

function ownTopic(view: ConfigView): { readonly name: string; readonly always: boolean } | undefined {
  const topic = view.value('events.topic');
  const prefix = view.value('events.prefix');
  if (typeof topic !== 'string' || typeof prefix !== 'string') return undefined;
  const pattern = new RegExp(`^${topic.replaceAll('.', '\\.').replace(/\{(?:keyspace|table)\}/g, '\\w+')}$`);
  const name = OWN_TOPICS.map((own) => `${prefix}.${own}`).find((own) => pattern.test(own));
  return name === undefined ? undefined : { name, always: topic === name };
}

function under(directory: unknown, parent: unknown): boolean {
  if (typeof directory !== 'string' || typeof parent !== 'string') return false;
  const trim = (path: string): string => `${path.replace(/\/+/g, '/').replace(/\/$/, '')}/`;
  return trim(directory).startsWith(trim(parent));
}

export const RULES: readonly Rule[] = [
  ...together('cassandra', 'username', 'password'),
  ...together('cassandra.tls', 'cert', 'key'),
  ...together('kafka.tls', 'cert', 'key'),
  saslNeeds('username'),
  saslNeeds('password'),
  saslHasNoUse('username', { oauth: false }),
  saslHasNoUse('password', { oauth: false }),
  saslHasNoUse('token_file', { oauth: true }),
  saslHasNoUse('token_endpoint', { oauth: true }),
  {
    key: 'kafka.sasl',
    broken: (view) => (view.value('kafka.sasl.mechanism') === 'oauthbearer' && !view.has('kafka.sasl.token_file') && !view.has('kafka.sasl.token_endpoint') ? { message: 'oauthbearer needs a token', fix: 'add kafka.sasl.token_file or kafka.sasl.token_endpoint' } : undefined),
    schema: inside('kafka.sasl', { if: mechanismIn('oauthbearer'), then: { anyOf: [{ required: ['token_file'] }, { required: ['token_endpoint'] }] } }),
  },
  {
    key: 'kafka.sasl.token_file',
    broken: (view) => (view.has('kafka.sasl.token_file') && view.has('kafka.sasl.token_endpoint') ? { message: 'there are two sources of tokens', fix: 'remove token_file or token_endpoint' } : undefined),
    schema: inside('kafka.sasl', { not: hasAll('token_file', 'token_endpoint') }),
  },
  {
    key: 'kafka.sasl.mechanism',
    broken: (view) => (view.value('kafka.sasl.mechanism') === 'plain' && !view.has('kafka.tls') ? { message: 'plain sends the password as it is and is allowed over TLS only', fix: 'add "tls: {}" under kafka, or use scram-sha-512' } : undefined),
    schema: { if: { properties: { kafka: { properties: { sasl: mechanismIn('plain') }, required: ['sasl'] } }, required: ['kafka'] }, then: inside('kafka', { required: ['tls'] }) },
  },
  {
    key: 'kafka.sasl.mechanism',
    broken: (view) => (view.value('kafka.sasl.mechanism') === 'oauthbearer' && !view.has('kafka.tls') ? { message: 'oauthbearer sends the token as it is and is allowed over TLS only', fix: 'add "tls: {}" under kafka' } : undefined),
    schema: { if: { properties: { kafka: { properties: { sasl: mechanismIn('oauthbearer') }, required: ['sasl'] } }, required: ['kafka'] }, then: inside('kafka', { required: ['tls'] }) },
  },
  {
    key: 'kafka.transaction.interval',
    broken: (view) => (Number(view.value('kafka.transaction.interval')) >= Number(view.value('kafka.transaction.timeout')) ? { message: 'must be shorter than kafka.transaction.timeout', fix: 'write a shorter interval, such as 60ms, or a longer timeout' } : undefined),
  },
  {
    key: 'source.encryption_key',
    broken: (view) => (view.has('source.encryption_key') && view.has('source.encryption_key_file') ? { message: 'is given twice, as key and as file', fix: 'remove encryption_key or encryption_key_file' } : undefined),
    schema: inside('source', { not: hasAll('encryption_key', 'encryption_key_file') }),
  },
  {
    key: 'source.spool.directory',
    broken: (view) => (under(view.value('source.spool.directory'), view.value('source.cdc_raw_directory')) ? { message: 'must not be inside cdc_raw', fix: 'choose a directory beside cdc_raw, on the same filesystem' } : undefined),
  },
  {
    key: 'state_directory',
    broken: (view) => (under(view.value('state_directory'), view.value('source.cdc_raw_directory')) ? { message: 'must not be inside cdc_raw', fix: 'choose a directory of the agent\'s own' } : undefined),
  },
  {
    key: 'events.topic',
    broken: (view) => {
      const own = ownTopic(view);
      return own?.always === true ? { message: `is ${own.name}, the agent's own topic`, fix: 'choose another topic, or another events.prefix' } : undefined;
    },
  },
  {
    key: 'events.topic',
    warning: true,
    broken: (view) => {
      const own = ownTopic(view);
      return own?.always === false ? { message: `can become ${own.name}, the agent's own topic`, fix: 'add {keyspace}, or choose another events.prefix' } : undefined;
    },
  },
  listenNeeds('tls'),
  listenNeeds('token'),
];
