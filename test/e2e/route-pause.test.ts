/** `sluice route pause`: nothing at all goes to the sink, siblings go on, and nothing but `resume` ends it. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Child, launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { type CountingSink, countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);
/** What is promised, and a bit for a busy machine. */
const noticed = 3000;

describe.skipIf(unavailable !== undefined)('a paused route', () => {
  const use = stoppedAfterEach();

  async function command({ dir }: PumpProcess, ...words: readonly string[]): Promise<Child> {
    const [name = '', ...rest] = words;
    const args = [main, name, ...rest, '--conf', path.join(dir, 'pump.json')];
    const child = launch(process.execPath, args, { cwd: dir });
    await until('the command has ended', () => !child.isRunning());
    return child;
  }

  async function world(own: Readonly<Record<string, unknown>> = {}, acl?: readonly string[]) {
    const redis: RedisServer = use(await startRedis(acl === undefined ? {} : { acl }));
    const [paused, sibling]: CountingSink[] = [
      use(await startCountingSink()),
      use(await startCountingSink()),
    ];
    const start = async (): Promise<PumpProcess> =>
      use(
        await startPump({
          redis,
          own,
          pumps: { quiet: countingPump(paused!), sibling: countingPump(sibling!) },
        }),
      );
    return { redis, paused: paused!, sibling: sibling!, start };
  }

  /** Each thread asks for itself, so that some may know it a second later than the one that says so. */
  async function untilPaused(pump: PumpProcess): Promise<void> {
    await until(
      'it is paused',
      async () => (await metric(pump, 'sluice_route_paused', { route: 'QUIET' })) === 1,
    );
    await delay(noticed);
  }

  const delivered = (pump: PumpProcess, route: string) =>
    metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });
  const exactly = { lost: 0, invented: 0, duplicated: 0 };

  it.each([[1], [3]])(
    'gets no request, also after kill -9, and then everything (%i threads)',
    async (workers) => {
      const { redis, paused, sibling, start } = await world({ workers, lease: '2s' });
      const first = await start();
      const before = await pushRecords(redis, 2000);
      await until('all is delivered', async () => (await delivered(first, 'QUIET')) === 2000);

      const pausing = await command(first, 'route', 'pause', 'quiet');
      expect([pausing.exit()?.code, pausing.output()]).toEqual([
        0,
        expect.stringContaining('QUIET is paused, by '),
      ]);
      await untilPaused(first);
      expect(first.output()).toContain('A pump is paused: nothing is sent to its sink');
      const [requests, connections] = [paused.requests, paused.connections];
      const during = await pushRecords(redis, 5000, { from: 2000 });
      await until('its sibling has them', async () => (await delivered(first, 'SIBLING')) === 7000);
      const ready = await fetch(`http://127.0.0.1:${first.healthPort}/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        expect.objectContaining({
          routes: expect.arrayContaining([
            expect.objectContaining({
              route: 'QUIET',
              health: { state: 'paused', reason: expect.stringContaining('paused by ') as string },
            }),
          ]) as unknown,
        }),
      ]);
      expect(await metric(first, 'sluice_route_paused', { route: 'QUIET' })).toBe(1);
      await first.kill9();

      const second = await start();
      const later = await pushRecords(redis, 1000, { from: 7000 });
      await until('its sibling goes on', async () => (await delivered(second, 'SIBLING')) === 1000);
      await delay(1000);
      expect([paused.requests, paused.connections]).toEqual([requests, connections]);
      const status = await command(second, 'status');
      expect(status.output()).toContain('QUIET is paused by ');
      const listed = await command(second, 'route', 'ls', '--json');
      expect(JSON.parse(listed.output())).toMatchObject({
        routes: [
          { route: 'QUIET', state: 'paused', pending: 6000 },
          { route: 'SIBLING', state: 'running', paused: null, pending: 0 },
        ],
      });

      expect((await command(second, 'route', 'resume', 'quiet')).output()).toContain('is resumed');
      await untilDrained(redis);
      const good = new Set([...before.good, ...during.good, ...later.good]);
      expect(compare(good, paused.arrived)).toEqual(exactly);
      expect(compare(good, sibling.arrived)).toEqual(exactly);
      expect(await metric(second, 'sluice_ledger_mismatches_total')).toBe(0);
      await until('it is said', () => second.output().includes('A pump is resumed.'));
    },
  );

  it('ends what is under way, gives back the rest, and loses none of it', async () => {
    const { redis, paused, start } = await world({ workers: 1, in_flight_bytes: '1MiB' });
    const pump = await start();
    paused.delay = 200;
    const { good } = await pushRecords(redis, 40_000);
    await until('it is at work', () => paused.arrived.size > 0);
    await command(pump, 'route', 'pause', 'QUIET');
    await untilPaused(pump);
    const { requests } = paused;
    await delay(2000);
    expect(paused.requests).toBe(requests);
    expect(await metric(pump, 'sluice_in_flight_batches', { route: 'QUIET' })).toBe(0);
    paused.delay = 0;
    await command(pump, 'route', 'resume', 'QUIET');
    await untilDrained(redis);
    expect(compare(good, paused.arrived)).toMatchObject({ lost: 0, invented: 0 });
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    await pump.stop();
    expect(pump.exit()?.code).toBe(0);
  });

  it('spills at the bound like one whose sink is away', async () => {
    const spill_dir = path.join(await scratchFolder('spill'), 'here');
    const { redis, paused, start } = await world({
      workers: 1,
      spill_dir,
      retained_bytes: '256KiB',
      at_bound: 'hold',
    });
    const pump = await start();
    await command(pump, 'route', 'pause', 'QUIET');
    await untilPaused(pump);
    const { good } = await pushRecords(redis, 4000);
    await until(
      'its sibling has them, for what is paused is on disk',
      async () =>
        (await delivered(pump, 'SIBLING')) === 4000 &&
        (await metric(pump, 'sluice_spill_records', { route: 'QUIET' })) > 0,
      90_000,
    );
    expect(paused.arrived.size).toBe(0);
    await command(pump, 'route', 'resume', 'QUIET');
    await until('all has arrived', () => paused.arrived.size === 4000);
    expect(compare(good, paused.arrived)).toEqual(exactly);
  });

  it('is one under a user that may do no more than the documentation asks for', async () => {
    const rules = 'default on nopass ~analytics-* ~{analytics-* &* +@all -@dangerous -@admin +info';
    const { redis, paused, start } = await world({ workers: 1 }, [rules]);
    const pump = await start();
    expect((await command(pump, 'route', 'pause', 'QUIET')).exit()?.code).toBe(0);
    await untilPaused(pump);
    const { requests } = paused;
    await pushRecords(redis, 100);
    await until('its sibling has them', async () => (await delivered(pump, 'SIBLING')) === 100);
    expect(paused.requests).toBe(requests);
    expect((await command(pump, 'route', 'resume', 'QUIET')).exit()?.code).toBe(0);
    await until('it has them', async () => (await delivered(pump, 'QUIET')) === 100);
  });
});
