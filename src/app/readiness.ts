import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Millis } from '../lib/units.ts';
import type { Purge, PurgeStatus } from '../purge/purge.ts';
import type { RouteHealth } from '../route/route-health.ts';
import type { Claiming, Readiness, RouteReadiness } from '../telemetry/readiness.ts';

interface Parts {
  readonly clock: Clock;
  readonly delay: Millis;
  /** Undefined until Redis has answered for the first time. */
  readonly redis: { isUp(): boolean } | undefined;
  readonly purge: Purge | undefined;
  /** What is not as it should be with a route although it may deliver. */
  readonly problem: (route: string) => string | undefined;
  readonly routes: readonly { readonly name: string; readonly type: string }[];
  /** Asks a route, wherever it runs. */
  readonly check: (route: string, signal: AbortSignal) => Promise<RouteHealth>;
}

/** A round may take this much longer than its time before the loop counts as stuck. */
const lateness = 30_000;

/**
 * Ready: Redis answers, the purge loop makes its rounds, some list can be claimed, and at least one pump can deliver. A single dead sink shows
 * in its own line and does not take the others' readiness away.
 */
export async function readiness(parts: Parts, signal: AbortSignal): Promise<Readiness> {
  const { clock, delay, redis, purge } = parts;
  const status = purge?.status();
  const isPurging =
    status?.lastRound !== undefined && clock.elapsed() - status.lastRound < delay * 2 + lateness;
  const routes = await Promise.all(
    parts.routes.map(async ({ name, type }): Promise<RouteReadiness> => {
      const health = await checked(parts, name, signal);
      return {
        route: name,
        pump: type,
        health,
        degraded:
          health.problem ??
          parts.problem(name) ??
          (status?.isHolding === true ? 'claiming pauses at retained_bytes' : undefined),
      };
    }),
  );
  const canDeliver = routes.some(({ health }) => health.state !== 'down');
  return {
    ready: redis?.isUp() === true && isPurging && !status.isRefused && canDeliver,
    mode: purge?.mode ?? 'at-least-once',
    redis:
      redis?.isUp() === true ? { state: 'up' } : { state: 'down', reason: 'Redis does not answer' },
    claiming: claiming(status),
    routes,
  };
}

/** Whether records are taken from the gateway's lists, and what Redis refuses, with its own words. */
function claiming(status: PurgeStatus | undefined): Claiming {
  if (status === undefined) return { state: 'down', reasons: ['it has not begun'] };
  const reasons = status.refusals.map(
    ({ attempt, lists, reason }) => `${attempt}, ${lists.length} lists (${lists[0]}): ${reason}`,
  );
  if (status.isRefused) return { state: 'down', reasons };
  return reasons.length === 0 ? { state: 'up' } : { state: 'refused in part', reasons };
}

async function checked({ check }: Parts, route: string, signal: AbortSignal): Promise<RouteHealth> {
  try {
    return await check(route, signal);
  } catch (error) {
    return { state: 'down', reason: explain(error) };
  }
}
