import type { Metrics } from '../lib/metrics.ts';

/** What the spill counts. */
export type SpillMeter = ReturnType<typeof createSpillMeter>;

export function createSpillMeter(metrics: Metrics, routes: readonly string[]) {
  const bytes = metrics.gauge({
    name: 'sluice_spill_bytes',
    help: 'Bytes of spill files on this instance’s disk.',
  });
  const waiting = metrics.gauge({
    name: 'sluice_spill_records',
    help: 'Records on this instance’s disk the route has not answered for.',
    labels: ['route'],
  });
  const oldest = metrics.gauge({
    name: 'sluice_spill_oldest_seconds',
    help: 'Age of the oldest claim on this instance’s disk.',
    labels: ['route'],
    across: 'max',
  });
  const spilled = metrics.counter({
    name: 'sluice_spill_spilled_total',
    help: 'Records moved from Redis to this instance’s disk.',
    labels: ['route'],
  });
  const answered = metrics.counter({
    name: 'sluice_spill_answered_total',
    help: 'Records of this instance’s disk the route has answered for.',
    labels: ['route'],
  });
  const damaged = metrics.counter({
    name: 'sluice_spill_damaged_total',
    help: 'Stretches of spill files, or records in them, that are not what was written.',
    labels: ['route'],
  });
  const failed = metrics.counter({
    name: 'sluice_spill_failures_total',
    help: 'Times ranges could not be spilled: the disk or spill_bytes was full, or the disk failed.',
    labels: ['route'],
  });
  // From the start: what comes first must be an increase.
  for (const route of routes)
    for (const counter of [spilled, answered, damaged, failed]) counter.add(0, { route });
  return {
    bytes: (used: number) => bytes.set(used),
    waiting(route: string, records: number, oldestMs: number) {
      waiting.set(records, { route });
      oldest.set(oldestMs / 1000, { route });
    },
    spilled: (route: string, records: number) => spilled.add(records, { route }),
    answered: (route: string, records: number) => answered.add(records, { route }),
    damaged: (route: string) => damaged.add(1, { route }),
    failed: (route: string) => failed.add(1, { route }),
  };
}
