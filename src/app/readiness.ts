import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Millis } from '../lib/units.ts';
import type { Purge, PurgeStatus } from '../purge/purge.ts';
import type { RouteHealth } from '../route/route-health.ts';
import type { Claiming, PartHealth, Readiness, RouteReadiness } from '../telemetry/readiness.ts';

interface Parts {
  readonly clock: Clock;
  readonly delay: Millis;
  /** Undefined until connecting has begun. */
  readonly redis:
    | { isUp(): boolean; trouble(): { readonly reason: string } | undefined }
    | undefined;
  /** Why nothing can be taken from Redis although it is up. */
  readonly obstacle?: string | undefined;
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
  const { clock, delay, purge, obstacle } = parts;
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
  const redisHealth = healthOf(parts);
  return {
    ready: redisHealth.state === 'up' && isPurging && !status.isRefused && canDeliver,
    mode: purge?.mode ?? 'at-least-once',
    redis: redisHealth,
    claiming: claiming(status, obstacle),
    routes,
  };
}

/** Whether records are taken from the gateway's lists, and what Redis refuses, with its own words. */
function claiming(status: PurgeStatus | undefined, obstacle: string | undefined): Claiming {
  if (obstacle !== undefined) return { state: 'down', reasons: [obstacle] };
  if (status === undefined) return { state: 'down', reasons: ['it has not begun'] };
  const reasons = status.refusals.map(
    ({ attempt, lists, reason }) => `${attempt}, ${lists.length} lists (${lists[0]}): ${reason}`,
  );
  if (status.isRefused) return { state: 'down', reasons };
  return reasons.length === 0 ? { state: 'up' } : { state: 'refused in part', reasons };
}

function healthOf({ redis }: Parts): PartHealth {
  if (redis?.isUp() === true) return { state: 'up' };
  return { state: 'down', reason: redis?.trouble()?.reason ?? 'Redis has not answered yet' };
}

async function checked({ check }: Parts, route: string, signal: AbortSignal): Promise<RouteHealth> {
  try {
    return await check(route, signal);
  } catch (error) {
    return { state: 'down', reason: explain(error) };
  }
}
