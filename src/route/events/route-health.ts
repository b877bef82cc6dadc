import { type Millis, millis } from '../../lib/units.ts';
import type { Health } from '../../pump/sink.ts';

/** How a route is: its sink, and what is not as it should be although that may take records. */
export type RouteHealth = (
  | Health
  /** An operator wants nothing sent to it. */
  | { readonly state: 'paused'; readonly reason: string }
) & { readonly problem?: string | undefined };

/** What waits in a route that goes on. */
export interface Waiting {
  /** For the end of a pause that the sink asked for, on the wall clock. */
  readonly paused: { readonly records: number; readonly until: Millis } | undefined;
  /** Rejected, but Redis does not take their dead letters. */
  readonly unstored: { readonly records: number; readonly reason: string } | undefined;
  /** Answered for in full, but Redis has not taken the acknowledgement; `since` on the wall clock. */
  readonly unacknowledged: { readonly ranges: number; readonly since: Millis } | undefined;
  /** Refused again and again while the sink takes others. */
  readonly suspected: { readonly records: number; readonly reason: string } | undefined;
}

/** Shorter pauses are everyday traffic. */
export const pauseWorthSaying: Millis = millis(5000);

/** Redis takes an acknowledgement in no time. */
const acknowledgementsWait = 10_000;

/** What waits, in words for an operator; undefined: nothing worth saying. */
export function problemOf(
  { paused, suspected, unacknowledged, unstored }: Waiting,
  now: Millis,
): string | undefined {
  const problems: string[] = [];
  if (paused !== undefined && paused.until - now >= pauseWorthSaying) {
    const until = new Date(paused.until).toISOString();
    problems.push(
      `${counted(paused.records)} until ${until} at the latest, because the sink asked for a pause`,
    );
  }
  if (suspected !== undefined)
    problems.push(
      `${counted(suspected.records)}, refused again and again while the sink takes others: ${suspected.reason}`,
    );
  if (unstored !== undefined)
    problems.push(
      `${counted(unstored.records)} in Redis, whose dead letters cannot be stored: ${unstored.reason}`,
    );
  if (unacknowledged !== undefined && now - unacknowledged.since >= acknowledgementsWait) {
    const seconds = Math.round((now - unacknowledged.since) / 1000);
    const ranges = unacknowledged.ranges === 1 ? '1 range' : `${unacknowledged.ranges} ranges`;
    problems.push(`${ranges} delivered and, for ${seconds} s, not acknowledged by Redis`);
  }
  return problems.length === 0 ? undefined : problems.join('; ');
}

const counted = (records: number): string =>
  records === 1 ? '1 record waits' : `${records} records wait`;

export function withProblem(health: Health, problem: string | undefined): RouteHealth {
  if (problem === undefined) return health;
  return health.state === 'down'
    ? { ...health, reason: `${health.reason}; ${problem}` }
    : { ...health, problem };
}
