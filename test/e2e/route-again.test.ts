/** Records delivered again, and records left out, because an operator says so; the ledger closes in each case. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Child, launch, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);

interface Status {
  readonly routes: readonly {
    readonly route: string;
    readonly claimed: number;
    readonly booked: Readonly<Record<string, number>>;
    readonly redelivered: number;
    readonly pending: number;
  }[];
}

describe.skipIf(unavailable !== undefined)(
  'what an operator has delivered again or left out',
  () => {
    const use = stoppedAfterEach();

    async function command({ dir }: PumpProcess, ...words: readonly string[]): Promise<Child> {
      const args = [main, ...words, '--conf', path.join(dir, 'pump.json')];
      const child = launch(process.execPath, args, { cwd: dir });
      await until('the command has ended', () => !child.isRunning());
      return child;
    }

    async function world(own: Readonly<Record<string, unknown>>) {
      const redis: RedisServer = use(await startRedis());
      const sink = use(await startCountingSink());
      const sibling = use(await startCountingSink());
      const pumps = { es: countingPump(sink), sibling: countingPump(sibling) };
      const start = async (): Promise<PumpProcess> =>
        use(await startPump({ redis, own: { lease: '2s', ...own }, pumps }));
      return { redis, sink, sibling, start };
    }

    const delivered = (pump: PumpProcess, route: string) =>
      metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });
    const booksOf = async (pump: PumpProcess, name: string) => {
      const report = JSON.parse((await command(pump, 'status', '--json')).output()) as Status;
      const found = report.routes.find(({ route }) => route === name);
      const booked = Object.values(found?.booked ?? {}).reduce((sum, records) => sum + records, 0);
      expect((found?.claimed ?? 0) - booked - (found?.pending ?? 0)).toBe(0);
      return found;
    };
    const exactly = { lost: 0, invented: 0, duplicated: 0 };

    it.each([[1], [3]])(
      'an index that was deleted is whole again after a rewind (%i threads)',
      async (workers) => {
        const { redis, sink, sibling, start } = await world({ retain: '1h', workers });
        const pump = await start();
        const { good } = await pushRecords(redis, 6000);
        await until('all is delivered', async () => (await delivered(pump, 'ES')) === 6000);
        await until('by both', async () => (await delivered(pump, 'SIBLING')) === 6000);
        const ids = new Set(sink.ids.keys());
        sink.forget();

        const rewound = await command(pump, 'route', 'rewind', 'ES', '--to', '10m');
        expect([rewound.exit()?.code, rewound.output()]).toEqual([
          0,
          expect.stringContaining('ES gets 6,000 records again'),
        ]);
        await until('every record is there', () => sink.arrived.size === 6000);
        await until('and booked', async () => (await booksOf(pump, 'ES'))?.pending === 0);
        expect(compare(good, sink.arrived)).toEqual(exactly);
        expect(new Set(sink.ids.keys())).toEqual(ids);
        expect(compare(good, sibling.arrived)).toEqual(exactly);
        expect(await booksOf(pump, 'ES')).toMatchObject({
          claimed: 12_000,
          redelivered: 6000,
          booked: { delivered: 12_000, shed: 0 },
        });
        expect(await booksOf(pump, 'SIBLING')).toMatchObject({ claimed: 6000, redelivered: 0 });
        expect(pump.output()).toContain('An operator has moved the place of a pump.');
        expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
        const later = await command(pump, 'route', 'rewind', 'ES', '--to', '0s');
        expect(later.output()).toContain('ES gets 0 records again');
      },
    );

    it('kill -9 in the middle of a rewind loses nothing, and the books close', async () => {
      const { redis, sink, start } = await world({ retain: '1h', workers: 1 });
      const first = await start();
      const { good } = await pushRecords(redis, 20_000);
      await until('all is delivered', async () => (await delivered(first, 'ES')) === 20_000);
      await until('by both', async () => (await delivered(first, 'SIBLING')) === 20_000);
      sink.forget();
      sink.delay = 100;
      await command(first, 'route', 'rewind', 'ES', '--to', '1h');
      await until('it is at work', () => sink.arrived.size > 0);
      await first.kill9();
      sink.delay = 0;
      const second = await start();
      await until('every record is there', () => sink.arrived.size === 20_000, 60_000);
      await until('and booked', async () => (await booksOf(second, 'ES'))?.pending === 0);
      expect(compare(good, sink.arrived)).toMatchObject({ lost: 0, invented: 0 });
      expect(await booksOf(second, 'ES')).toMatchObject({
        redelivered: 20_000,
        booked: { delivered: 40_000 },
      });
    });

    it('what is kept never fills the bound, nor holds anything up', async () => {
      const { redis, sink, sibling, start } = await world({
        retain: '1h',
        retained_bytes: '3MiB',
        at_bound: 'hold',
        workers: 1,
      });
      const pump = await start();
      const good = new Set<string>();
      for (let from = 0; from < 30_000; from += 1500) {
        for (const alias of (await pushRecords(redis, 1500, { from })).good) good.add(alias);
        await until(
          'it goes on',
          async () => (await delivered(pump, 'ES')) === from + 1500,
          60_000,
        );
      }
      await until('by both', async () => (await delivered(pump, 'SIBLING')) === 30_000);
      expect(compare(good, sink.arrived)).toEqual(exactly);
      expect(compare(good, sibling.arrived)).toEqual(exactly);
      await until(
        'the bound has room',
        async () => (await metric(pump, 'sluice_retained_bytes')) <= 3 * 1024 * 1024,
      );
      expect(pump.output()).not.toContain('Claiming pauses');
      expect((await booksOf(pump, 'ES'))?.booked['shed']).toBe(0);
      expect((await redis.client.keys('*:seg:*')).length).toBeGreaterThan(0);
    });

    it('what is skipped is left out for that route alone, and counted', async () => {
      const { redis, sink, sibling, start } = await world({ workers: 1 });
      const pump = await start();
      await command(pump, 'route', 'pause', 'ES');
      await until('it is paused', async () => (await metric(pump, 'sluice_route_paused')) === 1);
      await delay(1500);
      await pushRecords(redis, 3000);
      await until('its sibling has them', async () => (await delivered(pump, 'SIBLING')) === 3000);
      const unsaid = await command(pump, 'route', 'skip-to-now', 'ES');
      expect([unsaid.exit()?.code, unsaid.output()]).toEqual([
        1,
        expect.stringContaining(
          '3,000 records wait for ES and would not be delivered to it: say --yes',
        ),
      ]);
      const said = await command(pump, 'route', 'skip-to-now', 'ES', '--yes');
      expect(said.output()).toContain('ES: 3,000 records were skipped');
      await command(pump, 'route', 'resume', 'ES');
      const { good } = await pushRecords(redis, 500, { from: 3000 });
      await until('it goes on behind them', async () => (await delivered(pump, 'ES')) === 500);
      expect(compare(good, sink.arrived)).toEqual(exactly);
      expect(sibling.arrived.size).toBe(3500);
      expect(await booksOf(pump, 'ES')).toMatchObject({
        claimed: 3500,
        booked: { delivered: 500, skipped: 3000, shed: 0 },
        pending: 0,
      });
      expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    });
  },
);
