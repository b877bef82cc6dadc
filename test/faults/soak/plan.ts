import type { Behaviour } from '../bulk-behaviour.ts';

/** How long, and what happens how often. */
export interface Plan {
  readonly seconds: number;
  /** Records a second. */
  readonly rate: number;
  /** Not judged: memory grows to what the work needs. */
  readonly warmUp: number;
  /** Between samples. */
  readonly every: number;
  /** One sink is in trouble for half of it, and well for the other half. */
  readonly cycle: number;
  /** Redis is killed in every so many-th cycle, and the configuration loaded anew in every so many-th. */
  readonly cyclesToRestart: number;
  readonly cyclesToReload: number;
}

const hour = 3600;
const mostSamples = 3_000;

export function planOf(seconds: number, rate: number): Plan {
  const warmUp = Math.min(hour, seconds / 6);
  return {
    ...{ seconds, rate, warmUp },
    every: Math.max(0.5, seconds / mostSamples),
    cycle: Math.min(60, Math.max(6, (seconds - warmUp) / 25)),
    cyclesToRestart: 4,
    cyclesToReload: 3,
  };
}

/** The troubles of the sink that flaps, one after the other. `refused`: nobody listens. */
export const troubles: readonly (Behaviour | { readonly kind: 'refused' })[] = [
  { kind: 'status', status: 503, share: 1 },
  { kind: 'refused' },
  { kind: 'hanging', stores: true },
  { kind: 'items', status: 429, share: 0.3 },
  { kind: 'reset', stores: true, share: 0.5 },
  { kind: 'slow', ms: 700 },
  { kind: 'cut', share: 0.3 },
  { kind: 'chaos' },
];
