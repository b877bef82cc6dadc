import type { Metrics } from '../lib/metrics.ts';

/** Of what is sent itself. */
export function createTelemetryMetrics(metrics: Metrics) {
  return {
    failures: metrics.counter({
      name: 'sluice_telemetry_failures_total',
      help: 'Requests with the service’s own telemetry that the receiver did not take, after their retries.',
      labels: ['signal'],
    }),
    dropped: metrics.counter({
      name: 'sluice_telemetry_dropped_total',
      help: 'Log lines, traces and metric points that were lost because the receiver refused them or was away for too long.',
      labels: ['signal'],
    }),
  };
}
