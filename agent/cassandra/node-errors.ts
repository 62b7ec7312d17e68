/** What the operator can do about an error of the driver. */
import { ConfigError, OperatorError, RetryableError } from '../errors.js';

/** The fixes, in the words of whoever asked: keys of the configuration, or options of a command line. */
export interface NodeWords {
  readonly login: string;
  readonly certificate: string;
  readonly address: string;
}

export const CONFIG_WORDS: NodeWords = {
  login: 'check cassandra.username and cassandra.password: a role with LOGIN = true, no other right is needed',
  certificate: 'check cassandra.tls: ca must be the authority that signed the node\'s certificate, and the certificate must be for the name in cassandra.contact_points',
  address: 'check that the node runs, and cassandra.contact_points against its rpc_address, native_transport_port and client_encryption_options',
};

/** CQL's error codes (org.apache.cassandra.exceptions.ExceptionCode). */
const CODE = { badCredentials: 0x0100, overloaded: 0x1001, bootstrapping: 0x1002, unauthorized: 0x2100, syntax: 0x2000, invalid: 0x2200 } as const;
/** The node can't read its own roles yet: it starts, or their replicas are down. */
const NOT_YET = /Unable to perform authentication|not yet|NoSuchElement/i;
const CERTIFICATE = /certificate|self[- ]signed|altname|SSL|TLS|alert (?:bad|unknown|handshake)/i;

/** Retryable, unless waiting can't mend it: a refused login, a wrong certificate, a statement that the node rejects. */
export function explainNodeError(error: unknown, where: string, words: NodeWords): OperatorError {
  if (error instanceof OperatorError) return error;
  const causes = [error, ...Object.values((error as { innerErrors?: Record<string, unknown> } | undefined)?.innerErrors ?? {})].filter((cause): cause is Error => cause instanceof Error);
  const message = (causes.slice(1).find((cause) => cause.message !== '') ?? causes[0])?.message ?? String(error);
  const cause = { cause: error };
  const codes = causes.map((one) => (one as { code?: unknown }).code);
  if (codes.includes(CODE.badCredentials) || causes.some(({ name }) => name === 'AuthenticationError')) {
    if (NOT_YET.test(message)) return new RetryableError('cassandra_starting', `${where} can't check logins yet: ${message}`, { ...cause, fix: 'wait until the node, and the replicas of system_auth, are up' });
    return new ConfigError('cassandra_auth', `${where} refused the login: ${message}`, { ...cause, fix: words.login });
  }
  const certificate = causes.find((one) => CERTIFICATE.test(`${String((one as { code?: unknown }).code)} ${one.message}`));
  if (certificate !== undefined) return new ConfigError('cassandra_tls', `${where}: ${certificate.message}`, { ...cause, fix: words.certificate });
  if (codes.includes(CODE.unauthorized)) return new ConfigError('cassandra_rights', `${where}: ${message}`, { ...cause, fix: 'grant the role what the message names' });
  if (codes.includes(CODE.bootstrapping) || codes.includes(CODE.overloaded)) return new RetryableError('cassandra_starting', `${where} takes no requests yet: ${message}`, { ...cause, fix: 'wait until the node is up' });
  if (causes.some(({ name }) => name === 'ResponseError')) return new RetryableError('cassandra_error', `${where} answered: ${message}`, { ...cause, fix: 'check the node\'s log' });
  return new RetryableError('cassandra_unreachable', `no Cassandra node answers at ${where}: ${message}`, { ...cause, fix: words.address });
}
