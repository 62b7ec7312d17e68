/** The configuration's section `kafka` as the publisher takes it. */
import type { AgentConfig } from '../config/declaration.js';
import { IoError, RetryableError } from '../errors.js';
import { readTlsFiles } from '../files/tls-files.js';
import { tokenFromEndpoint, tokenFromFile } from '../publisher/kafka/oauth-token.js';
import type { KafkaOptions, SaslOptions, TlsOptions } from '../publisher/kafka/options.js';

/** Throws IoError when a certificate file is missing. */
export async function kafkaOptionsOf(kafka: AgentConfig['kafka']): Promise<KafkaOptions> {
  const { brokers, client_id: clientId, tls, sasl, connect_timeout: connectionTimeoutMs, request_timeout: requestTimeoutMs } = kafka;
  return {
    brokers: brokers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    clientId,
    connectionTimeoutMs,
    requestTimeoutMs,
    ...(tls === undefined ? {} : { tls: await tlsReader(tls) }),
    ...(sasl === undefined ? {} : { sasl: await saslOptionsOf(sasl) }),
  };
}

/** Reads once, so that a mistake ends the start; later a file may be away for a moment, while somebody renews it. */
async function tlsReader(tls: NonNullable<AgentConfig['kafka']['tls']>): Promise<() => Promise<TlsOptions>> {
  await tlsOptionsOf(tls);
  return async () => {
    try {
      return await tlsOptionsOf(tls);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      throw new RetryableError('kafka_tls', error.message, { ...(error.fix === undefined ? {} : { fix: error.fix }), cause: error });
    }
  };
}

async function tlsOptionsOf(tls: NonNullable<AgentConfig['kafka']['tls']>): Promise<TlsOptions> {
  return { ...(await readTlsFiles(tls)), verifyHostname: tls.verify_hostname };
}

async function saslOptionsOf({ mechanism, username, password, token_file: file, token_endpoint: endpoint }: NonNullable<AgentConfig['kafka']['sasl']>): Promise<SaslOptions> {
  if (mechanism !== 'oauthbearer') return { mechanism, username: username ?? '', password: password?.reveal() ?? '' };
  if (endpoint === undefined) return { mechanism, tokens: tokenFromFile(file ?? '') };
  const { url, client_id: clientId, client_secret: secret, scope, ca } = endpoint;
  return { mechanism, tokens: tokenFromEndpoint({ url, clientId, clientSecret: secret.reveal(), ...(scope === undefined ? {} : { scope }), ...(await readTlsFiles({ ca })) }) };
}
