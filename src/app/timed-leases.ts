import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { RouteLeases } from '../purge/lease/lease.ts';

/**
 * Leases of which somebody wants to know how long after its claim each range was answered for. The claim's date is by
 * Redis's clock, the answer's by this machine's.
 */
export const timedLeases = (
  leases: RouteLeases,
  clock: Pick<Clock, 'now'>,
  onAnswered: (time: Millis) => void,
): RouteLeases => ({
  take: (most, signal) => leases.take(most, signal),
  settle(lease, tally) {
    onAnswered(millis(Math.max(0, clock.now() - lease.range.claimedAt)));
    return leases.settle(lease, tally);
  },
  isHeld: (lease, signal) => leases.isHeld(lease, signal),
  release: (some) => leases.release(some),
  keep: (signal) => leases.keep(signal),
  releaseAll: () => leases.releaseAll(),
});
