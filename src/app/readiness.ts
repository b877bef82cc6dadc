import type { PumpEntry } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import { type Millis, millis } from '../lib/units.ts';
import { withDeadline } from '../lib/waiting.ts';
import type { Purge, PurgeStatus } from '../purge/purge.ts';
import type { RouteHealth } from '../route/events/route-health.ts';
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
  readonly purge: Pick<Purge, 'mode' | 'status'> | undefined;
  /** Records that expire in the gateway's lists, or have. */
  readonly losses?: readonly string[] | undefined;
  /** What is not as it should be with a route although it may deliver. */
  readonly problem: (route: string) => string | undefined;
  readonly routes: readonly Pick<PumpEntry, 'name' | 'type' | 'records'>[];
  /** Asks a route, wherever it runs. */
  readonly check: (route: string) => Promise<RouteHealth>;
}

/** A round may take this much longer than its time before the loop counts as stuck. */
const lateness = 30_000;
/** Routes answer sooner (route/probe.ts); whatever happens, the page is there in time and names the one that did not. */
const answerTime = millis(3_000);

/**
 * Ready: Redis answers, the purge loop makes its rounds, some list can be claimed, and at least one pump can deliver. A
 * single dead sink shows in its own line and does not take the others' readiness away; that of uptime records neither takes
 * it away nor stands for them. What is not ready says why.
 */
export async function readiness(parts: Parts): Promise<Readiness> {
  const { purge, obstacle, losses = [] } = parts;
  const status = purge?.status();
  const routes = await Promise.all(
    parts.routes.map(async ({ name, type }): Promise<RouteReadiness> => {
      const health = await checked(parts, name);
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
  const redisHealth = healthOf(parts);
  const reasons = [
    ...(redisHealth.state === 'down' ? [redisHealth.reason] : roundsMissing(parts)),
    ...sinksMissing(routes.filter((_route, at) => parts.routes[at]?.records === 'analytics')),
  ];
  return {
    ready: reasons.length === 0,
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
    mode: purge?.mode ?? 'at-least-once',
    redis: redisHealth,
    claiming: claiming(status, obstacle, losses),
    routes,
  };
}

/** Whether records are taken from the gateway's lists, what Redis refuses, with its own words, and what is lost by it. */
export function claiming(
  status: PurgeStatus | undefined,
  obstacle: string | undefined,
  losses: readonly string[],
): Claiming {
  if (obstacle !== undefined) return { state: 'down', reasons: [obstacle, ...losses] };
  if (status === undefined) return { state: 'down', reasons: ['it has not begun', ...losses] };
  const reasons = [...refusalsOf(status), ...losses];
  if (status.isRefused) return { state: 'down', reasons };
  if (status.refusals.length > 0) return { state: 'refused in part', reasons };
  if (status.unreadBytes === 0)
    return reasons.length === 0 ? { state: 'up' } : { state: 'up', reasons };
  const unread = `records of ${status.unreadBytes} bytes exceed client-output-buffer-limit of Redis and are dead letters (sluice dead ls, route unread)`;
  return { state: 'up', reasons: [unread, ...reasons] };
}

function healthOf({ redis }: Parts): PartHealth {
  if (redis?.isUp() === true) return { state: 'up' };
  return { state: 'down', reason: redis?.trouble()?.reason ?? 'Redis has not answered yet' };
}

const refusalsOf = ({ refusals }: PurgeStatus): readonly string[] =>
  refusals.map(
    ({ attempt, lists, reason }) => `${attempt}, ${lists.length} lists (${lists[0]}): ${reason}`,
  );

const whoRefuses = ({ refusals }: PurgeStatus): string =>
  refusals.every(({ attempt }) => attempt === 'know the layout')
    ? 'this version may touch no list'
    : 'Redis refuses every list';

/** Why the purge loop does not count as at work. */
function roundsMissing({ clock, delay, purge, obstacle }: Parts): readonly string[] {
  if (obstacle !== undefined) return [obstacle];
  const status = purge?.status();
  if (status?.isRefused === true)
    return [`${whoRefuses(status)} (${refusalsOf(status).join('; ')})`];
  const last = status?.lastRound;
  if (last === undefined) return ['nothing has been claimed from Redis yet'];
  const since = clock.elapsed() - last;
  if (since < delay * 2 + lateness) return [];
  return [`no round of claiming has ended for ${Math.round(since / 1000)} s`];
}

function sinksMissing(routes: readonly RouteReadiness[]): readonly string[] {
  const reasons = routes.flatMap(({ route, health }) =>
    health.state === 'down' ? [`${route}: ${health.reason}`] : [],
  );
  return reasons.length < routes.length ? [] : [`no pump can deliver (${reasons.join(', ')})`];
}

async function checked({ check, clock }: Parts, route: string): Promise<RouteHealth> {
  try {
    return await withDeadline(() => check(route), { clock, after: answerTime });
  } catch (error) {
    return { state: 'down', reason: explain(error) };
  }
}
