import type { Metrics } from '../../lib/metrics.ts';

export type ExpiryMeter = ReturnType<typeof createExpiryMeter>;

/** What is measured of the gateway's lists while nobody claims them. */
export function createExpiryMeter(metrics: Metrics, lists: readonly string[]) {
  const expiry = metrics.gauge({
    name: 'sluice_list_expiry_timestamp_seconds',
    help: 'When Redis will delete a gateway list with all its records, while the list is not claimed. 0: it is claimed, empty, or has no time-to-live.',
    labels: ['list'],
  });
  const records = metrics.gauge({
    name: 'sluice_list_expiring_records',
    help: 'Records that Redis will delete at that time.',
    labels: ['list'],
  });
  const expired = metrics.counter({
    name: 'sluice_expired_records_total',
    help: 'Records that Redis deleted from the gateway’s lists because their time-to-live ended before they were claimed. Lost. Only one of several instances counts them, unless Redis keeps no books for us.',
    labels: ['list'],
  });
  for (const list of lists) {
    expiry.set(0, { list });
    records.set(0, { list });
    expired.add(0, { list });
  }
  return {
    expiring(list: string, at: number, count: number) {
      expiry.set(at / 1000, { list });
      records.set(count, { list });
    },
    expired: (list: string, count: number) => expired.add(count, { list }),
  };
}
