import type { Millis } from '../../lib/units.ts';
import type { Attempt } from '../attempts.ts';
import type { AttemptEnd } from '../item.ts';
import type { Judgement } from '../judge.ts';

/** An attempt that has ended, for a batch that is followed. */
export function toldAttempt(
  { batch, begunAt }: Attempt,
  { delivered, rejected, retries, wholeFailure }: Judgement,
  endedAt: Millis,
): AttemptEnd {
  const rejection = rejected[0]?.failure;
  return {
    ...{ begunAt, endedAt, records: batch.items.length, bytes: batch.bytes, rejection },
    ...{ delivered: delivered.length, rejected: rejected.length },
    retried: retries.reduce((sum, each) => sum + each.batch.items.length, 0),
    failure: wholeFailure?.failure ?? rejection ?? retries[0]?.failure,
  };
}
