/** A broker with SASL over TLS and with client certificates, and an authorizer that allows nothing that was not granted. */
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findJava, KafkaBroker, kafkaJars } from '../../../lab/index.js';

const run = promisify(execFile);
const SASL_PORT = 9094;
const MTLS_PORT = 9095;

export interface SecureBroker {
  readonly broker: KafkaBroker;
  readonly sasl: string[];
  readonly mtls: string[];
  readonly ca: string;
  /** Certificate and key of CN=agent. */
  readonly cert: string;
  readonly key: string;
}

/** Users: agent / agent-secret (SCRAM, PLAIN). The plain listener is for the test's own administration and is allowed everything. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const broker = await KafkaBroker.create({});
  const { address, directory } = broker;
  const tls = join(directory, 'tls');
  await mkdir(tls, { recursive: true });
  await makeCertificates(tls, address);
  await appendFile(join(directory, 'server.properties'), properties(address, tls));
  await broker.start();
  await addScramUser(broker);
  const [ca, cert, key] = await Promise.all(['ca.crt', 'agent.crt', 'agent.key'].map((name) => readFile(join(tls, name), 'utf8')));
  return { broker, sasl: [`${address}:${SASL_PORT}`], mtls: [`${address}:${MTLS_PORT}`], ca, cert, key };
}

/** Later lines of a properties file win. */
function properties(address: string, tls: string): string {
  const module = 'org.apache.kafka.common.security';
  return Object.entries({
    listeners: `PLAINTEXT://${address}:9092,CONTROLLER://${address}:9093,SASL_SSL://${address}:${SASL_PORT},MTLS://${address}:${MTLS_PORT}`,
    'advertised.listeners': `PLAINTEXT://${address}:9092,SASL_SSL://${address}:${SASL_PORT},MTLS://${address}:${MTLS_PORT}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,MTLS:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER',
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_agent="agent-secret";`,
    // Kafka's own unsecured validator takes unsigned tokens: enough to see that ours arrive.
    'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': `${module}.oauthbearer.OAuthBearerLoginModule required;`,
    'ssl.keystore.type': 'PEM', 'ssl.keystore.location': join(tls, 'broker.pem'), 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': join(tls, 'ca.crt'),
    'listener.name.mtls.ssl.client.auth': 'required', 'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'allow.everyone.if.no.acl.found': false, 'super.users': 'User:ANONYMOUS',
    'auto.create.topics.enable': false,
  }).map(([key, value]) => `${key}=${String(value)}\n`).join('');
}

async function makeCertificates(directory: string, address: string): Promise<void> {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=lab-ca', '-keyout', 'ca.key', '-out', 'ca.crt');
  await writeFile(join(directory, 'san'), `subjectAltName=IP:${address}\n`);
  for (const name of ['broker', 'agent']) {
    await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    await openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-out', `${name}.crt`, '-extfile', 'san');
  }
  await writeFile(join(directory, 'broker.pem'), `${await readFile(join(directory, 'broker.key'), 'utf8')}${await readFile(join(directory, 'broker.crt'), 'utf8')}`);
}

async function addScramUser(broker: KafkaBroker): Promise<void> {
  const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    await run(java, ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, 'kafka.admin.ConfigCommand', '--bootstrap-server', broker.brokers[0], '--alter',
      '--add-config', `${mechanism}=[password=agent-secret]`, '--entity-type', 'users', '--entity-name', 'agent']);
  }
}

/** An unsigned JSON web token for `subject`, as Kafka's unsecured validator takes it. */
export function unsignedToken(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3600 })}.`;
}
