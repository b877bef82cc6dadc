import { explain, type Failure, type FailureKind } from '#pump';
import { failureOfCode } from './producer/producer.ts';

/** What there may be of an error of the library's: its classes are known by their names. */
interface Told {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

const kinds: Readonly<Record<string, FailureKind>> = {
  KafkaJSSASLAuthenticationError: 'unauthorised',
  KafkaJSRequestTimeoutError: 'timeout',
  KafkaJSLockTimeout: 'timeout',
  KafkaJSConnectionError: 'unreachable',
  KafkaJSConnectionClosedError: 'unreachable',
  KafkaJSBrokerNotFound: 'unreachable',
  KafkaJSMetadataNotLoaded: 'unreachable',
  KafkaJSTopicMetadataNotLoaded: 'unreachable',
};

/** Why kafkajs has no good answer. The broker's codes mean what they mean to our own producer. */
export function failureOfKafkajs(error: unknown): Failure {
  let root = error;
  // It wraps its errors in others that only count how often it tried.
  for (let depth = 0; depth < 5; depth++) {
    const { name, code, cause, originalError } = toldBy(root);
    if (name === 'KafkaJSProtocolError' && typeof code === 'number')
      return failureOfCode(code, 'kafkajs');
    const kind = typeof name === 'string' ? kinds[name] : undefined;
    if (kind !== undefined) return { kind, message: explain(root) };
    const inner = cause ?? originalError;
    if (inner === undefined || inner === root) break;
    root = inner;
  }
  return { kind: 'unexpected', message: explain(error) };
}

const toldBy = (error: unknown): Told => (typeof error === 'object' && error !== null ? error : {});
