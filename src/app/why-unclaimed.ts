import type { Unclaimed } from '../purge/bounds/list-watch.ts';
import type { Purge } from '../purge/purge.ts';

/** What is known of the claiming of lists. */
export interface Claims {
  /** Why nothing can be taken from Redis although it is up. */
  readonly obstacle: string | undefined;
  /** Undefined: it has not begun. */
  readonly purge: Pick<Purge, 'mode' | 'status'> | undefined;
}

/** Why a list of the gateway's is not claimed at present, and what an operator can do; undefined: it is. */
export function whyUnclaimed({ obstacle, purge }: Claims, list: string): Unclaimed | undefined {
  if (obstacle !== undefined) return { why: obstacle, remedy: rights };
  if (purge === undefined) return undefined;
  const { isHolding, refusals } = purge.status();
  const refusal = refusals.find(
    ({ attempt, lists }) =>
      (attempt === 'claim' || attempt === 'know the layout') && lists.includes(list),
  );
  if (refusal?.attempt === 'know the layout')
    return { why: refusal.reason, remedy: 'Start the version that wrote the list’s keys.' };
  if (refusal !== undefined)
    return { why: `Redis refuses the claim: ${refusal.reason}`, remedy: remedyFor(refusal.reason) };
  if (!isHolding) return undefined;
  if (purge.mode === 'at-most-once')
    return {
      why: 'the records popped into memory reach their bound (sluice.cache_bytes)',
      remedy: 'Mend the pump that does not keep up, or raise sluice.cache_bytes.',
    };
  return {
    why: 'claiming pauses, because what is claimed reaches sluice.retained_bytes',
    remedy:
      'Mend the pump that does not keep up (sluice status), raise sluice.retained_bytes, or set sluice.spill_dir.',
  };
}

const rights = 'Give the user of Redis the rights that sluice doctor names.';

/** Redis's own words begin with what kind of refusal it is. */
function remedyFor(reason: string): string {
  if (reason.startsWith('OOM')) return 'Give Redis more memory (maxmemory), or free some of it.';
  return reason.startsWith('NOPERM') ? rights : 'Mend what Redis names.';
}
