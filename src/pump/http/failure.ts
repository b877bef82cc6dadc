import { explain } from '../../lib/errors.ts';
import { classify } from '../classify.ts';
import type { Failure } from '../verdict.ts';
import { shownUrl } from './address.ts';
import { UnreadableAnswer } from './answer.ts';

/** Whom a request was for. */
export interface Addressee {
  readonly url: URL;
}

/** Why there is no answer. */
export function failureOf(error: unknown, { url }: Addressee, signal: AbortSignal): Failure {
  const where = shownUrl(url);
  if (signal.aborted)
    return { kind: 'timeout', message: `No answer from ${where} before the deadline.` };
  if (error instanceof UnreadableAnswer || codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW')
    return { kind: 'unexpected', message: `No use in what ${where} says: ${wordsOf(error)}.` };
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  return {
    kind,
    message: `No answer from ${where}: ${explain(error)}`,
    cause: error,
  };
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

const wordsOf = (error: unknown): string =>
  error instanceof UnreadableAnswer ? error.message : 'its headers have more than 16 KiB';
