import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.ts';
import { silentLog } from '../lib/log.ts';
import { type Metrics, silentMetrics } from '../lib/metrics.ts';
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
      'sluice_route_concurrency CSV 2',
      'sluice_route_breaker_state CSV 0',
      'sluice_route_breaker_state CSV 2',
      'sluice_route_concurrency CSV 1',
      'sluice_route_breaker_state CSV 1',
    ]);
  });
});
