import { type Millis, millis } from '../../lib/units.ts';
import type { Limits } from '../../pump/limits.ts';
import type { FailureKind } from '../../pump/verdict.ts';
import type { Attempt } from '../attempts.ts';
import { capacityKinds } from '../backoff.ts';
import type { Judgement } from '../judge.ts';

/** What the end of one attempt says about its sink. */
export interface AttemptEnd {
  readonly begunAt: Millis;
  readonly now: Millis;
  /** Attempts under way until now, this one included. */
  readonly underWay: number;
  readonly records: number;
  /** Of these: records the sink had no capacity for. */
  readonly refused: number;
  /** Share of its limits the batch used, 0 to 1. */
  readonly fill: number;
  /** It failed with a single record in it, since whose last failure the sink took others: this says nothing about it. */
  readonly isNoNews: boolean;
  /** It failed with a single record in it that had failed before while the sink took others: this says little. */
  readonly isDoubtful: boolean;
  /** Every record asked to be sent again, not before `after`. */
  readonly wholeFailure:
    | {
        readonly kind: FailureKind;
        readonly after: Millis | undefined;
        /** All records are refused: an outage at once. */
        readonly isRefusal?: boolean | undefined;
      }
    | undefined;
}

export function attemptEndOf(
  { batch, begunAt }: Attempt,
  { retries, wholeFailure }: Judgement,
  at: { limits: Limits; now: Millis; underWay: number; longestPause: Millis },
): AttemptEnd {
  const { items, bytes } = batch;
  const { limits, now, underWay, longestPause } = at;
  const trouble = items[0]?.trouble;
  const isItsOwn =
    wholeFailure !== undefined && wholeFailure.isRefusal !== true && items.length === 1;
  let refused = 0;
  for (const retry of retries)
    if (capacityKinds.has(retry.failure.kind)) refused += retry.batch.items.length;
  return {
    begunAt,
    now,
    underWay,
    records: items.length,
    refused,
    fill: Math.min(1, Math.max(items.length / limits.records, bytes / limits.bytes)),
    isNoNews: isItsOwn && trouble?.isStruck === true,
    isDoubtful: isItsOwn && (trouble?.strikes ?? 0) > 0,
    wholeFailure: wholeFailure && {
      kind: wholeFailure.failure.kind,
      isRefusal: wholeFailure.isRefusal,
      after: wholeFailure.after && millis(Math.min(wholeFailure.after, longestPause)),
    },
  };
}
