import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv } from './arrived.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

let redis: RedisServer | undefined;
let pump: PumpProcess | undefined;
afterEach(async () => {
  await pump?.stop();
  await redis?.stop();
});

it('pops, as Tyk Pump does, where Redis permits neither scripts nor streams, and says so', async () => {
  redis = await startRedis({ acl: ['default on nopass ~* &* +@all -@scripting -@stream'] });
  const { good } = await pushRecords(redis, 5000);
  pump = await startPump({
    redis,
    pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
  });
  await untilDrained(redis);
  await expect
    .poll(async () => compare(good, await inCsv([path.join(pump?.dir ?? '', 'csv')])), {
      timeout: 10_000,
    })
    .toEqual({ lost: 0, invented: 0, duplicated: 0 });
  const ready = await fetch(`http://127.0.0.1:${pump.healthPort}/ready`);
  expect(await ready.json()).toMatchObject({ ready: true, mode: 'at-most-once' });
  expect(pump.output()).toContain('at-most-once');
});
