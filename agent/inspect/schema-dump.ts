/** Writes what `--schema` reads: every row of system_schema, from one node. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { auth, Client, policies, types, type ClientOptions } from 'cassandra-driver';
import { ConfigError, IoError, RetryableError, UsageError } from '../errors.js';
import { cannotRead } from './file-source.js';

export interface NodeOptions {
  /** `host` or `host:port`, IPv6 in brackets when a port follows. */
  readonly contactPoint: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** TLS is used when given. */
  readonly tls?: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined } | undefined;
}

const DEFAULT_PORT = 9042;
const CONNECT_TIMEOUT_MS = 5000;
const READ_TIMEOUT_MS = 30_000;
const PAGE = 5000;
/** A schema that changes while it is read is read again. */
const ATTEMPTS = 5;

/** The file's text: one object, an array per table of system_schema, one row on a line as Cassandra printed it. */
export async function readSystemSchema(options: NodeOptions): Promise<string> {
  const client = new Client(await clientOptions(options));
  try {
    await client.connect();
    return await readConsistently(client);
  } catch (error) {
    throw explain(error, options);
  } finally {
    await client.shutdown().catch(() => undefined);
  }
}

/** Replaces the file at once: a reader sees the old one or the new one. Throws IoError. */
export function writeAtomically(path: string, text: string): void {
  const partial = `${path}.${process.pid}.tmp`;
  try {
    const descriptor = openSync(partial, 'w', 0o644);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new IoError('write_failed', `${path} can't be written: ${code}`, { fix: 'check that its directory exists and that you may write there', cause });
  }
}

async function clientOptions({ contactPoint, username, password, tls }: NodeOptions): Promise<ClientOptions> {
  const { host, port } = parseContactPoint(contactPoint);
  const addresses = await addressesOf(host);
  const endpoints = addresses.map((address) => (isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`));
  const allowed = addresses.map((address) => `${address}:${port}`);
  const { AllowListPolicy, RoundRobinPolicy } = policies.loadBalancing;
  return {
    contactPoints: endpoints,
    protocolOptions: { port },
    // The session stays on the node that was named.
    policies: { loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), allowed), reconnection: new policies.reconnection.ConstantReconnectionPolicy(1000) },
    pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 }, warmup: false },
    socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: READ_TIMEOUT_MS },
    isMetadataSyncEnabled: false,
    ...(username === undefined ? {} : { authProvider: new auth.PlainTextAuthProvider(username, password ?? '') }),
    ...(tls === undefined ? {} : { sslOptions: { rejectUnauthorized: true, ...(isIP(host) === 0 ? { servername: host } : {}), host, ...readTls(tls) } }),
  };
}

export function parseContactPoint(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)|([0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*))(?::(\d{1,5}))?$/i.exec(text);
  const port = match?.[4] === undefined ? DEFAULT_PORT : Number(match[4]);
  const ipv6 = match?.[1] ?? match?.[3];
  if (match === null || port < 1 || port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) throw new UsageError('contact_point', `'${text}' is no contact point`, { fix: 'give a host and a port, as in 127.0.0.1:9042 or [::1]:9042' });
  return { host: match[1] ?? match[2] ?? match[3], port };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new RetryableError('cassandra_unreachable', `the name ${host} has no address`, { fix: 'check the contact point', cause });
  }
}

function readTls(tls: NonNullable<NodeOptions['tls']>): Record<string, Buffer> {
  const read: Record<string, Buffer> = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = tls[name];
    if (path === undefined) continue;
    try {
      read[name] = readFileSync(path);
    } catch (cause) {
      throw cannotRead(path, cause);
    }
  }
  return read;
}

async function readConsistently(client: Client): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const before = await schemaVersion(client);
    const text = await readOnce(client);
    if (before === (await schemaVersion(client)) || attempt === ATTEMPTS) return text;
  }
}

async function schemaVersion(client: Client): Promise<string> {
  const { rows } = await client.execute("SELECT schema_version FROM system.local WHERE key = 'local'");
  return String(rows[0]?.get('schema_version'));
}

async function readOnce(client: Client): Promise<string> {
  const { rows } = await client.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'system_schema'");
  const parts: string[] = [];
  for (const name of rows.map((row) => String(row.get('table_name'))).sort()) {
    const lines = await readTable(client, name);
    parts.push(`${JSON.stringify(name)}:[${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n`}]`);
  }
  return `{${parts.join(',\n')}}\n`;
}

/** The rows' texts stay as the node wrote them: numbers would lose digits on their way through JavaScript. */
async function readTable(client: Client, name: string): Promise<string[]> {
  const lines: string[] = [];
  let pageState: string | undefined;
  do {
    const page = await client.execute(`SELECT JSON * FROM system_schema.${name}`, [], { fetchSize: PAGE, ...(pageState === undefined ? {} : { pageState }) });
    for (const row of page.rows) lines.push(String(row.get('[json]')));
    pageState = page.pageState ?? undefined;
  } while (pageState !== undefined);
  return lines;
}

/** What the operator can do about an error of the driver. */
function explain(error: unknown, { contactPoint }: NodeOptions): unknown {
  const causes = [error, ...Object.values((error as { innerErrors?: Record<string, unknown> }).innerErrors ?? {})];
  const find = (name: string): Error | undefined => causes.find((cause) => (cause as Error | undefined)?.name === name) as Error | undefined;
  const refused = find('AuthenticationError');
  if (refused !== undefined) return new ConfigError('cassandra_auth', `${contactPoint} refused the login: ${refused.message}`, { fix: 'give --username and --password-file of a role with LOGIN = true', cause: error });
  const certificate = causes.find((cause) => /certificate|self-signed|altnames|SSL|TLS/i.test(String((cause as Error | undefined)?.message)));
  if (certificate !== undefined) return new ConfigError('cassandra_tls', `${contactPoint}: ${(certificate as Error).message}`, { fix: 'give --tls-ca with the authority that signed the node\'s certificate, and the name that it holds as contact point', cause: error });
  if (find('NoHostAvailableError') !== undefined || find('OperationTimedOutError') !== undefined) {
    const reason = causes.slice(1).map((cause) => (cause as Error).message).find((message) => message !== '') ?? (error as Error).message;
    return new RetryableError('cassandra_unreachable', `no Cassandra node answers at ${contactPoint}: ${reason}`, { fix: 'check that the node runs, and its rpc_address, native_transport_port and client_encryption_options', cause: error });
  }
  if (find('ResponseError') !== undefined) return new RetryableError('cassandra_error', `${contactPoint} answered: ${(error as Error).message}`, { fix: 'check the role\'s rights and the node\'s log', cause: error });
  return error;
}
