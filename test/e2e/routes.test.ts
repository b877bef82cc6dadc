/** Pumps that come, go and change their names, with real processes. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Child, launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);
const dead = {
  type: 'elasticsearch',
  meta: { elasticsearch_url: 'http://127.0.0.1:1', index_name: 'records' },
};
const csv = { type: 'csv', meta: { csv_dir: '{dir}' } };
const page = (startAt?: string) => ({
  type: 'prometheus',
  meta: { path: '/counted', serve_on: 'admin' },
  ...(startAt === undefined ? {} : { start_at: startAt }),
});

describe.skipIf(unavailable !== undefined)('pumps of a configuration that changes', () => {
  const use = stoppedAfterEach();
  const delivered = (pump: PumpProcess, route: string) =>
    metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });

  it.each([
    ['now', undefined, 3, 'from now on'],
    ['oldest', 'oldest', 6, 'older records that are still kept'],
  ])('a new one begins at %s', async (_, startAt, counted, said) => {
    const redis: RedisServer = use(await startRedis());
    const before = use(await startPump({ redis, pumps: { csv, dead } }));
    await pushRecords(redis, 3);
    await until('csv has them', async () => (await delivered(before, 'CSV')) === 3);
    await before.stop();
    const after = use(await startPump({ redis, pumps: { csv, dead, page: page(startAt) } }));
    await until('the new one has begun', () => after.output().includes(said));
    await pushRecords(redis, 3);
    await until('csv has the others', async () => (await delivered(after, 'CSV')) === 3);
    await until('both are counted', async () => (await delivered(after, 'PAGE')) === counted);

    const text = await (await fetch(`http://127.0.0.1:${after.healthPort}/counted`)).text();
    expect(text).toContain('tyk_http_status');
    expect(after.output()).toMatch(new RegExp(`${said}.*records=3|records=3.*${said}`));
  });

  /** `sluice route rename old new …` with a process's configuration. */
  const rename = ({ dir }: PumpProcess, ...more: readonly string[]) => {
    const args = [main, 'route', 'rename', '--conf', path.join(dir, 'pump.json'), 'old', 'new'];
    return launch(process.execPath, [...args, ...more], { cwd: dir });
  };
  const ended = async (child: Child): Promise<Child> => {
    await until('the command has ended', () => !child.isRunning());
    return child;
  };

  it('one with another name goes on where the old one was, however often the renaming is killed', async () => {
    const redis: RedisServer = use(await startRedis());
    const sink = use(await startOutageSink());
    const search = {
      type: 'elasticsearch',
      meta: { elasticsearch_url: sink.url, index_name: 'records' },
    };
    const own = { spill_dir: path.join(await scratchFolder('spill'), 'here') };
    const before = use(await startPump({ redis, own, pumps: { csv, old: search } }));
    const first = await pushRecords(redis, 500);
    await until('some have arrived', async () => (await delivered(before, 'OLD')) === 500);
    sink.isUp = false;
    const second = await pushRecords(redis, 500, { from: 500 });
    await until('csv has them all', async () => (await delivered(before, 'CSV')) === 1000);

    const early = await ended(rename(before));
    expect([early.exit()?.code, early.output()]).toEqual([
      1,
      expect.stringContaining('an instance had OLD'),
    ]);
    await before.stop();
    for (const after of [250, 320, 390, 460]) {
      const child = rename(before, '--force');
      await delay(after);
      await child.kill9();
    }
    const last = await ended(rename(before, '--force'));
    expect(last.output()).toMatch(/OLD is NEW now|has been renamed already/);
    const again = await ended(rename(before, '--force'));
    expect([again.exit()?.code, again.output()]).toEqual([
      1,
      expect.stringContaining('there is no route OLD, or it has been renamed already'),
    ]);

    sink.isUp = true;
    const after = use(await startPump({ redis, own, pumps: { csv, new: search } }));
    const third = await pushRecords(redis, 500, { from: 1000 });
    await untilDrained(redis);
    const all = new Set([...first.good, ...second.good, ...third.good]);
    expect(compare(all, sink.arrived)).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(await delivered(after, 'NEW')).toBe(1000);
    expect(await metric(after, 'sluice_ledger_mismatches_total')).toBe(0);
  });
});
