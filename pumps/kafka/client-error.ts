import { explain, type Failure, type FailureKind } from '#pump';

/** The parts of the library's errors that say what happened. */
interface ClientError extends Error {
  /** The broker's own code, such as `MESSAGE_TOO_LARGE`. */
  readonly type?: unknown;
}

/** The broker's codes by what they mean for a record; any other is `unexpected`. */
const kinds: Readonly<Record<string, FailureKind>> = {
  MESSAGE_TOO_LARGE: 'oversize',
  RECORD_LIST_TOO_LARGE: 'oversize',
  TOPIC_AUTHORIZATION_FAILED: 'unauthorised',
  CLUSTER_AUTHORIZATION_FAILED: 'unauthorised',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'unauthorised',
  SASL_AUTHENTICATION_FAILED: 'unauthorised',
  UNSUPPORTED_SASL_MECHANISM: 'unauthorised',
  ILLEGAL_SASL_STATE: 'unauthorised',
  SECURITY_DISABLED: 'unauthorised',
  REQUEST_TIMED_OUT: 'timeout',
  THROTTLING_QUOTA_EXCEEDED: 'throttled',
  LEADER_NOT_AVAILABLE: 'unreachable',
  NOT_LEADER_FOR_PARTITION: 'unreachable',
  FENCED_LEADER_EPOCH: 'unreachable',
  BROKER_NOT_AVAILABLE: 'unreachable',
  REPLICA_NOT_AVAILABLE: 'unreachable',
  NETWORK_EXCEPTION: 'unreachable',
  NOT_ENOUGH_REPLICAS: 'unreachable',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unreachable',
  KAFKA_STORAGE_ERROR: 'unreachable',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'unreachable',
  NOT_COORDINATOR_FOR_GROUP: 'unreachable',
  GROUP_LOAD_IN_PROGRESS: 'unreachable',
};

/** What an operator can do about it, where the broker's words do not say so. */
const hints: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'create the topic, or let the broker create topics',
  LEADER_NOT_AVAILABLE: 'the topic is being created, or a broker is missing',
  TOPIC_AUTHORIZATION_FAILED: 'allow this user to Write to and Describe the topic',
  INVALID_RECORD: 'a compacted topic needs message_key',
  INVALID_PRODUCER_EPOCH: 'another process uses the same transactional_id',
  UNSUPPORTED_COMPRESSION_TYPE: 'choose another compression',
  MESSAGE_TOO_LARGE: 'see max.message.bytes of the topic and batch_bytes',
};

const kindsByName: Readonly<Record<string, FailureKind>> = {
  KafkaJSConnectionError: 'unreachable',
  KafkaJSConnectionClosedError: 'unreachable',
  KafkaJSBrokerNotFound: 'unreachable',
  KafkaJSMetadataNotLoaded: 'unreachable',
  KafkaJSTopicMetadataNotLoaded: 'unreachable',
  KafkaJSGroupCoordinatorNotFound: 'unreachable',
  KafkaJSRequestTimeoutError: 'timeout',
  KafkaJSLockTimeout: 'timeout',
  KafkaJSTimeout: 'timeout',
  KafkaJSSASLAuthenticationError: 'unauthorised',
};

/** Why there was no delivery. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: 'timeout', message: 'No answer before the deadline.' };
  const { code, name, message } = unwrapped(error);
  if (code === undefined) return { kind: kindsByName[name] ?? 'unexpected', message };
  const hint = hints[code];
  const kind = kinds[code] ?? 'unexpected';
  return { kind, message: `${code}: ${message}${hint === undefined ? '' : ` (${hint})`}` };
}

/** The broker's code in an error; undefined: it is not the broker's. */
export const codeOf = (error: unknown): string | undefined => unwrapped(error).code;

/** The library's own name of an error, below its wrappers. */
export const nameOf = (error: unknown): string => unwrapped(error).name;

/**
 * True where the broker refused the messages themselves and has stored none of that partition's. After any other
 * failure they may have been stored, and the producer's numbering is in doubt.
 */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'INVALID_RECORD' || (code !== undefined && kinds[code] === 'oversize');
}

/** What the library wrapped into "number of retries exceeded" and "not retriable". */
function unwrapped(error: unknown): {
  readonly code: string | undefined;
  readonly name: string;
  readonly message: string;
} {
  let found = error;
  for (let at = error; at instanceof Error; at = at.cause) {
    found = at;
    const { type } = at as ClientError;
    if (typeof type === 'string') return { code: type, name: at.name, message: at.message };
    if (at.name in kindsByName) break;
  }
  if (!(found instanceof Error)) return { code: undefined, name: '', message: explain(found) };
  return { code: undefined, name: found.name, message: explain(found) };
}
