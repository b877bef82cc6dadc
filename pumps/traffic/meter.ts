import type { Metrics } from '#pump';

/** What an operator sees of a store without asking for it. */
export interface Meter {
  /** How large it is now. */
  show(standing: { readonly bytes: number; readonly volumes: number }): void;
  /** What became of the records of a batch: some may have been there. */
  took(records: number, kept: number): void;
  left(outcome: (typeof outcomes)[number]): void;
}

const outcomes = ['dropped', 'damaged'] as const;

export function createMeter(metrics: Metrics, route: string): Meter {
  const bytes = metrics.gauge({
    name: 'sluice_traffic_bytes',
    help: 'Bytes of the store’s files; max_bytes is their bound.',
    labels: ['route'],
  });
  const volumes = metrics.gauge({
    name: 'sluice_traffic_volumes',
    help: 'Files of the store.',
    labels: ['route'],
  });
  const records = metrics.counter({
    name: 'sluice_traffic_records_total',
    help: 'Records that are in the store: kept, or known because they had come before.',
    labels: ['route', 'result'],
  });
  const gone = metrics.counter({
    name: 'sluice_traffic_volumes_gone_total',
    help: 'Files whose calls are not found any more: dropped at a bound, or set aside because they are damaged.',
    labels: ['route', 'outcome'],
  });
  for (const result of ['kept', 'known']) records.add(0, { route, result });
  for (const outcome of outcomes) gone.add(0, { route, outcome });
  return {
    show(standing) {
      bytes.set(standing.bytes, { route });
      volumes.set(standing.volumes, { route });
    },
    took(count, kept) {
      records.add(kept, { route, result: 'kept' });
      records.add(count - kept, { route, result: 'known' });
    },
    left: (outcome) => gone.add(1, { route, outcome }),
  };
}
