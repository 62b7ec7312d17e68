/** A broker with SASL over TLS and with client certificates, and an authorizer that allows nothing that was not granted. */
import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CertificateAuthority, type KeyPair } from '../../../helpers/certificates.js';
import { findJava, KafkaBroker, kafkaJars } from '../../../lab/index.js';

const run = promisify(execFile);
/** Beside the plain one, which is for the test's own administration and is allowed everything. */
const PORTS = { SASL_SSL: 9094, MTLS: 9095, SHORT: 9096, OTHER: 9097, EXPIRED: 9098 } as const;
type Listener = keyof typeof PORTS;
/** A login on the listener SHORT holds so long. */
export const SHORT_SESSION_MS = 3000;

export interface SecureBroker {
  readonly broker: KafkaBroker;
  /** SCRAM, PLAIN, OAUTHBEARER over TLS. */
  readonly sasl: string[];
  readonly mtls: string[];
  /** As `sasl`, with sessions of SHORT_SESSION_MS. */
  readonly short: string[];
  /** TLS without login, with a certificate for another name. */
  readonly otherName: string[];
  /** TLS without login, with a certificate that ended yesterday. */
  readonly expired: string[];
  readonly authority: CertificateAuthority;
  readonly ca: string;
  /** Certificate and key of CN=agent, PEM and paths. */
  readonly cert: string;
  readonly key: string;
  readonly agent: KeyPair;
}

export interface SecureBrokerOptions {
  /** Of the user `agent`, for SCRAM and PLAIN. */
  readonly password?: string;
  /** Of the agent's key; not encrypted by default. */
  readonly keyPassword?: string;
}

export const AGENT_PASSWORD = 'agent-secret';

export async function startSecureBroker({ password = AGENT_PASSWORD, keyPassword }: SecureBrokerOptions = {}): Promise<SecureBroker> {
  const broker = await KafkaBroker.create({});
  const { address, directory } = broker;
  const tls = join(directory, 'tls');
  const authority = await CertificateAuthority.create(tls);
  const agent = await authority.sign('agent', { names: [`IP:${address}`], ...(keyPassword === undefined ? {} : { password: keyPassword }) });
  await keystore(tls, 'broker', await authority.sign('broker', { names: [`IP:${address}`] }));
  await keystore(tls, 'other', await authority.sign('other', { names: ['DNS:other.example.com'] }));
  await keystore(tls, 'expired', await authority.sign('expired', { names: [`IP:${address}`], days: -1 }));
  await appendFile(join(directory, 'server.properties'), properties(address, tls, password));
  await broker.start();
  await addScramUser(broker, password);
  const [ca, cert, key] = await Promise.all([authority.ca, agent.cert, agent.key].map((path) => readFile(path, 'utf8')));
  const at = (listener: Listener): string[] => [`${address}:${PORTS[listener]}`];
  return { broker, sasl: at('SASL_SSL'), mtls: at('MTLS'), short: at('SHORT'), otherName: at('OTHER'), expired: at('EXPIRED'), authority, ca, cert, key, agent };
}

/** Later lines of a properties file win. */
function properties(address: string, tls: string, password: string): string {
  const module = 'org.apache.kafka.common.security';
  const listeners = Object.entries(PORTS).map(([name, port]) => `${name}://${address}:${port}`).join(',');
  const logins = (listener: string): object => ({
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_agent="${password}";`,
    // Kafka's own unsecured validator takes unsigned tokens, and looks at their times: enough to see that ours arrive.
    [`listener.name.${listener}.oauthbearer.sasl.jaas.config`]: `${module}.oauthbearer.OAuthBearerLoginModule required;`,
  });
  return Object.entries({
    listeners: `PLAINTEXT://${address}:9092,CONTROLLER://${address}:9093,${listeners}`,
    'advertised.listeners': `PLAINTEXT://${address}:9092,${listeners}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SHORT:SASL_SSL,MTLS:SSL,OTHER:SSL,EXPIRED:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER',
    ...logins('sasl_ssl'), ...logins('short'),
    'listener.name.short.connections.max.reauth.ms': SHORT_SESSION_MS,
    'ssl.keystore.type': 'PEM', 'ssl.keystore.location': join(tls, 'broker.pem'), 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': join(tls, 'ca.crt'),
    'listener.name.other.ssl.keystore.location': join(tls, 'other.pem'), 'listener.name.expired.ssl.keystore.location': join(tls, 'expired.pem'),
    'listener.name.mtls.ssl.client.auth': 'required', 'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'allow.everyone.if.no.acl.found': false, 'super.users': 'User:ANONYMOUS',
    'auto.create.topics.enable': false,
  }).map(([key, value]) => `${key}=${String(value)}\n`).join('');
}

async function keystore(directory: string, name: string, { cert, key }: KeyPair): Promise<void> {
  await writeFile(join(directory, `${name}.pem`), `${await readFile(key, 'utf8')}${await readFile(cert, 'utf8')}`);
}

async function addScramUser(broker: KafkaBroker, password: string): Promise<void> {
  const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
  // One command takes one mechanism of a user.
  await Promise.all(['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) =>
    run(java, ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, 'kafka.admin.ConfigCommand', '--bootstrap-server', broker.brokers[0], '--alter',
      '--add-config', `${mechanism}=[password=${password}]`, '--entity-type', 'users', '--entity-name', 'agent'])));
}

/** An unsigned JSON web token for `subject`, as Kafka's unsecured validator takes it. */
export function unsignedToken(subject: string, { seconds = 3600, id }: { readonly seconds?: number; readonly id?: string } = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Date.now() / 1000;
  // Begins a moment ago: the broker's clock has whole milliseconds.
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now - 1, exp: now + seconds, jti: id })}.`;
}
