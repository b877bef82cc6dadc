import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { millis } from '../lib/units.ts';
import { pause } from '../lib/waiting.ts';
import type { RouteLeases } from '../purge/lease/lease.ts';
import type { Route, RouteSummary } from '../route/route.ts';
import type { RouteSignals } from '../route/signals.ts';

const firstPause = 1000;
const longestPause = 60_000;
/** A route that ran as long as this was well: the next failure counts as the first. */
const wellAfter = 60_000;

interface Parts {
  readonly leases: Pick<RouteLeases, 'releaseAll'>;
  /** Makes the route anew; called once per run. */
  readonly create: () => Pick<Route, 'run'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs one route until it is stopped. A route ends by itself only when one of our own promises was broken: then what it
 * held is given back and a new one takes over, so that a bug delays one pump and loses nothing.
 */
export async function supervise(
  { leases, create, clock, log }: Parts,
  signals: RouteSignals,
): Promise<RouteSummary> {
  for (let wait = firstPause; ; wait = Math.min(wait * 2, longestPause)) {
    const begun = clock.elapsed();
    try {
      const summary = await create().run(signals);
      await giveBack(leases, log);
      return summary;
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      log.error({ error: explain(error), stack }, 'A pump failed by a bug and starts again.');
      await giveBack(leases, log);
    }
    if (clock.elapsed() - begun >= wellAfter) wait = firstPause;
    await pause(clock, millis(wait), signals.stop);
    if (signals.stop.aborted) return { unsettled: 1 };
  }
}

/** What cannot be given back runs out by itself. */
export async function giveBack(leases: Parts['leases'], log: Log): Promise<void> {
  await leases.releaseAll().catch((error: unknown) => {
    log.debug({ error: explain(error) }, 'Leases could not be given back; they run out.');
  });
}
