import type { Clock, Log, Metrics } from '#source';
import { QuietLog } from '../listen/quiet-log.ts';
import type { SrvEvents } from './srv-resolver.ts';

export const srvFailures = (metrics: Metrics) =>
  metrics.counter({
    name: 'sluice_capture_srv_failures_total',
    help: 'Lookups of SRV records that gave none; those from before go on.',
    labels: ['source'],
  });

/** Tells of SRV records in the log, and counts failures. */
export function srvEvents({
  log,
  metrics,
  clock,
  name: source,
}: {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly name: string;
}): SrvEvents {
  const failures = srvFailures(metrics);
  const quietLog = new QuietLog(log, clock);
  return {
    onFailure(name, why, kept) {
      failures.add(1, { source });
      quietLog.warn(
        { name, reason: `${name}: ${why}`, kept },
        'SRV records of a name could not be looked up; those from before go on.',
      );
    },
    onChange: (name, records) =>
      log.info({ name, records: records.length }, 'There are other SRV records of a name.'),
  };
}
