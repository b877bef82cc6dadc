import type { Metrics } from '../../lib/metrics.ts';

/** What a reload may come to. */
export const outcomes = ['applied', 'unchanged', 'refused', 'failed'] as const;

/** The metrics of the configuration in force. */
export function createReloadMetrics(metrics: Metrics) {
  const reloads = metrics.counter({
    name: 'sluice_config_reloads_total',
    help: 'Times the configuration was read again, by what came of it: applied; unchanged; refused, for it has errors; failed, by a bug.',
    labels: ['outcome'],
  });
  const successful = metrics.gauge({
    name: 'sluice_config_last_reload_successful',
    help: '0 while the configuration on disk, when it was read last, could not be put in force; else 1.',
  });
  const timestamp = metrics.gauge({
    name: 'sluice_config_last_reload_timestamp_seconds',
    help: 'When the configuration was last read, at the start or by a reload, whatever came of it.',
  });
  const info = metrics.gauge({
    name: 'sluice_config_info',
    help: 'Always 1; the label is the hash of the configuration in force: with the same options it is the same everywhere, whatever the secrets are.',
    labels: ['hash'],
  });
  for (const outcome of outcomes) reloads.add(0, { outcome });
  return {
    reloaded(outcome: (typeof outcomes)[number], at: number) {
      reloads.add(1, { outcome });
      successful.set(outcome === 'applied' || outcome === 'unchanged' ? 1 : 0);
      timestamp.set(at / 1000);
    },
    started(hash: string, at: number) {
      info.set(1, { hash });
      successful.set(1);
      timestamp.set(at / 1000);
    },
    inForce: (hash: string) => info.set(1, { hash }),
  };
}
