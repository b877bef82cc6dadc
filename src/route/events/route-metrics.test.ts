import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { silentLog } from '../../lib/log.ts';
import { createPurgeMeter } from '../../purge/meter.ts';
import { lint } from '../../telemetry/lint.testing.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { RouteEvents } from './route-events.ts';
import { showWaiting } from './route-metrics.ts';

/** Every series whose first increase `increase()` would miss if it came with it. */
const fromTheStart = [
  ...['delivered', 'rejected', 'filtered', 'stale', 'vanished'].map(
    (outcome) => `sluice_records_total{route="CSV",outcome="${outcome}"} 0`,
  ),
  ...[
    ...['unreachable', 'timeout', 'throttled', 'unauthorised'],
    ...['invalid', 'oversize', 'unexpected'],
  ].map((kind) => `sluice_retries_total{route="CSV",kind="${kind}"} 0`),
  'sluice_dead_letters_total{route="CSV"} 0',
  'sluice_dead_letters_total{route="undecodable"} 0',
  'sluice_dead_letters_dropped_total{route="CSV"} 0',
  'sluice_dead_letters_redelivered_total{route="CSV"} 0',
  'sluice_late_answers_total{route="CSV"} 0',
  'sluice_retry_budget_waits_total{route="CSV"} 0',
];

describe('the counters of a route', () => {
  it('are there before anything is counted', async () => {
    const metrics = createMetrics({ version: '0' });
    new RouteEvents({ route: 'CSV', log: silentLog, clock: new FakeClock(), metrics });
    const { body } = await metrics.exposition();
    for (const series of fromTheStart) expect(body).toContain(series);
    expect(lint(body)).toEqual([]);
  });

  it('are there in the main thread before a worker has said anything', async () => {
    const metrics = createMetrics({ version: '0' });
    showWaiting('CSV', metrics);
    const { body } = await metrics.exposition();
    for (const series of fromTheStart) expect(body).toContain(series);
  });

  it('of shedding and of the books are there, too', async () => {
    const metrics = createMetrics({ version: '0' });
    const meter = createPurgeMeter(metrics, new FakeClock(), ['CSV']);
    const { body } = await metrics.exposition();
    expect(body).toContain('sluice_shed_records_total{route="CSV"} 0');
    expect(body).toContain('sluice_ledger_mismatches_total{route="CSV"} 0');
    expect(body).toContain('sluice_last_claim_timestamp_seconds 0');
    expect(lint(body)).toEqual([]);
    meter.claimed(1, 100);
    expect((await metrics.exposition()).body).toMatch(/sluice_last_claim_timestamp_seconds [1-9]/);
  });

  it('keep what was claimed apart from what became of it', async () => {
    const metrics = createMetrics({ version: '0' });
    const meter = createPurgeMeter(metrics, new FakeClock(), ['CSV']);
    meter.expected('CSV', 5);
    meter.booked('CSV', 'delivered', 3);
    meter.booked('CSV', 'pending', 2);
    const { body } = await metrics.exposition();
    expect(body).toContain('sluice_ledger_claimed_records{route="CSV"} 5');
    const parts = [...body.matchAll(/sluice_ledger_records\{.*\} (\d+)/g)].map(([, n]) =>
      Number(n),
    );
    expect(parts.reduce((sum, n) => sum + n, 0)).toBe(5);
  });
});
