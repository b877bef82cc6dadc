import type { ListLook } from './list-look.ts';

/**
 * How many records of a list Redis has deleted between two looks because their time was over. Pure.
 *
 * Redis deletes a list as a whole. The gateway sets its time-to-live when it pushes to a list that has none, in some releases
 * at every push; it is never made shorter. So a list that is gone before the time that was left of it was taken by somebody,
 * and so was one that is counted as claimed since: a claim takes all that there is. What is gone after its time, and was not
 * claimed, has expired. A list that is still there has the same first record as before.
 */
export function expiredBetween(before: ListLook, now: ListLook): number {
  if (before.records === 0 || before.expiresIn === undefined || before.by !== now.by) return 0;
  if (now.until < before.since + before.expiresIn) return 0;
  if (isSame(before, now)) return 0;
  if (before.claimed !== undefined) {
    // Without the books, or with less in them: Redis has lost its data, and who had it then is not known.
    if (now.claimed === undefined || now.claimed < before.claimed) return 0;
    if (now.claimed - before.claimed >= before.records) return 0;
  } else if (now.claimed !== undefined && now.claimed >= before.records) return 0;
  return before.records;
}

/** Nothing has been taken from it. */
const isSame = (before: ListLook, now: ListLook): boolean =>
  now.records >= before.records && now.first === before.first;
