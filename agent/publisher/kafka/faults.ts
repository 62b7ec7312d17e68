/** What can go wrong with Kafka, as the operator reads it. Everything is retried for ever but the two fatal errors at the end. */
import { ConfigError, OperatorError, RetryableError, EXIT } from '../../errors.js';

/** kafkajs wraps errors, some without a type: the first one found on the way down the causes. */
export function errorType(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { type, code } = at as { type?: unknown; code?: unknown };
    if (typeof type === 'string') return type;
    if (typeof code === 'string') return code;
  }
  return error instanceof Error ? error.name : undefined;
}

const AUTHORIZATION: Readonly<Record<string, string>> = {
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'allow Write on the transactional id',
  GROUP_AUTHORIZATION_FAILED: 'allow Read on the group of that name',
  TOPIC_AUTHORIZATION_FAILED: 'allow Write on the event topics and Read on the position topic (and Create, when topics are to be created)',
  CLUSTER_AUTHORIZATION_FAILED: 'allow Create on the cluster or on the topics, or create the topics and set kafka.topics.create: false',
};
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_TXN_STATE', 'TRANSACTION_ABORTABLE', 'UNKNOWN_PRODUCER_ID']);
/** `80CC:error:0A000416:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired:../deps/…:1601:SSL alert number 45`: the reason. */
const OPENSSL = /(?:\b[0-9A-F]+:)?error:[0-9A-F]+:[^:]*:[^:]*:([^:]*)(?::[^]*)?$/;
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError']);

/** Gives any error a stable code and the fix. */
export function explainFault(error: unknown, transactionalId: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const type = errorType(error) ?? 'unknown';
  const message = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  const permission = AUTHORIZATION[type];
  if (permission !== undefined) return new RetryableError('kafka_authorization', `Kafka refuses ${transactionalId}: ${message}`, { ...cause, fix: permission });
  if (/SASL|Authentication/i.test(`${type} ${message}`)) {
    return new RetryableError('kafka_authentication', `Kafka refuses the login: ${message}`, { ...cause, fix: 'check kafka.sasl: mechanism, user name and password' });
  }
  // OpenSSL's own errors name their routines: a key that does not fit, a wrong password of it.
  if (/certificate|CERT_|SSL|TLS|routines:/i.test(`${type} ${message}`)) {
    return new RetryableError('kafka_tls', `no TLS connection to Kafka: ${message.replace(OPENSSL, '$1')}`, { ...cause, fix: 'check kafka.tls: the certificate of the broker (names, dates, authority), and the agent\'s own with its key' });
  }
  if (FENCED.has(type)) return new RetryableError('kafka_fenced', `the transaction of ${transactionalId} was ended from outside: ${message}`, { ...cause, fix: 'nothing: it is repeated from the stored position' });
  if (UNREACHABLE.has(type)) return new RetryableError('kafka_unreachable', `Kafka does not answer: ${message}`, { ...cause, fix: 'check the brokers and kafka.brokers' });
  return new RetryableError('kafka_fault', `Kafka: ${message} (${type})`, { ...cause, fix: 'nothing: it is repeated from the stored position' });
}

/** Two agents with one transactional id. Exits as a configuration error, so that a service manager does not start it again. */
export class AnotherAgentError extends ConfigError {
  constructor(transactionalId: string, instance: string) {
    super('another_agent', `another agent publishes as ${transactionalId} (its instance is ${instance}): this one ends`, {
      fix: 'run one agent per Cassandra node; two nodes or clusters must differ in host id, cluster name or events.prefix',
    });
  }
}

/** One event that the topic does not take. */
export class OversizeEventError extends OperatorError {
  override readonly exitCode = EXIT.config;

  constructor({ topic, bytes, event }: { readonly topic: string; readonly bytes: number; readonly event: string }) {
    super('event_too_large', `the event ${event} of ${bytes} bytes is larger than the topic ${topic} takes`, {
      fix: `raise max.message.bytes of ${topic}, or set kafka.on_oversized_event: dead_letter`,
    });
  }
}
