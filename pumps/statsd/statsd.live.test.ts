import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import { aBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { until, whyUnavailable } from '../../test/services/process.ts';
import { needStatsd, type StatsdServer, startStatsd } from '../../test/services/statsd.ts';
import statsd from './index.ts';

const obstacle = await whyUnavailable(needStatsd);

it('the real daemon is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined).each(['udp', 'tcp'] as const)(
  'with a real statsd over %s',
  (protocol) => {
    let server: StatsdServer;
    beforeAll(async () => {
      server = await startStatsd(protocol);
    });
    afterAll(() => server.stop());

    async function deliver(meta: object, batch: Batch): Promise<void> {
      const pump = aPreparedPump(statsd, {
        address: `${protocol}://127.0.0.1:${server.port}`,
        fields: ['request_time', 'latency_upstream'],
        ...meta,
      });
      const verdicts = await deliverOnce(pump, batch);
      expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    }

    /** How many values the daemon has for each timer, and their sum. */
    async function totals(prefix: string): Promise<Readonly<Record<string, readonly number[]>>> {
      const timers = [...(await server.timers())].filter(([name]) => name.startsWith(prefix));
      return Object.fromEntries(
        timers.map(([name, values]) => [
          name,
          [values.length, values.reduce((sum, value) => sum + value, 0)],
        ]),
      );
    }

    it('shows the totals that were pushed', async () => {
      const batch = aBatch(1_000, (at) => ({
        api_name: at % 2 === 0 ? 'orders' : 'pay',
        request_time: at % 10,
        latency: { upstream: 3 },
      }));

      await deliver({ tags: ['api_name'] }, batch);
      await until('all values have come', async () => {
        const found = await totals('request_time.');
        return Object.values(found).reduce((sum, [count = 0]) => sum + count, 0) >= 1_000;
      });

      expect(await totals('request_time.')).toEqual({
        'request_time.orders': [500, 2_000],
        'request_time.pay': [500, 2_500],
      });
      expect(await totals('latency_upstream.')).toEqual({
        'latency_upstream.orders': [500, 1_500],
        'latency_upstream.pay': [500, 1_500],
      });
    });

    it('has no line the daemon cannot read, whatever is in a tag', async () => {
      const names = ['a:b|c', '2001:db8::1', 'x|#y', 'line\nend', 'ä 日本 🐶', '%d%s', ''];
      const tags = ['api_name', 'api_id'];

      await deliver(
        { tags },
        aBatch(7, (at) => ({ api_name: names[at] ?? '', api_id: 'odd' })),
      );
      await until('all seven have come', async () => {
        const found = Object.entries(await totals('request_time.'));
        const odd = found.filter(([name]) => name.endsWith('odd'));
        return odd.reduce((sum, [, [count = 0]]) => sum + count, 0) === 7;
      });

      expect(await server.badLines()).toBe(0);
    });
  },
);
