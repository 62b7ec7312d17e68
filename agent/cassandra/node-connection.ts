/** One connection to one address of the node: what the session needs of the driver, and what a test puts in its place. */
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { auth, Client, policies, types, type ClientOptions } from 'cassandra-driver';
import type { Secret } from '../config/secret.js';
import type { TlsMaterial } from '../files/tls-files.js';

export type CqlRow = Readonly<Record<string, unknown>>;

/** A value of a row as text: UUIDs and addresses come as objects of the driver. */
export function textOf(value: unknown): string {
  return value == null ? '' : typeof value === 'string' ? value : (value as { toString(): string }).toString();
}

export interface Page {
  readonly rows: readonly CqlRow[];
  /** Undefined on the last page. */
  readonly pageState: string | undefined;
}

export interface PageOptions {
  readonly fetchSize?: number;
  readonly pageState?: string | undefined;
}

export interface NodeConnection {
  /** Calls back when the node tells of a node that joined or left; may tell late, or not at all. */
  onTopologyChange?(listener: () => void): void;
  execute(cql: string, parameters: readonly unknown[], options: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

export interface NodeTarget {
  /** As the operator wrote it: what the certificate must be for. */
  readonly host: string;
  /** One address of `host`. */
  readonly address: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  readonly tls: (TlsMaterial & { readonly verifyHostname: boolean }) | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export type Connect = (target: NodeTarget) => Promise<NodeConnection>;

const HEARTBEAT_MS = 10_000;

/** Rejects with the driver's errors. */
export const connectToNode: Connect = async (target) => {
  const client = new Client(driverOptions(target));
  try {
    await client.connect();
    return new DriverConnection(client);
  } catch (error) {
    await client.shutdown().catch(() => undefined);
    throw error;
  }
};

class DriverConnection implements NodeConnection {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async execute(cql: string, parameters: readonly unknown[], { fetchSize, pageState }: PageOptions): Promise<Page> {
    const result = await this.#client.execute(cql, [...parameters], {
      prepare: parameters.length > 0,
      ...(fetchSize === undefined ? {} : { fetchSize }),
      ...(pageState === undefined ? {} : { pageState }),
    });
    return { rows: (result.rows ?? []).map((row) => Object.fromEntries(row.keys().map((name) => [name, row.get(name) as unknown]))), pageState: result.pageState ?? undefined };
  }

  onTopologyChange(listener: () => void): void {
    this.#client.on('hostAdd', listener).on('hostRemove', listener);
  }

  async close(): Promise<void> {
    await this.#client.shutdown().catch(() => undefined);
  }
}

/** The driver may learn of the other nodes; the allow list keeps every statement, and its control connection, on this one. */
export function driverOptions({ address, port, username, password, tls, host, connectTimeoutMs, requestTimeoutMs }: NodeTarget): ClientOptions {
  const endpoint = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  const { AllowListPolicy, RoundRobinPolicy } = policies.loadBalancing;
  return {
    contactPoints: [endpoint],
    protocolOptions: { port },
    policies: {
      loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), [`${address}:${port}`]),
      retry: new policies.retry.FallthroughRetryPolicy(),
      reconnection: new policies.reconnection.ConstantReconnectionPolicy(1000),
    },
    pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 }, warmup: false, heartBeatInterval: HEARTBEAT_MS },
    socketOptions: { connectTimeout: connectTimeoutMs, readTimeout: requestTimeoutMs },
    isMetadataSyncEnabled: false,
    ...(username === undefined ? {} : { authProvider: new auth.PlainTextAuthProvider(username, password?.reveal() ?? '') }),
    ...(tls === undefined ? {} : { sslOptions: tlsOptions(host, tls) }),
  };
}

/** The driver's own default trusts every certificate. */
function tlsOptions(host: string, { ca, cert, key, passphrase, verifyHostname }: NonNullable<NodeTarget['tls']>): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // The connection goes to an address: the name to check and to ask for is the one that was configured.
    checkServerIdentity: (_address, certificate) => (verifyHostname ? checkServerIdentity(host, certificate) : undefined),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}
