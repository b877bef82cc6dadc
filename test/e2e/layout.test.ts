/** A newer version has written the lists: this one touches nothing of them, whatever it is asked to do, and says why. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sourceLists } from '../../src/purge/lists.ts';
import { decoders } from '../../src/record/decoders.ts';
import { stateKey } from '../../src/redis/keys.ts';
import { scratchFolder, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const lists = sourceLists('analytics-', decoders);
const sentence = 'its layout is 999, of a newer version of Sluice; this one knows 1';
const soon = 60_000;

const use = stoppedAfterEach();

const setLayout = ({ client }: RedisServer, layout: string) =>
  Promise.all(lists.map(({ key }) => client.hset(stateKey(key), 'layout', layout)));

async function everything({ client }: RedisServer): Promise<unknown> {
  const keys = (await client.keys('*analytics-*')).toSorted();
  return Promise.all(keys.map(async (key) => [key, await client.dumpBuffer(key)]));
}

const sluice = ({ dir }: PumpProcess, ...args: string[]) =>
  new Promise<{ readonly code: unknown; readonly said: string }>((resolve) => {
    const conf = path.join(dir, 'pump.json');
    execFile(process.execPath, [main, ...args, '--conf', conf], (error, out, err) =>
      resolve({ code: error?.code ?? 0, said: out + err }),
    );
  });

it('is refused by the service and by every command, and goes on where it was once the layout is known', async () => {
  const redis = use(await startRedis());
  const sink = use(await startOutageSink());
  const spillDir = await scratchFolder('spill');
  const start = async () =>
    use(
      await startPump({
        redis,
        pumps: {
          lines: { type: 'stdout', meta: { format: 'json' } },
          search: {
            type: 'elasticsearch',
            meta: { elasticsearch_url: sink.url, index_name: 'records' },
          },
        },
        own: { retained_bytes: '512KiB', spill_dir: spillDir, lease: '1s', backoff_max: '500ms' },
      }),
    );
  sink.isUp = false;
  let pump = await start();
  const first = await pushRecords(redis, 3000);
  await until(
    'records are on disk',
    async () => (await metric(pump, 'sluice_spill_records', { route: 'SEARCH' })) > 500,
    soon,
  );
  await pump.kill9();
  await setLayout(redis, '999');
  const second = await pushRecords(redis, 100, { from: 3000 });
  const before = await everything(redis);

  for (const args of [
    ['status'],
    ['dead', 'ls'],
    ['dead', 'retry', '--all'],
    ['dead', 'purge', '--all'],
    ['release', '--force'],
    ['route', 'rename', 'SEARCH', 'FIND', '--force'],
    ['spill', 'drain'],
  ])
    expect([args, await sluice(pump, ...args)]).toMatchObject([
      args,
      { code: 1, said: expect.stringContaining(sentence) as string },
    ]);
  expect(await everything(redis)).toEqual(before);

  pump = await start();
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${pump.healthPort}/ready`);
    return `${response.status} ${await response.text()}`;
  };
  await expect
    .poll(ready, { timeout: soon })
    .toMatch('this version may touch no list (know the layout');
  expect(await ready()).toMatch(/^503 /);
  expect(await ready()).toContain(sentence);
  expect(pump.output()).toContain('have a layout that this version does not know');
  expect(await metric(pump, 'sluice_foreign_layout_lists')).toBe(lists.length);
  expect(await everything(redis)).toEqual(before);

  await setLayout(redis, '1');
  sink.isUp = true;
  await untilDrained(redis, soon);
  await expect
    .poll(() => compare(new Set([...first.good, ...second.good]), sink.arrived), { timeout: soon })
    .toEqual({ lost: 0, invented: 0, duplicated: 0 });
});
