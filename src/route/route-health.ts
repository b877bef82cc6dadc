import { type Millis, millis } from '../lib/units.ts';
import type { Health } from '../pump/sink.ts';

/** How a route is: its sink, and what is not as it should be although that may take records. */
export type RouteHealth = Health & { readonly problem?: string | undefined };

/** What waits in a route that goes on. */
export interface Waiting {
  /** For the end of a pause that the sink asked for, on the wall clock. */
  readonly paused: { readonly records: number; readonly until: Millis } | undefined;
}

/** Shorter pauses are everyday traffic. */
export const pauseWorthSaying: Millis = millis(5000);

/** What waits, in words for an operator; undefined: nothing worth saying. */
export function problemOf({ paused }: Waiting, now: Millis): string | undefined {
  if (paused === undefined || paused.until - now < pauseWorthSaying) return undefined;
  const until = new Date(paused.until).toISOString();
  return `${counted(paused.records)} until ${until} at the latest, because the sink asked for a pause`;
}

const counted = (records: number): string =>
  records === 1 ? '1 record waits' : `${records} records wait`;

export function withProblem(health: Health, problem: string | undefined): RouteHealth {
  if (problem === undefined) return health;
  return health.state === 'down'
    ? { ...health, reason: `${health.reason}; ${problem}` }
    : { ...health, problem };
}
