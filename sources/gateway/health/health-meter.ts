import type { Metrics } from '#source';

/** What the gateway counts of the health of its upstreams. */
export interface HealthMeter {
  looked(isFine: boolean): void;
  checked(states: { readonly healthy: number; readonly unhealthy: number }): void;
  ejected(): void;
  panicked(): void;
  uptime(outcome: 'written' | 'elsewhere' | 'dropped', count?: number): void;
}

export function createHealthMeter(metrics: Metrics, source: string): HealthMeter {
  const checks = metrics.counter({
    name: 'sluice_capture_health_checks_total',
    help: 'Looks of the gateway at its upstreams: `passed`, `failed`.',
    labels: ['source', 'outcome'],
  });
  const upstreams = metrics.gauge({
    name: 'sluice_capture_health_checked_upstreams',
    help: 'Checks by what they say of their upstream: `healthy`, `unhealthy`.',
    labels: ['source', 'state'],
  });
  const ejections = metrics.counter({
    name: 'sluice_capture_ejections_total',
    help: 'How often the gateway passed over one of several upstreams for a while, because calls of it had failed.',
    labels: ['source'],
  });
  const panics = metrics.counter({
    name: 'sluice_capture_unhealthy_calls_total',
    help: 'Calls that were sent to an upstream that should be passed over, since all of its API should be.',
    labels: ['source'],
  });
  const records = metrics.counter({
    name: 'sluice_capture_uptime_records_total',
    help: 'Uptime records: `written`; `elsewhere` (another process wrote this one); `dropped` (Redis was away for long, or nobody reads the list).',
    labels: ['source', 'outcome'],
  });
  return {
    looked: (isFine) => checks.add(1, { source, outcome: isFine ? 'passed' : 'failed' }),
    checked({ healthy, unhealthy }) {
      upstreams.set(healthy, { source, state: 'healthy' });
      upstreams.set(unhealthy, { source, state: 'unhealthy' });
    },
    ejected: () => ejections.add(1, { source }),
    panicked: () => panics.add(1, { source }),
    uptime: (outcome, count = 1) => records.add(count, { source, outcome }),
  };
}
