import { explain, type Failure, type FailureKind } from '#pump';
import { errorCode, hints } from './error-codes.ts';

interface ErrorParts {
  readonly kind: FailureKind;
  /** It passes by itself: worth one repeat of the same bytes. */
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

/** Why there was no delivery. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: 'timeout', message: 'No answer before the deadline.' };
  if (!(error instanceof KafkaError)) return { kind: 'unexpected', message: explain(error) };
  const { kind, code } = error;
  if (code === undefined) return { kind, message: explain(error) };
  const hint = hints[code];
  return {
    kind,
    message: `${code}: ${explain(error)}${hint === undefined ? '' : ` (${hint})`}`,
  };
}

/** The broker's code in an error; undefined: it is not the broker's. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof KafkaError ? error.code : undefined;

/** Worth one repeat. */
export const isPassing = (error: unknown): boolean =>
  error instanceof KafkaError && error.isPassing;

/**
 * True where the broker refused the messages themselves and has stored none of that partition's. After any other
 * failure they may have been stored, and the producer's numbering is in doubt.
 */
export const isRefusal = (error: unknown): boolean =>
  error instanceof KafkaError && (error.code === 'INVALID_RECORD' || error.kind === 'oversize');
