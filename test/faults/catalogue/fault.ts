import type { Dice } from '../dice.ts';
import type { RouteSetup, Schedule, Setup, Size, Step } from '../schedule.ts';

/** A kind of fault: makes schedules. */
export interface Fault {
  readonly name: string;
  /** What goes wrong, and what must hold: for the page of results. */
  readonly about: string;
  plan(dice: Dice, size: Size): Plan;
}

export type Plan = Omit<Schedule, 'fault' | 'seed'>;

const routeSetup: Omit<RouteSetup, 'name'> = { sink: 'bulk', rejectEvery: 0, latency: 20 };

export const bulkRoute = (name: string, parts: Partial<RouteSetup> = {}): RouteSetup => ({
  name,
  ...routeSetup,
  ...parts,
});

export const csvRoute = (name: string): RouteSetup => ({ name, ...routeSetup, sink: 'csv' });

/** Times short enough for a test, in the proportions of the defaults. */
const own = {
  lease: '2s',
  backoff_base: '50ms',
  backoff_max: '500ms',
  attempt_timeout: '2s',
  shutdown_timeout: '10s',
};

export interface PlanParts {
  readonly setup?: Partial<Setup>;
  /** Further `sluice` options. */
  readonly own?: Readonly<Record<string, string>>;
  readonly badEvery?: number;
  readonly duplicates?: Schedule['duplicates'];
  readonly steps: readonly Step[];
}

/** A schedule in which all is ordinary but what is said. */
export function plan(size: Size, parts: PlanParts): Plan {
  return {
    setup: {
      store: 'aof',
      instances: 1,
      routes: [bulkRoute('alpha'), bulkRoute('beta')],
      proxied: [],
      redisTimeout: 2,
      fileLimit: 0,
      expireAfter: 0,
      ...parts.setup,
      own: { ...own, ...parts.own },
    },
    load: { records: size.records, overMs: size.overMs, badEvery: parts.badEvery ?? 0 },
    steps: parts.steps,
    duplicates: parts.duplicates ?? 'none',
  };
}

/** The moment a part of the load is visible: the fault strikes in the middle of work. */
export const whenVisible = (route: string, share: number): Step => ({
  do: 'arrived',
  route,
  share,
  withinMs: 20_000,
  after: 0,
});

export const strikes = (size: Size, strike: () => readonly Step[]): readonly Step[] =>
  Array.from({ length: size.strikes }, strike).flat();
