import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv } from './arrived.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let redis: RedisServer;
let pumps: PumpProcess[];
beforeEach(async () => {
  redis = await startRedis();
  pumps = [];
});
afterEach(async () => {
  for (const pump of pumps) await pump.stop();
  await redis.stop();
});

async function start(configured: Readonly<Record<string, unknown>>): Promise<PumpProcess> {
  const pump = await startPump({ redis, pumps: configured, own: { lease: '2s' } });
  pumps.push(pump);
  return pump;
}

const sluice = (pump: PumpProcess, ...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const conf = path.join(pump.dir, 'pump.json');
    execFile(process.execPath, [main, ...args, '--conf', conf], (_error, out, err) =>
      resolve(out + err),
    );
  });

const csv = { type: 'csv', meta: { csv_dir: '{dir}/csv' } };
const refused = {
  type: 'elasticsearch',
  meta: { elasticsearch_url: 'http://127.0.0.1:9', version: '8' },
};

it('shows a ledger that adds up, and gives the undelivered rest back for Tyk Pump', async () => {
  const { good } = await pushRecords(redis, 3000);
  const first = await start({ csv, away: refused });
  await expect
    .poll(() => metric(first, 'sluice_records_total', { outcome: 'delivered' }), {
      timeout: 20_000,
    })
    .toBe(3000);
  await first.stop();

  const shown = await sluice(first, 'status');
  expect(shown).toMatch(/AWAY\s+3,000(?:\s+0){8}\s+3,000/);
  expect(shown).toMatch(/CSV\s+3,000\s+3,000\s+0\s+0\s+0\s+0\s+0\s+0/);

  const released = await sluice(first, 'release');
  expect(released).toContain('3,000 records are back');
  expect(released).toContain('CSV had already answered for 3,000 of them.');

  const second = await start({ csv });
  await untilDrained(redis);
  await second.stop();
  expect(compare(good, await inCsv([path.join(second.dir, 'csv')]))).toEqual({
    lost: 0,
    invented: 0,
    duplicated: 0,
  });
});

it('does not release while an instance runs', async () => {
  await pushRecords(redis, 100);
  const pump = await start({ away: refused });
  await expect
    .poll(() => metric(pump, 'sluice_claimed_records_total'), { timeout: 20_000 })
    .toBe(100);
  expect(await sluice(pump, 'release')).toContain('may still run');
  expect(await redis.client.keys('*:seg:*')).not.toEqual([]);
});
