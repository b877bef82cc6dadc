import { type Millis, millis } from '../lib/units.ts';
import type { Limits } from '../pump/limits.ts';
import type { FailureKind } from '../pump/verdict.ts';
import { capacityKinds } from './backoff.ts';
import type { Flight } from './flights.ts';
import type { Judgement } from './judge.ts';

/** What the end of one attempt says about its sink. */
export interface Landing {
  readonly begunAt: Millis;
  readonly now: Millis;
  /** Attempts under way until now, this one included. */
  readonly underWay: number;
  readonly records: number;
  /** Of these: records the sink had no capacity for. */
  readonly refused: number;
  /** Share of its limits the batch used, 0 to 1. */
  readonly fill: number;
  /** It failed, but a record that was alone in it has failed before while its sink took others. */
  readonly isNoNews: boolean;
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

export function landingOf(
  { parcel, begunAt }: Flight,
  { retries, wholeFailure }: Judgement,
  at: { limits: Limits; now: Millis; underWay: number; longestPause: Millis },
): Landing {
  const { items, bytes } = parcel;
  const { limits, now, underWay, longestPause } = at;
  let refused = 0;
  for (const retry of retries)
    if (capacityKinds.has(retry.failure.kind)) refused += retry.parcel.items.length;
  return {
    begunAt,
    now,
    underWay,
    records: items.length,
    refused,
    isNoNews:
      wholeFailure !== undefined && items.length === 1 && (items[0]?.trouble?.strikes ?? 0) > 0,
    fill: Math.min(1, Math.max(items.length / limits.records, bytes / limits.bytes)),
    wholeFailure: wholeFailure && {
      kind: wholeFailure.failure.kind,
      isRefusal: wholeFailure.isRefusal,
      after: wholeFailure.after && millis(Math.min(wholeFailure.after, longestPause)),
    },
  };
}
