import type { FailureKind } from '#pump';

/** What one of the broker's codes means for a record. */
export interface ErrorCode {
  readonly name: string;
  readonly kind: FailureKind;
  /** It passes by itself, perhaps with another leader: worth one repeat. */
  readonly isPassing: boolean;
}

/** The codes that the requests of this pump are answered with, under the names of Kafka's older documentation. */
const passing: Readonly<Record<number, readonly [string, FailureKind]>> = {
  2: ['CORRUPT_MESSAGE', 'unexpected'],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', 'unexpected'],
  5: ['LEADER_NOT_AVAILABLE', 'unreachable'],
  6: ['NOT_LEADER_FOR_PARTITION', 'unreachable'],
  7: ['REQUEST_TIMED_OUT', 'timeout'],
  9: ['REPLICA_NOT_AVAILABLE', 'unreachable'],
  13: ['NETWORK_EXCEPTION', 'unreachable'],
  14: ['GROUP_LOAD_IN_PROGRESS', 'unreachable'],
  15: ['GROUP_COORDINATOR_NOT_AVAILABLE', 'unreachable'],
  16: ['NOT_COORDINATOR_FOR_GROUP', 'unreachable'],
  19: ['NOT_ENOUGH_REPLICAS', 'unreachable'],
  20: ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unreachable'],
  41: ['NOT_CONTROLLER', 'unreachable'],
  51: ['CONCURRENT_TRANSACTIONS', 'unexpected'],
  56: ['KAFKA_STORAGE_ERROR', 'unreachable'],
  72: ['LISTENER_NOT_FOUND', 'unreachable'],
  74: ['FENCED_LEADER_EPOCH', 'unreachable'],
  75: ['UNKNOWN_LEADER_EPOCH', 'unreachable'],
  89: ['THROTTLING_QUOTA_EXCEEDED', 'throttled'],
};

const lasting: Readonly<Record<number, readonly [string, FailureKind]>> = {
  [-1]: ['UNKNOWN', 'unexpected'],
  8: ['BROKER_NOT_AVAILABLE', 'unreachable'],
  10: ['MESSAGE_TOO_LARGE', 'oversize'],
  17: ['INVALID_TOPIC_EXCEPTION', 'unexpected'],
  18: ['RECORD_LIST_TOO_LARGE', 'oversize'],
  21: ['INVALID_REQUIRED_ACKS', 'unexpected'],
  29: ['TOPIC_AUTHORIZATION_FAILED', 'unauthorised'],
  31: ['CLUSTER_AUTHORIZATION_FAILED', 'unauthorised'],
  32: ['INVALID_TIMESTAMP', 'unexpected'],
  33: ['UNSUPPORTED_SASL_MECHANISM', 'unauthorised'],
  34: ['ILLEGAL_SASL_STATE', 'unauthorised'],
  35: ['UNSUPPORTED_VERSION', 'unexpected'],
  38: ['INVALID_REPLICATION_FACTOR', 'unexpected'],
  42: ['INVALID_REQUEST', 'unexpected'],
  43: ['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'unexpected'],
  44: ['POLICY_VIOLATION', 'unexpected'],
  45: ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'unexpected'],
  46: ['DUPLICATE_SEQUENCE_NUMBER', 'unexpected'],
  47: ['INVALID_PRODUCER_EPOCH', 'unexpected'],
  48: ['INVALID_TXN_STATE', 'unexpected'],
  49: ['INVALID_PRODUCER_ID_MAPPING', 'unexpected'],
  50: ['INVALID_TRANSACTION_TIMEOUT', 'unexpected'],
  52: ['TRANSACTION_COORDINATOR_FENCED', 'unexpected'],
  53: ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'unauthorised'],
  54: ['SECURITY_DISABLED', 'unauthorised'],
  55: ['OPERATION_NOT_ATTEMPTED', 'unexpected'],
  58: ['SASL_AUTHENTICATION_FAILED', 'unauthorised'],
  59: ['UNKNOWN_PRODUCER_ID', 'unexpected'],
  76: ['UNSUPPORTED_COMPRESSION_TYPE', 'unexpected'],
  87: ['INVALID_RECORD', 'unexpected'],
  90: ['PRODUCER_FENCED', 'unexpected'],
};

/** What an operator can do about it, where the broker's words do not say so. */
export const hints: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'create the topic, or let the broker create topics',
  LEADER_NOT_AVAILABLE: 'the topic is being created, or a broker is missing',
  TOPIC_AUTHORIZATION_FAILED: 'allow this user to Write to and Describe the topic',
  INVALID_RECORD: 'a compacted topic needs message_key',
  INVALID_PRODUCER_EPOCH: 'another process uses the same transactional_id',
  PRODUCER_FENCED: 'another process uses the same transactional_id',
  UNSUPPORTED_COMPRESSION_TYPE: 'choose another compression',
  UNSUPPORTED_VERSION: 'the broker is older than 0.11, or no longer knows this client',
  MESSAGE_TOO_LARGE: 'see max.message.bytes of the topic and batch_bytes',
  SASL_AUTHENTICATION_FAILED: 'see sasl_username, sasl_password and sasl_mechanism',
  UNSUPPORTED_SASL_MECHANISM: 'choose another sasl_mechanism or sasl_algorithm',
};

/** Any other code is `unexpected` and does not pass. */
export function errorCode(code: number): ErrorCode {
  const [name, kind] = passing[code] ?? lasting[code] ?? [`ERROR_${code}`, 'unexpected'];
  return { name, kind, isPassing: code in passing };
}
