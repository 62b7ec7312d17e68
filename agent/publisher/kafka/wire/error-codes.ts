/** Names of the error codes that the publisher's requests can answer with (org.apache.kafka.common.protocol.Errors). */
const NAMES: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR', 2: 'CORRUPT_MESSAGE', 3: 'UNKNOWN_TOPIC_OR_PARTITION', 5: 'LEADER_NOT_AVAILABLE', 6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT', 10: 'MESSAGE_TOO_LARGE', 12: 'OFFSET_METADATA_TOO_LARGE', 13: 'NETWORK_EXCEPTION', 14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE', 16: 'NOT_COORDINATOR', 17: 'INVALID_TOPIC_EXCEPTION', 18: 'RECORD_LIST_TOO_LARGE', 19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 22: 'ILLEGAL_GENERATION', 25: 'UNKNOWN_MEMBER_ID', 29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED', 31: 'CLUSTER_AUTHORIZATION_FAILED', 32: 'INVALID_TIMESTAMP', 35: 'UNSUPPORTED_VERSION',
  36: 'TOPIC_ALREADY_EXISTS', 42: 'INVALID_REQUEST', 43: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 44: 'POLICY_VIOLATION',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER', 46: 'DUPLICATE_SEQUENCE_NUMBER', 47: 'INVALID_PRODUCER_EPOCH', 48: 'INVALID_TXN_STATE',
  49: 'INVALID_PRODUCER_ID_MAPPING', 50: 'INVALID_TRANSACTION_TIMEOUT', 51: 'CONCURRENT_TRANSACTIONS', 52: 'TRANSACTION_COORDINATOR_FENCED',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 55: 'OPERATION_NOT_ATTEMPTED', 56: 'KAFKA_STORAGE_ERROR', 59: 'UNKNOWN_PRODUCER_ID',
  74: 'FENCED_LEADER_EPOCH', 76: 'UNSUPPORTED_COMPRESSION_TYPE', 87: 'INVALID_RECORD', 88: 'UNSTABLE_OFFSET_COMMIT', 90: 'PRODUCER_FENCED',
  120: 'TRANSACTION_ABORTABLE',
};

export const CONCURRENT_TRANSACTIONS = 51;

export function errorName(code: number): string {
  return NAMES[code] ?? `ERROR_${code}`;
}

/** A broker's answer that carries an error code. `type` is named as kafkajs names its own. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly type: string;
  readonly code: number;
  readonly request: string;
  readonly topic: string | undefined;
  readonly partition: number | undefined;

  constructor(code: number, request: string, place?: { readonly topic: string; readonly partition: number }) {
    const type = errorName(code);
    super(`${request}: ${type}${place === undefined ? '' : ` (${place.topic}-${place.partition})`}`);
    this.type = type;
    this.code = code;
    this.request = request;
    this.topic = place?.topic;
    this.partition = place?.partition;
  }
}
