import type { Dice } from '../dice.ts';
import type { DatabaseForm, RouteSetup, Schedule, Setup, Size, Step } from '../schedule.ts';

/** A kind of fault: makes schedules. */
export interface Fault {
  readonly name: string;
  /** What goes wrong, and what must hold: for the page of results. */
  readonly about: string;
  /** It takes minutes: not part of the short set. */
  readonly isLong?: boolean;
  /** It steps clocks, which not every machine can do. */
  readonly stepsClocks?: boolean;
  /** It needs a PostgreSQL, which not every machine has. */
  readonly needsDatabase?: boolean;
  plan(dice: Dice, size: Size): Plan;
}

export type Plan = Omit<Schedule, 'fault' | 'seed'>;

const routeSetup: Omit<RouteSetup, 'name'> = {
  sink: 'bulk',
  rejectEvery: 0,
  latency: 20,
  keeps: 'all',
};

export const bulkRoute = (name: string, parts: Partial<RouteSetup> = {}): RouteSetup => ({
  name,
  ...routeSetup,
  ...parts,
});

export const csvRoute = (name: string): RouteSetup => ({ name, ...routeSetup, sink: 'csv' });

export const sqlRoute = (name: string, sink: DatabaseForm): RouteSetup => ({
  name,
  ...routeSetup,
  sink,
});

/** Times short enough for a test, in the proportions of the defaults. */
const own = {
  // Whatever the machine has; faults with several threads say so.
  workers: 1,
  lease: '2s',
  backoff_base: '50ms',
  backoff_max: '500ms',
  attempt_timeout: '2s',
  shutdown_timeout: '10s',
};

export interface PlanParts {
  readonly setup?: Partial<Setup>;
  /** Further `sluice` options. */
  readonly own?: Readonly<Record<string, string | number>>;
  readonly badEvery?: number;
  /** Milliseconds of pushing, where the size's do not fit. */
  readonly overMs?: number;
  readonly duplicates?: Schedule['duplicates'];
  readonly steps: readonly Step[];
}

/** A schedule in which all is ordinary but what is said. */
export function plan(size: Size, parts: PlanParts): Plan {
  return {
    setup: {
      store: 'aof',
      instances: 1,
      teams: [],
      routes: [bulkRoute('alpha'), bulkRoute('beta')],
      proxied: [],
      redisTimeout: 2,
      fileLimit: 0,
      expireAfter: 0,
      hasClocks: false,
      ...parts.setup,
      own: { ...own, ...parts.own },
    },
    load: {
      kind: parts.setup?.routes?.some(({ sink }) => sink === 'uptime') ? 'uptime' : 'calls',
      records: size.records,
      overMs: parts.overMs ?? size.overMs,
      badEvery: parts.badEvery ?? 0,
    },
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
