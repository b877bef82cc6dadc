/** A rate holds over all instances and threads, follows what an operator says, and nobody else is held up. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Child, launch, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { type CountingSink, countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);

describe.skipIf(unavailable !== undefined)('the rate of a route', () => {
  const use = stoppedAfterEach();

  async function command({ dir }: PumpProcess, ...words: readonly string[]): Promise<Child> {
    const args = [main, ...words, '--conf', path.join(dir, 'pump.json')];
    const child = launch(process.execPath, args, { cwd: dir });
    await until('the command has ended', () => !child.isRunning());
    return child;
  }

  /** Records a second, from the first arrival after `from` on, over so many seconds. */
  async function measured(sink: CountingSink, seconds: number): Promise<number> {
    const from = sink.arrivals.length;
    await until('some arrive', () => sink.arrivals.length > from + 1);
    const begin = sink.arrivals[from + 1]?.at ?? 0;
    await until('time has passed', () => performance.now() - begin > seconds * 1000, 120_000);
    const within = sink.arrivals.filter(({ at }) => at >= begin && at < begin + seconds * 1000);
    return within.reduce((sum, { records }) => sum + records, 0) / seconds;
  }

  it('is held by two instances together, within 5 %, and is what an operator says', async () => {
    const redis: RedisServer = use(await startRedis());
    const limited = use(await startCountingSink());
    const sibling = use(await startCountingSink());
    const config = {
      redis,
      own: { workers: 2 },
      pumps: {
        slow: countingPump(limited, { limits: { rate: { records: 400 } } }),
        sibling: countingPump(sibling),
      },
    };
    const [first, second] = [use(await startPump(config)), use(await startPump(config))];
    const { good } = await pushRecords(redis, 40_000);

    const rate = await measured(limited, 15);
    expect(rate).toBeGreaterThan(380);
    expect(rate).toBeLessThan(420);
    for (const pump of [first, second])
      expect(await metric(pump, 'sluice_route_rate_limit_records', { route: 'SLOW' })).toBe(400);
    // Nobody waits for the slow one.
    expect(sibling.arrived.size).toBe(40_000);

    const faster = await command(first, 'route', 'rate', 'SLOW', '1000');
    expect(faster.output()).toContain('SLOW: 1000 records/s, over all instances, until');
    await until(
      'both have taken it up',
      async () =>
        (await metric(first, 'sluice_route_rate_limit_records', { route: 'SLOW' })) === 1000 &&
        (await metric(second, 'sluice_route_rate_limit_records', { route: 'SLOW' })) === 1000,
    );
    await until('workers have taken it up', () => {
      const since = performance.now() - 1000;
      const last = limited.arrivals.filter(({ at }) => at > since);
      return last.reduce((sum, { records }) => sum + records, 0) > 800;
    });
    const more = await measured(limited, 10);
    expect(more).toBeGreaterThan(950);
    expect(more).toBeLessThan(1050);
    const listed = await command(first, 'route', 'ls', '--json');
    expect(JSON.parse(listed.output())).toMatchObject({
      routes: [
        { rate: { records: 1000, bytes: null, said: { by: expect.any(String) as string } } },
        { rate: null },
      ],
    });

    // A stop does not wait until the rate has let all through.
    const begun = performance.now();
    await second.stop();
    expect(second.exit()?.code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(12_000);

    await command(first, 'route', 'rate', 'SLOW', 'unlimited');
    await untilDrained(redis);
    expect(compare(good, limited.arrived)).toMatchObject({ lost: 0, invented: 0 });
    expect(await metric(first, 'sluice_ledger_mismatches_total')).toBe(0);
    expect(first.output()).toContain('The rate of a pump is what an operator says');
    const off = await command(first, 'route', 'rate', 'SLOW', 'off');
    expect(off.output()).toContain(
      'SLOW: 400 records/s, over all instances, as the configuration says',
    );
    const wrong = await command(first, 'route', 'rate', 'SLOW', '5 per second');
    expect([wrong.exit()?.code, wrong.output()]).toEqual([
      1,
      expect.stringContaining("found '5 per second', expected records a second"),
    ]);
  });
});
