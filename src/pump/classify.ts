import { explain } from '../lib/errors.ts';
import { tlsWords } from '../lib/tls-words.ts';
import { type Failure, retry, type Verdict } from './verdict.ts';

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ECONNABORTED',
  'EADDRNOTAVAIL',
  'UND_ERR_SOCKET',
]);
const timeoutCodes = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Thrown where a sink cannot be opened and what that means is known: the failure is said as it is. */
export class OpeningFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What went wrong with a connection, as one line. */
export const explainOutage = (error: unknown): string => tlsWords(error) ?? explain(error);

/**
 * What a thrown error means when the pump did not say: connection errors are `unreachable`, expired deadlines
 * `timeout`, anything else `unexpected`. Always retry: an error nobody understood is no reason to give data up.
 */
export function classify(error: unknown): Verdict {
  if (error instanceof OpeningFailure) return retry(error.failure);
  const message = explainOutage(error);
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code ?? '';
    if (unreachableCodes.has(code)) return retry({ kind: 'unreachable', message, cause: error });
    if (timeoutCodes.has(code) || at.name === 'TimeoutError' || at.name === 'AbortError')
      return retry({ kind: 'timeout', message, cause: error });
  }
  return retry({ kind: 'unexpected', message, cause: error });
}
