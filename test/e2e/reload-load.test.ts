/** Configurations, one after the other, while records flow: `SLUICE_RELOADS=1000` for a thousand of them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { type Arrived, compare, inCsv, inJsonLines, ownText } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
/** Few by default, for each takes its time on a busy machine. */
const wanted = Number(process.env['SLUICE_RELOADS'] ?? 30);
/** Records every 20 ms: 2,000 a second, unless the slowest route has so many before it. */
const [portion, mostWaiting] = [40, 4000];
const complete = { lost: 0, invented: 0, duplicated: 0 };

/** Takes lines of JSON, each with its alias; takes a while, so that there is always something under way. */
async function startHook() {
  const arrived = new Map<string, number>();
  const hook = { url: '' };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      for (const [, alias = ''] of Buffer.concat(parts)
        .toString()
        .matchAll(/"alias":"(record-\d+)"/g)) {
        const own = ownText(alias);
        arrived.set(own, (arrived.get(own) ?? 0) + 1);
      }
      setTimeout(() => response.writeHead(200).end(), 5);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  return {
    hook,
    arrived: arrived as Arrived,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of the slowest route. */
async function lagOf({ healthPort }: PumpProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  return Math.max(
    ...Array.from(text.matchAll(/^sluice_route_lag_records\{.*\} (\d+)$/gm), ([, lag]) =>
      Number(lag),
    ),
  );
}

const fileDescriptors = async (pump: PumpProcess): Promise<number> =>
  (await readdir(`/proc/${pump.pid}/fd`)).length;

describe.skipIf(unavailable !== undefined)('a service that is reloaded again and again', () => {
  const use = stoppedAfterEach();

  it.each([
    { reloads: wanted, workers: 1 },
    { reloads: Math.ceil(wanted / 3), workers: 2 },
  ])(
    'loses nothing and doubles nothing over $reloads reloads with workers: $workers',
    { timeout: Math.max(300_000, wanted * 3_000) },
    async ({ reloads, workers }) => {
      const redis = use(await startRedis());
      const search = use(await startOutageSink());
      const { hook, arrived, ...server } = await startHook();
      use(server);
      const pumps = {
        search: {
          type: 'elasticsearch',
          meta: { elasticsearch_url: search.url, index_name: 'records' },
        },
        hook: { type: 'http', meta: { url: hook.url } },
        csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
        file: { type: 'file', meta: { path: '{dir}/file.jsonl', rotate_bytes: '0B' } },
        page: { type: 'prometheus', meta: { path: '/counted', serve_on: 'admin' } },
      };
      // A hand-over that takes too long is aborted, and a file has what it was just writing twice then: no reason to fail here.
      const patient = { shutdown_timeout: '5m', attempt_timeout: '2m' };
      const own = { workers, purge_delay_ms: 50, ...patient };
      const pump = use(await startPump({ redis, pumps, own }));
      const conf = path.join(pump.dir, 'pump.json');
      const written = JSON.parse(await readFile(conf, 'utf8')) as {
        pumps: Record<string, { limits?: object }>;
      };
      await until(
        'it runs',
        async () => (await metric(pump, 'sluice_last_round_timestamp_seconds')) > 0,
      );

      const over = { isIt: false };
      const good = new Set<string>();
      // Without a bound it is the length of the backlog that is measured: a reload that takes longer because others use the machine
      // leaves more to send before the next one.
      const pushing = (async () => {
        for (let from = 0, at = 0; !over.isIt; at++) {
          await delay(20);
          if (at % 25 === 0) while ((await lagOf(pump)) > mostWaiting) await delay(100);
          for (const alias of (await pushRecords(redis, portion, { from })).good) good.add(alias);
          from += portion;
        }
      })();

      const routes = ['search', 'hook', 'csv', 'file'] as const;
      const outcomes = new Map<string, number>();
      const state = async () => ({
        descriptors: await fileDescriptors(pump),
        memory: await metric(pump, 'process_resident_memory_bytes'),
        cpu: await metric(pump, 'process_cpu_seconds_total'),
        retries: await metric(pump, 'sluice_retries_total'),
      });
      let early = await state();
      const figures: object[] = [];
      let slowest = 0;
      const begun = performance.now();
      const seconds = (): number => Math.round((performance.now() - begun) / 1000);
      for (let at = 0; at < reloads; at++) {
        // One is changed in each, and every tenth changes all.
        for (const [index, route] of routes.entries())
          if (at % 10 === 9 || index === at % routes.length)
            (written.pumps[route] ??= {}).limits = { records: 1000 + (at % 50) };
        await writeFile(conf, JSON.stringify(written));
        const response = await fetch(`http://127.0.0.1:${pump.healthPort}/api/v1/reload`, {
          method: 'POST',
        });
        const { last } = (await response.json()) as {
          last: { outcome: string; problems: string[]; took_seconds: number };
        };
        slowest = Math.max(slowest, last.took_seconds);
        outcomes.set(last.outcome, (outcomes.get(last.outcome) ?? 0) + 1);
        if (at === Math.floor(reloads / 2)) early = await state();
        if ((at + 1) % 100 === 0)
          figures.push({
            at: at + 1,
            records: good.size,
            seconds: seconds(),
            slowest,
            ...(await state()),
          });
      }
      if (figures.length > 0) console.table(figures);
      over.isIt = true;
      await pushing;
      await untilDrained(redis);
      const late = await state();

      expect([...outcomes]).toEqual([['applied', reloads]]);
      expect(compare(good, search.arrived)).toEqual(complete);
      expect(compare(good, arrived)).toEqual(complete);
      expect(compare(good, await inCsv([path.join(pump.dir, 'csv')]))).toEqual(complete);
      expect(compare(good, await inJsonLines([path.join(pump.dir, 'file.jsonl')]))).toEqual(
        complete,
      );
      const counted = await (await fetch(`http://127.0.0.1:${pump.healthPort}/counted`)).text();
      const sum = counted
        .split('\n')
        .filter((line) => line.startsWith('tyk_http_status{'))
        .reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
      expect(sum).toBe(good.size);
      expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
      expect(await metric(pump, 'sluice_records_total', { outcome: 'rejected' })).toBe(0);
      expect(await metric(pump, 'sluice_worker_failures_total')).toBe(0);
      expect(late.descriptors).toBeLessThanOrEqual(early.descriptors + 10);
      // Caches fill for a few hundred reloads first.
      const most = reloads < 400 ? Number.POSITIVE_INFINITY : early.memory * 1.25;
      expect(late.memory).toBeLessThan(most);
      await pump.stop();
      expect(pump.exit()).toEqual({ code: 0, signal: null });
    },
  );
});
