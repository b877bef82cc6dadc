import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type Log, silentLog } from '../../lib/log.ts';
import { type Metrics, silentMetrics } from '../../lib/metrics.ts';
import { RouteEvents } from './route-events.ts';

describe('the events of a route', () => {
  it('tell its pace when it changes', () => {
    const said: string[] = [];
    const metrics: Metrics = {
      ...silentMetrics,
      gauge: ({ name }) => ({
        set: (value, labels) => said.push(`${name} ${labels?.['route']} ${value}`),
      }),
    };
    const events = new RouteEvents({
      route: 'CSV',
      log: silentLog,
      clock: new FakeClock(),
      metrics,
    });
    events.paced(2, 'closed');
    events.paced(2, 'open');
    events.paced(2, 'open');
    events.paced(1, 'half-open');

    expect(said).toEqual([
      'sluice_route_up CSV 0',
      'sluice_route_concurrency CSV 2',
      'sluice_route_breaker_state CSV 0',
      'sluice_route_breaker_state CSV 2',
      'sluice_route_concurrency CSV 1',
      'sluice_route_breaker_state CSV 1',
    ]);
  });

  it('show in metric and log what the sink said of itself, once for each change', async () => {
    const clock = new FakeClock();
    const said: unknown[] = [];
    const line = (fields: object, message: string) => said.push([message, fields]);
    const log: Log = { ...silentLog, info: line, warn: line };
    const metrics: Metrics = {
      ...silentMetrics,
      gauge: ({ name }) => ({
        set: (value) => {
          if (name === 'sluice_route_up') said.push(value);
        },
      }),
    };
    const events = new RouteEvents({ route: 'K', log, clock, metrics });
    events.recovery();
    events.checked({ state: 'down', reason: 'refused' });
    await clock.advance(7_000);
    events.checked({ state: 'down', reason: 'refused again' });
    events.checked({ state: 'up' });
    events.outage({ kind: 'timeout', message: 'late' });
    events.checked({ state: 'down', reason: 'it is late' });
    events.recovery();

    expect(said).toEqual([
      0,
      0,
      0,
      ['The sink is not ready; its records are tried all the same.', { reason: 'refused' }],
      0,
      1,
      ['The sink works again.', { seconds: 7 }],
      ['The sink is out of order; delivery waits for it.', { kind: 'timeout', reason: 'late' }],
      0,
      0,
      ['The sink works again.', { seconds: 0 }],
      1,
    ]);
  });

  it.each([
    [{ state: 'up' } as const, 'The sink is ready.'],
    [{ state: 'unknown', reason: 'UDP' } as const, 'The sink cannot tell whether it is ready.'],
  ])('say at the start that a sink is %j', (health, message) => {
    const said: string[] = [];
    const info: Log['info'] = (_, text) => said.push(text);
    const log: Log = { ...silentLog, info };
    const parts = { route: 'K', log, clock: new FakeClock(), metrics: silentMetrics };
    new RouteEvents(parts).checked(health);

    expect(said).toEqual([message]);
  });
});
