import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { type OutageSink, startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const route = 'SEARCH';
const crasher = new URL('crash-worker.mjs', import.meta.url);

describe.skipIf(unavailable !== undefined)('a pump with worker threads', () => {
  const use = stoppedAfterEach();

  async function world(own: Readonly<Record<string, string | number>> = {}, more: object = {}) {
    const redis: RedisServer = use(await startRedis());
    const sink: OutageSink = use(await startOutageSink());
    const crashFile = path.join(await scratchFolder('crash'), 'how');
    const start = async (nodeOptions = ''): Promise<PumpProcess> =>
      use(
        await startPump({
          redis,
          pumps: {
            search: {
              type: 'elasticsearch',
              // One batch at a time in each thread.
              limits: { in_flight: own['workers'] ?? 2 },
              meta: { elasticsearch_url: sink.url, index_name: 'records' },
            },
            ...more,
          },
          own: { workers: 2, backoff_max: '500ms', ...own },
          env: { NODE_OPTIONS: `--import=${crasher.href} ${nodeOptions}`, CRASH_FILE: crashFile },
        }),
      );
    const crash = (how: 'throw' | 'exit' | 'memory' | 'hang') => writeFile(crashFile, how);
    return { redis, sink, start, crash };
  }

  const up = (pump: PumpProcess) => metric(pump, 'sluice_workers_up');
  const failures = (pump: PumpProcess) => metric(pump, 'sluice_worker_failures_total');
  const delivered = (pump: PumpProcess) =>
    metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });
  const holding = (pump: PumpProcess) => metric(pump, 'sluice_in_flight_bytes', { route });
  /** Both sinks are open: each thread may send one batch. */
  const open = (pump: PumpProcess) =>
    until(
      'both workers are at work',
      async () => (await metric(pump, 'sluice_route_concurrency', { route })) >= 2,
    );
  const spilled = (pump: PumpProcess) => metric(pump, 'sluice_spill_records', { route });
  const complete = { lost: 0, invented: 0, duplicated: 0 };

  it('delivers every record once, in several threads, and counts them as one process', async () => {
    const page = { type: 'prometheus', meta: { path: '/counted', serve_on: 'admin' } };
    const { redis, sink, start } = await world({ workers: 3 }, { page });
    const { good, bad } = await pushRecords(redis, 50_000, { badEvery: 1000 });
    const pump = await start();
    await untilDrained(redis);

    expect(compare(good, sink.arrived)).toEqual(complete);
    expect(await delivered(pump)).toBe(good.size);
    expect(await up(pump)).toBe(3);
    expect(await metric(pump, 'sluice_route_up', { route })).toBe(1);
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    expect(await metric(pump, 'sluice_records_total', { route, outcome: 'rejected' })).toBe(bad);
    for (const worker of ['-w1.', '-w2.', '-w3.'])
      expect(await consumersOf(redis, worker)).not.toEqual([]);
    // One thread counts for the page, which is exact only so.
    const counted = await fetch(`http://127.0.0.1:${pump.healthPort}/counted`);
    expect(sumOf(await counted.text(), 'tyk_http_status')).toBe(good.size);
    await pump.stop();
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });

  it.each(['throw', 'exit', 'memory'] as const)(
    'goes on when a worker ends by itself (%s), and nobody waits for its leases',
    async (how) => {
      const { redis, sink, start, crash } = await world({ lease: '10m' });
      const pump = await start(how === 'memory' ? '--max-old-space-size=128' : '');
      await open(pump);
      sink.isUp = false;
      const { good } = await pushRecords(redis, 20_000);
      await until('worker 1 holds some', async () => (await heldBy(redis, '-w1.1')) > 0);
      await crash(how);
      await until('the failure is seen', async () => (await failures(pump)) === 1, 60_000);
      sink.isUp = true;
      await untilDrained(redis, 30_000);

      expect(compare(good, sink.arrived)).toEqual(complete);
      await until('there are two workers again', async () => (await up(pump)) === 2);
      expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
      expect(await consumersOf(redis, '-w1.1')).toEqual([]);
      await pump.stop();
      expect(pump.exit()?.code).toBe(0);
      expect(pump.output()).toContain('A worker ended by itself.');
    },
  );

  it('never counts down when a worker ends', async () => {
    const { redis, start, crash } = await world();
    const pump = await start();
    await pushRecords(redis, 5000);
    await untilDrained(redis);
    // Asked for its metrics a worker says them at once, and that is what is remembered.
    await until('all is counted', async () => (await delivered(pump)) === 5000);
    await crash('exit');
    await until('the failure is seen', async () => (await failures(pump)) === 1);
    expect(await delivered(pump)).toBe(5000);
    await pushRecords(redis, 1000, { from: 5000 });
    await until('more is counted', async () => (await delivered(pump)) === 6000);
  });

  it('takes over what a worker that ended had on disk, without a restart', async () => {
    const spillDir = await scratchFolder('spill');
    const lines = { type: 'stdout', meta: { format: 'json' } };
    const own = { spill_dir: spillDir, retained_bytes: '1MiB', lease: '10m' };
    const { redis, sink, start, crash } = await world(own, { lines });
    sink.isUp = false;
    const pump = await start();
    const { good } = await pushRecords(redis, 8000);
    await until('records are on disk', async () => (await spilled(pump)) > 5000, 40_000);
    await crash('throw');
    await until('the failure is seen', async () => (await failures(pump)) === 1);
    sink.isUp = true;
    await untilDrained(redis);
    await until('all has arrived', () => sink.arrived.size === good.size, 40_000);
    await until('the disk is empty', async () => (await spilled(pump)) === 0, 40_000);

    expect(compare(good, sink.arrived)).toEqual(complete);
    expect(await metric(pump, 'sluice_shed_records_total')).toBe(0);
    await pump.stop();
    expect(await readdir(spillDir, { recursive: true })).toEqual([]);
  });

  it('loses nothing when it is killed again and again, with a spill', async () => {
    const spillDir = await scratchFolder('spill');
    const lines = { type: 'stdout', meta: { format: 'json' } };
    const own = { spill_dir: spillDir, retained_bytes: '1MiB', lease: '2s' };
    const { redis, sink, start } = await world(own, { lines });
    const good = new Set<string>();
    let onDisk = 0;
    for (let life = 0; life < 6; life++) {
      sink.isUp = life % 3 === 2;
      const pump = await start();
      for (const alias of (await pushRecords(redis, 2500, { from: life * 2500 })).good)
        good.add(alias);
      await delay(2500 + Math.random() * 1500);
      if ((await spilled(pump)) > 0) onDisk++;
      await pump.kill9();
    }
    sink.isUp = true;
    const last = await start();
    // The admin server answers before the disk has been read.
    await until('both workers are at work', async () => (await up(last)) === 2);
    await until('all has arrived', () => sink.arrived.size === good.size, 60_000);
    await untilDrained(redis);
    // What was in Redis and on disk at a kill comes twice, under the same ids.
    await until('the disk is empty', async () => (await spilled(last)) === 0, 40_000);

    expect(compare(good, sink.arrived)).toEqual(complete);
    expect(onDisk).toBeGreaterThan(0);
    await last.stop();
    expect(await readdir(spillDir, { recursive: true })).toEqual([]);
  });

  it('stops in time although the sink hangs, and gives everything back', async () => {
    const { redis, sink, start } = await world({ shutdown_timeout: '8s', lease: '10m' });
    const { good } = await pushRecords(redis, 5000);
    const pump = await start();
    await open(pump);
    sink.hangs = true;
    const more = await pushRecords(redis, 5000, { from: 5000 });
    await until('ranges are held', async () => (await holding(pump)) > 0);
    const begun = Date.now();
    await pump.stop();
    expect(Date.now() - begun).toBeLessThan(8000);
    expect(pump.exit()).toEqual({ code: 0, signal: null });
    sink.hangs = false;
    await start();
    await untilDrained(redis, 30_000);
    expect(compare(new Set([...good, ...more.good]), sink.arrived)).toEqual(complete);
  });

  it('stops in time although a worker hangs, and gives back what that one held', async () => {
    const { redis, sink, start, crash } = await world({ shutdown_timeout: '8s', lease: '10m' });
    const pump = await start();
    await open(pump);
    sink.isUp = false;
    const { good } = await pushRecords(redis, 20_000);
    await until('worker 1 holds some', async () => (await heldBy(redis, '-w1.1')) > 0);
    await crash('hang');
    await delay(500);
    const begun = Date.now();
    await pump.stop();
    expect(Date.now() - begun).toBeLessThan(8000);
    expect(pump.exit()).toEqual({ code: 0, signal: null });
    sink.isUp = true;
    await start();
    await untilDrained(redis, 30_000);
    expect(compare(good, sink.arrived)).toEqual(complete);
  });
});

/** Whoever is known in the group of the route and has this in its name, with what it holds, per list. */
async function consumersOf({ client }: RedisServer, part: string): Promise<readonly number[]> {
  const held: number[] = [];
  for (const key of await client.keys('{*}:manifest')) {
    const consumers = (await client.xinfo('CONSUMERS', key, route)) as readonly unknown[][];
    for (const [, name, , pending] of consumers)
      if (String(name).includes(part)) held.push(Number(pending));
  }
  return held;
}

const heldBy = async (redis: RedisServer, part: string): Promise<number> =>
  (await consumersOf(redis, part)).reduce((sum, ranges) => sum + ranges, 0);

function sumOf(page: string, name: string): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
