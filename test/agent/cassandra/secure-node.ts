/** A node that lets in nobody without a password and a certificate. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { auth } from 'cassandra-driver';
import { tmpdir } from 'node:os';
import { CassandraNode } from '../../lab/index.js';

export interface SecureNode {
  readonly node: CassandraNode;
  /** Paths of PEM files. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Authority of nobody. */
  readonly otherCa: string;
}

const STORE = 'store-secret';

/** Superuser cassandra / cassandra; the certificate is for the node's address. */
export async function startSecureNode(config: Readonly<Record<string, unknown>> = {}): Promise<SecureNode> {
  const tls = await mkdtemp(join(tmpdir(), 'cdc-lab-tls-'));
  const path = (name: string): string => join(tls, name);
  const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)('openssl', args, { cwd: tls });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const ca of ['ca', 'other']) await openssl('req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.crt`);
  const signed = async (name: string, days: string): Promise<void> => {
    await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    await openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days, '-out', `${name}.crt`, '-extfile', 'san');
  };
  await writeFile(path('san'), '\n');
  await signed('agent', '400');
  const [certificate, key] = await Promise.all([readFile(path('agent.crt')), readFile(path('agent.key'))]);
  const store = { keystore: path('node.p12'), keystore_password: STORE, truststore: path('trust.p12'), truststore_password: STORE, store_type: 'PKCS12' };
  const node = await CassandraNode.create({
    version: '5.0.6',
    config: {
      authenticator: 'PasswordAuthenticator', authorizer: 'CassandraAuthorizer', role_manager: 'CassandraRoleManager',
      client_encryption_options: { enabled: true, optional: false, require_client_auth: true, ...store },
      ...config,
    },
    client: { authProvider: new auth.PlainTextAuthProvider('cassandra', 'cassandra'), sslOptions: { rejectUnauthorized: false, cert: certificate, key } },
  });
  await writeFile(path('san'), `subjectAltName=IP:${node.address}\n`);
  await signed('node', '2');
  await openssl('pkcs12', '-export', '-in', 'node.crt', '-inkey', 'node.key', '-certfile', 'ca.crt', '-name', 'node', '-passout', `pass:${STORE}`, '-out', 'node.p12');
  await promisify(execFile)('keytool', ['-importcert', '-noprompt', '-alias', 'ca', '-file', path('ca.crt'), '-keystore', path('trust.p12'), '-storetype', 'PKCS12', '-storepass', STORE]);
  await node.start();
  return { node, ca: path('ca.crt'), cert: path('agent.crt'), key: path('agent.key'), otherCa: path('other.crt') };
}
