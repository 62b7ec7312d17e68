/** Writes what `--schema` reads: every row of system_schema, from one node. */
import { isIP } from 'node:net';
import { CassandraSession } from '../cassandra/session.js';
import type { NodeWords } from '../cassandra/node-errors.js';
import { readSystemSchema } from '../cassandra/system-schema.js';
import type { Secret } from '../config/secret.js';
import type { Address } from '../config/types/places.js';
import { UsageError } from '../errors.js';
import type { TlsFiles } from '../files/tls-files.js';

export interface NodeOptions {
  /** `host` or `host:port`, IPv6 in brackets when a port follows. */
  readonly contactPoint: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** TLS is used when given. */
  readonly tls?: TlsFiles | undefined;
  readonly signal?: AbortSignal;
}

const DEFAULT_PORT = 9042;
const READ_TIMEOUT_MS = 30_000;
const WORDS: NodeWords = {
  login: 'give --username and --password-file of a role with LOGIN = true',
  certificate: 'give --tls-ca with the authority that signed the node\'s certificate, and the name that it holds as contact point',
  address: 'check that the node runs, and its rpc_address, native_transport_port and client_encryption_options',
};

/** The file's text: one object, an array per table of system_schema, one row on a line as Cassandra printed it. */
export async function dumpSystemSchema({ contactPoint, username, password, tls, signal }: NodeOptions): Promise<string> {
  const session = new CassandraSession({ contactPoints: [parseContactPoint(contactPoint)], username, password, tls, requestTimeoutMs: READ_TIMEOUT_MS, words: WORDS });
  try {
    const { rows } = await readSystemSchema(session, { signal });
    const parts = Object.entries(rows).map(([name, lines]) => `${JSON.stringify(name)}:[${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n`}]`);
    return `{${parts.join(',\n')}}\n`;
  } finally {
    await session.close();
  }
}

export function parseContactPoint(text: string): Address {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)|([0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*))(?::(\d{1,5}))?$/i.exec(text);
  const port = match?.[4] === undefined ? DEFAULT_PORT : Number(match[4]);
  const ipv6 = match?.[1] ?? match?.[3];
  if (match === null || port < 1 || port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) throw new UsageError('contact_point', `'${text}' is no contact point`, { fix: 'give a host and a port, as in 127.0.0.1:9042 or [::1]:9042' });
  return { host: match[1] ?? match[2] ?? match[3], port };
}
