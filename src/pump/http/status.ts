import { type FailureKind, reject, retry, type Verdict } from '../verdict.ts';
import type { HttpAnswer } from './answer.ts';

/** What a status of refusal means where the protocol does not say more. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
    case 403:
      return 'unauthorised';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'oversize';
    case 429:
      return 'throttled';
    case 502:
    case 503:
      return 'unreachable';
    default:
      return 'unexpected';
  }
}

/** A refusal of a request as a whole. */
export interface Refused {
  /** How many records the request had. */
  readonly count: number;
  /** The server's words. */
  readonly message: string;
  /** Where the protocol knows better. */
  readonly kind?: FailureKind;
}

/**
 * The verdict for each record of a refused request, where the refusal says nothing about single records: they come
 * again, not before the server wants to hear of us. Too many bytes: the courier halves the batch, and a record that is
 * too large alone is rejected, unless the server says that this will pass.
 */
export function judgeStatus(
  { status, retryAfter }: Pick<HttpAnswer, 'status' | 'retryAfter'>,
  { count, message, kind = kindOfStatus(status) }: Refused,
): Verdict {
  if (kind !== 'oversize') return retry({ kind, message }, retryAfter);
  if (count > 1) return retry({ kind, message });
  return retryAfter === undefined
    ? reject({ kind, message })
    : retry({ kind: 'throttled', message }, retryAfter);
}
