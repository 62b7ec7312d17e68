/** Our options as kafkajs takes them; what can't be right is refused here. */
import type { Mechanism, SASLOptions } from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';
import { ConfigError } from '../../errors.js';
import { oauthMechanism } from './oauth-login.js';
import type { KafkaLogin, SaslOptions, TlsOptions } from './options.js';

export interface ClientOptions {
  readonly brokers: string[];
  readonly ssl: ConnectionOptions | undefined;
  readonly sasl: SASLOptions | Mechanism | undefined;
  readonly clientId: string;
  readonly requestTimeout: number;
  readonly connectionTimeout: number;
}

export function clientOptions(options: KafkaLogin): ClientOptions {
  for (const broker of options.brokers) checkBroker(broker);
  if (options.brokers.length === 0) throw new ConfigError('kafka_brokers', 'kafka.brokers is empty', { fix: 'name at least one broker as host:port' });
  if (options.tls === undefined && (options.sasl?.mechanism === 'plain' || options.sasl?.mechanism === 'oauthbearer')) {
    throw new ConfigError('kafka_sasl_needs_tls', `kafka.sasl: ${options.sasl.mechanism} sends the secret itself and is allowed over TLS only`, { fix: 'configure kafka.tls, or use scram-sha-512' });
  }
  return {
    brokers: [...options.brokers],
    ssl: options.tls === undefined ? undefined : tlsOptions(options.tls),
    sasl: options.sasl === undefined ? undefined : saslOptions(options.sasl),
    clientId: options.clientId ?? 'cassandra-cdc-agent',
    requestTimeout: options.requestTimeoutMs ?? 5000,
    connectionTimeout: options.connectionTimeoutMs ?? 2000,
  };
}

/** kafkajs cuts at the first colon: an IPv6 literal would be read as something else. */
function checkBroker(broker: string): void {
  const [, host, port] = /^([^:\s[\]]+):(\d{1,5})$/.exec(broker) ?? [];
  if (host !== undefined && Number(port) > 0 && Number(port) < 65536) return;
  throw new ConfigError('kafka_brokers', `kafka.brokers: "${broker}" is not host:port`, { fix: 'write a host name or an IPv4 address, a colon and the port' });
}

function tlsOptions({ ca, cert, key, passphrase, serverName, verifyHostname = true }: TlsOptions): ConnectionOptions {
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError('kafka_tls', 'kafka.tls: a client certificate needs both cert and key', { fix: 'give both, or none' });
  }
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(!verifyHostname && { checkServerIdentity: () => undefined }),
  };
}

function saslOptions(sasl: SaslOptions): SASLOptions | Mechanism {
  if (sasl.mechanism === 'oauthbearer') return oauthMechanism(sasl.tokens);
  const login: SASLOptions = { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
  return login;
}
