import { explain, type Failure, type FailureKind } from '#pump';
import { errorCode, hints } from './wire/error-codes.ts';

interface ErrorParts {
  readonly kind: FailureKind;
  /** It passes by itself: worth a repeat of the same bytes. */
  readonly isPassing: boolean;
  /** The broker's name for it; undefined: it is not the broker's. */
  readonly code?: string;
  readonly cause?: unknown;
}

/** Why a request has no good answer. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly kind: FailureKind;
  readonly isPassing: boolean;
  readonly code: string | undefined;

  constructor(message: string, { kind, isPassing, code, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.isPassing = isPassing;
    this.code = code;
  }
}

/** What the broker refused a request with. */
export function refusal(code: number, what: string): KafkaError {
  const { name, kind, isPassing } = errorCode(code);
  return new KafkaError(`the answer to ${what}`, { kind, isPassing, code: name });
}

/** The connection is not there, or gone with what was under way on it. */
export const unreachable = (message: string, cause?: unknown): KafkaError =>
  new KafkaError(message, { kind: 'unreachable', isPassing: true, cause });

/** Throws unless the code says that all is well. */
export function expectNoError(code: number, what: string): void {
  if (code !== 0) throw refusal(code, what);
}

const lateFailure: Failure = {
  kind: 'timeout',
  message: 'No answer before the deadline.',
};

/** Why there was no delivery. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (!(error instanceof KafkaError))
    return signal.aborted ? lateFailure : { kind: 'unexpected', message: explain(error) };
  const { kind, code } = error;
  if (code === undefined) return { kind, message: explain(error) };
  const hint = hints[code];
  return {
    kind,
    message: `${code}: ${explain(error)}${hint === undefined ? '' : ` (${hint})`}`,
  };
}

/** What one of the broker's codes means, for whoever asked by other means. */
export const failureOfCode = (code: number, what: string): Failure =>
  failureOf(refusal(code, what), new AbortController().signal);

/** The broker's code in an error; undefined: it is not the broker's. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof KafkaError ? error.code : undefined;

/** Worth a repeat. */
export const isPassing = (error: unknown): boolean =>
  error instanceof KafkaError && error.isPassing;

/** Codes of a leader that has written the messages, or may have. */
const halfDone: ReadonlySet<string> = new Set([
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
]);

/** After this failure of a request that was sent, its messages may be stored: now or, where it is still on its way, later. */
export const mayBeStored = (error: unknown): boolean =>
  !(error instanceof KafkaError) || error.code === undefined || halfDone.has(error.code);

/** True where the broker refused the messages themselves and has stored none of them. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof KafkaError && (error.code === 'INVALID_RECORD' || error.kind === 'oversize');
