import { expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type Log, type LogFields, silentLog } from '../../lib/log.ts';
import { seconds } from '../../lib/units.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { Refusals } from './refusals.ts';

it('counts each, and says failed logins once a minute with their number', async () => {
  const lines: LogFields[] = [];
  const log: Log = { ...silentLog, warn: (fields) => lines.push(fields) };
  const clock = new FakeClock();
  const metrics = createMetrics({ version: '1' });
  const refusals = new Refusals({ clock, log, metrics });
  const fail = (): void => refusals.count({ status: 401, isFailedLogin: true }, '192.0.2.7');

  for (let times = 0; times < 5_000; times++) fail();
  refusals.count({ status: 401, isFailedLogin: false }, '192.0.2.7');
  refusals.count({ status: 403, isFailedLogin: false }, '192.0.2.7');
  expect(lines.map(({ requests }) => requests)).toEqual([1]);
  await clock.advance(seconds(61));
  fail();
  expect(lines.map(({ requests, last }) => [requests, last])).toEqual([
    [1, '192.0.2.7'],
    [5_000, '192.0.2.7'],
  ]);

  const { body } = await metrics.exposition();
  expect(body).toContain('sluice_api_refusals_total{reason="wrong_credentials"} 5001');
  expect(body).toContain('sluice_api_refusals_total{reason="unauthenticated"} 1');
  expect(body).toContain('sluice_api_refusals_total{reason="forbidden"} 1');
});
