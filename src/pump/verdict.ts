import type { Millis } from '../lib/units.ts';

export const failureKinds = [
  'unreachable',
  'timeout',
  'throttled',
  'unauthorised',
  'invalid',
  'oversize',
  'unexpected',
] as const;

/** Why a delivery failed: a closed list, because it is a metric label and a row in every pump's failure table. */
export type FailureKind = (typeof failureKinds)[number];

/** A failure in words an operator can act on. `message` holds no secret. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * What became of one record. `delivered`: settled. `retry`: the courier tries again, not before `after`; for ever while
 * the sink is out of order, since the data is safe in Redis (kind `oversize` with several records: it splits the batch
 * first).
 * `reject`: the record becomes a dead letter with this reason.
 */
export type Verdict =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'retry'; readonly failure: Failure; readonly after?: Millis }
  | { readonly outcome: 'reject'; readonly failure: Failure };

const isDelivered: Verdict = { outcome: 'delivered' };

export const delivered = (): Verdict => isDelivered;

export function retry(failure: Failure, after?: Millis): Verdict {
  return after === undefined ? { outcome: 'retry', failure } : { outcome: 'retry', failure, after };
}

export const reject = (failure: Failure): Verdict => ({ outcome: 'reject', failure });
