import type { Metrics } from '../lib/metrics.ts';
import type { Purge } from '../purge/purge.ts';

/** Shows on the page of metrics how records are taken in. */
export function showMode(metrics: Metrics, mode: Purge['mode']): void {
  const gauge = metrics.gauge({
    name: 'sluice_mode',
    help: '1 for the way records are taken in. at-most-once: a crash loses what is in memory.',
    labels: ['mode'],
  });
  // The other one is there as well, so that an alert can compare.
  for (const each of ['at-least-once', 'at-most-once'] as const)
    gauge.set(each === mode ? 1 : 0, { mode: each });
}
