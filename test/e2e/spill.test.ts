import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { type OutageSink, startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const run = promisify(execFile);
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const route = 'SEARCH';

describe.skipIf(unavailable !== undefined)('a pump with a spill', () => {
  const use = stoppedAfterEach();

  async function world(own: Readonly<Record<string, string>> = {}, folder?: string) {
    const redis: RedisServer = use(await startRedis());
    const sink: OutageSink = use(await startOutageSink());
    const spillDir = folder ?? (await scratchFolder('spill'));
    const start = async (): Promise<PumpProcess> =>
      use(
        await startPump({
          redis,
          pumps: {
            // A sibling that is well: the other one then counts as lagging at once.
            lines: { type: 'stdout', meta: { format: 'json' } },
            search: {
              type: 'elasticsearch',
              meta: { elasticsearch_url: sink.url, index_name: 'records' },
            },
          },
          own: {
            retained_bytes: '1MiB',
            spill_dir: spillDir,
            lease: '2s',
            backoff_max: '500ms',
            ...own,
          },
        }),
      );
    return { redis, sink, spillDir, start };
  }

  const spilled = (pump: PumpProcess) => metric(pump, 'sluice_spill_records', { route });
  const shed = (pump: PumpProcess) => metric(pump, 'sluice_shed_records_total', { route });
  const isReady = async ({ healthPort }: PumpProcess) =>
    (await fetch(`http://127.0.0.1:${healthPort}/ready`).catch(() => undefined))?.ok === true;
  const listsLeft = async (redis: RedisServer) => (await redis.client.keys('analytics-*')).length;

  it('keeps everything of a sink that is away, and delivers it when it is back', async () => {
    const { redis, sink, start } = await world();
    sink.isUp = false;
    const pump = await start();
    const first = await pushRecords(redis, 6000);
    await until('records are on disk', async () => (await spilled(pump)) > 4000, 30_000);
    const second = await pushRecords(redis, 6000, { from: 6000 });
    await until('all is claimed', async () => (await listsLeft(redis)) === 0, 30_000);
    await until('more are on disk', async () => (await spilled(pump)) > 9000, 30_000);
    sink.isUp = true;
    await untilDrained(redis);
    await until('the disk is empty', async () => (await spilled(pump)) === 0, 30_000);

    const good = new Set([...first.good, ...second.good]);
    expect(compare(good, sink.arrived)).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    expect(await shed(pump)).toBe(0);
  });

  it('loses nothing when it is killed again and again while it spills and delivers', async () => {
    const { redis, sink, spillDir, start } = await world();
    const good = new Set<string>();
    const kills = 12;
    let onDisk = 0;
    for (let life = 0; life < kills; life++) {
      sink.isUp = life % 3 === 2;
      const pump = await start();
      const pushed = await pushRecords(redis, 2500, { from: life * 2500 });
      for (const alias of pushed.good) good.add(alias);
      await delay(1200 + Math.random() * 1500);
      if ((await spilled(pump)) > 0) onDisk++;
      await pump.kill9();
    }
    sink.isUp = true;
    const last = await start();
    // The admin server answers before the disk has been read.
    await until('it is ready', () => isReady(last), 30_000);
    await untilDrained(redis);
    await until('the disk is empty', async () => (await spilled(last)) === 0, 30_000);

    expect(compare(good, sink.arrived)).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(onDisk).toBeGreaterThan(0);
    await last.stop();
    expect(await readdir(spillDir, { recursive: true })).toEqual([]);
  });

  it('leaves a folder that sluice spill lists, shows and drains', async () => {
    const { redis, sink, spillDir, start } = await world();
    sink.isUp = false;
    const pump = await start();
    await pushRecords(redis, 3000);
    await until('records are on disk', async () => (await spilled(pump)) > 1500, 30_000);
    const conf = ['--conf', path.join(pump.dir, 'pump.json')];
    const options = { cwd: pump.dir, maxBuffer: 64 * 1024 * 1024 };
    const cli = async (...args: string[]) =>
      (await run(process.execPath, [main, 'spill', ...args, ...conf], options)).stdout;
    expect(await cli('ls')).toMatch(/ pid \d+ +SEARCH /);
    await pump.kill9();
    expect(await cli('ls')).toMatch(/ none +SEARCH /);
    const shown = await cli('show', '--records', '--limit', '1');
    const onDisk = /"alias":"(record-\d+)"/.exec(shown)?.[1] ?? '';
    sink.isUp = true;
    expect(await cli('drain')).toMatch(/records answered for, 0 left on disk/);
    expect(sink.arrived.get(onDisk)).toBe(1);
    expect(await readdir(spillDir)).toEqual([]);
  });

  it('drops and counts what the disk does not take', async () => {
    const tiny = await tinyDisk();
    // Without the right to mount, the bound stands for the disk.
    const { redis, sink, start } = await world(
      tiny === undefined ? { spill_bytes: '3MiB' } : {},
      tiny,
    );
    sink.isUp = false;
    const pump = await start();
    let pushed = 0;
    const good = new Set<string>();
    await until(
      'records are dropped',
      async () => {
        for (const alias of (await pushRecords(redis, 3000, { from: pushed })).good)
          good.add(alias);
        pushed += 3000;
        await delay(1000);
        return (await shed(pump)) > 0;
      },
      40_000,
    );
    expect(await spilled(pump)).toBeGreaterThan(0);
    expect(await metric(pump, 'sluice_spill_failures_total', { route })).toBeGreaterThan(0);
    sink.isUp = true;
    await untilDrained(redis);
    await until('the disk is empty', async () => (await spilled(pump)) === 0, 30_000);
    const dropped = await shed(pump);
    const result = compare(good, sink.arrived);
    expect(result).toMatchObject({ invented: 0, duplicated: 0 });
    // What is dropped while the sink has it in hand may still arrive.
    expect(result.lost).toBeLessThanOrEqual(dropped);
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
  });

  async function tinyDisk(): Promise<string | undefined> {
    const folder = path.join(await scratchFolder('tiny'), 'disk');
    await mkdir(folder);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
    } catch {
      console.warn('No right to mount a small disk: spill_bytes stands for it.');
      return undefined;
    }
    use({ stop: () => run('umount', ['-l', folder]) });
    return folder;
  }
});
