/** A pump from outside the tree that does what it must not: no record is lost, and none counts that was not delivered. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scratchFolder, until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { compare, inJsonLines } from '../arrived.ts';
import { stoppedAfterEach } from '../ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from '../pump.ts';
import { pushRecords } from '../records.ts';

const unavailable = await whyUnavailable(needRedis);
const plugin = fileURLToPath(new URL('rude.mjs', import.meta.url));
const route = 'RUDE';

describe.skipIf(unavailable !== undefined)('a plugin that misbehaves', () => {
  const use = stoppedAfterEach();

  async function world(workers: number) {
    const redis: RedisServer = use(await startRedis());
    const folder = await scratchFolder('rude');
    const [out, how] = [path.join(folder, 'out.ndjson'), path.join(folder, 'how')];
    const behave = (manner: string) => writeFile(how, manner);
    await behave('well');
    const start = async (): Promise<PumpProcess> =>
      use(
        await startPump({
          redis,
          pumps: { rude: { type: plugin, timeout: 1, meta: { out, how } } },
          own: { workers, lease: '1s', backoff_max: '200ms' },
          env: { TYK_PMP_SLUICE_PLUGINS: plugin },
        }),
      );
    return { redis, behave, start, arrived: () => inJsonLines([out]) };
  }

  const outcome = (pump: PumpProcess, name: string) =>
    metric(pump, 'sluice_records_total', { route, outcome: name });
  const retries = (pump: PumpProcess) => metric(pump, 'sluice_retries_total', { route });

  it.each(['look-alike', 'unknown outcome', 'hang'])(
    'in its answers (%s) delivers nothing until it behaves, and everything once then',
    async (manner) => {
      const { redis, behave, start, arrived } = await world(2);
      await behave(manner);
      const { good } = await pushRecords(redis, 500);
      const pump = await start();
      await until('attempts have failed', async () => (await retries(pump)) > 2, 60_000);

      expect(await outcome(pump, 'delivered')).toBe(0);
      expect(await outcome(pump, 'rejected')).toBe(0);

      await behave('well');
      await untilDrained(redis);
      expect(compare(good, await arrived())).toEqual({ lost: 0, invented: 0, duplicated: 0 });
      expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    },
  );

  it('by throwing out of turn ends its worker thread alone, which loads it again', async () => {
    const { redis, behave, start, arrived } = await world(2);
    await behave('throw out of turn');
    const { good } = await pushRecords(redis, 500);
    const pump = await start();
    const died = () => metric(pump, 'sluice_worker_failures_total');
    await until('a worker has died of it', async () => (await died()) > 0, 60_000);
    await behave('well');
    await untilDrained(redis);

    expect(compare(good, await arrived())).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(pump.isRunning()).toBe(true);
  });

  it.each([1, 2])('with %i threads loses nothing to kill -9', async (workers) => {
    const { redis, start, arrived } = await world(workers);
    const { good } = await pushRecords(redis, 20_000);
    const first = await start();
    await until('it delivers', async () => (await arrived()).size > 500, 60_000);
    await first.kill9();
    const before = (await arrived()).size;
    await start();
    await untilDrained(redis);

    expect(before).toBeLessThan(good.size);
    const { lost, invented } = compare(good, await arrived());
    expect({ lost, invented }).toEqual({ lost: 0, invented: 0 });
  });
});
