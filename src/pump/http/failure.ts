import { explain } from '../../lib/errors.ts';
import { classify } from '../classify.ts';
import type { Failure } from '../verdict.ts';
import { shownUrl } from './address.ts';

/** Whom a request was for. */
export interface Addressee {
  readonly url: URL;
}

/** Why there is no answer. */
export function failureOf(error: unknown, { url }: Addressee, signal: AbortSignal): Failure {
  const where = shownUrl(url);
  if (signal.aborted)
    return { kind: 'timeout', message: `No answer from ${where} before the deadline.` };
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  return {
    kind,
    message: `No answer from ${where}: ${explain(error)}`,
    cause: error,
  };
}
