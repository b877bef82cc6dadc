/**
 * The last release and this version on one Redis and one folder for spilled records: an upgrade instance by instance, and
 * the way back. Each is killed in turn while records come in all the time; then the new one goes and the old one drains
 * what it has left behind, then the other way round. Whatever one writes the other must be able to read.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { survey, totals } from '../../src/purge/bounds/survey.ts';
import { sourceLists } from '../../src/purge/lists.ts';
import { decoders } from '../../src/record/decoders.ts';
import { scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { unpackLastRelease } from './last-release.ts';
import { type OutageSink, startOutageSink } from './outage-sink.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const thisVersion = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const lastRelease = await unpackLastRelease();
const route = 'SEARCH';
const lists = sourceLists('analytics-', decoders);
const soon = 60_000;

/** One record in a hundred is one that the search engine never stores. */
const isSpoilt = (alias: string): boolean => alias.endsWith('50');

describe.skipIf(unavailable !== undefined)('the last release beside this version', () => {
  const use = stoppedAfterEach();

  async function world(workers: number) {
    const redis: RedisServer = use(await startRedis());
    const sink: OutageSink = use(await startOutageSink());
    sink.refuses = isSpoilt;
    const spillDir = await scratchFolder('spill');
    const folders: string[] = [];
    const start = async (program: string): Promise<PumpProcess> => {
      const pump = use(
        await startPump({
          redis,
          program,
          pumps: {
            csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
            search: {
              type: 'elasticsearch',
              meta: { elasticsearch_url: sink.url, index_name: 'records' },
            },
          },
          own: {
            workers,
            retained_bytes: '512KiB',
            at_bound: 'hold',
            spill_dir: spillDir,
            lease: '2s',
            backoff_max: '500ms',
          },
        }),
      );
      folders.push(path.join(pump.dir, 'csv'));
      await until(
        'it is at work',
        async () => (await metric(pump, 'sluice_last_round_timestamp_seconds')) > 0,
        soon,
      );
      return pump;
    };
    return { redis, sink, spillDir, folders, start };
  }

  /** Pushes records all the time, until it is stopped. */
  function traffic(redis: RedisServer) {
    const good = new Set<string>();
    const stopping = new AbortController();
    const pushing = (async () => {
      while (!stopping.signal.aborted) {
        for (const alias of (await pushRecords(redis, 60, { from: good.size })).good)
          good.add(alias);
        await delay(25, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    })();
    return use({
      good,
      more: (count: number) => {
        const goal = good.size + count;
        return until('more records came', () => Promise.resolve(good.size >= goal), soon);
      },
      stop: async () => {
        stopping.abort();
        await pushing;
      },
    });
  }

  const cli = (program: string, { dir }: PumpProcess, ...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const conf = path.join(dir, 'pump.json');
      execFile(process.execPath, [program, ...args, '--conf', conf], (_error, out, err) =>
        resolve(out + err),
      );
    });

  const onDisk = (pump: PumpProcess) => metric(pump, 'sluice_spill_records', { route });
  const lettersOf = async ({ client }: RedisServer) => {
    const keys = await client.keys(`{*}:dead:${route}`);
    return (await Promise.all(keys.map((key) => client.hkeys(key)))).flat();
  };
  const held = async ({ client }: RedisServer) => {
    const manifests = await client.keys('{*}:manifest');
    const pending = await Promise.all(manifests.map((key) => client.xpending(key, route)));
    return pending.reduce((sum: number, [count]) => sum + Number(count), 0);
  };
  /** By the files: what a process has on disk it says only once it has read them. */
  const untilDelivered = (spillDir: string) =>
    until('the disk is empty', async () => (await filesIn(spillDir)).length === 0, soon);
  const ledgerOf = async ({ client }: RedisServer) =>
    totals(await Promise.all(lists.map((list) => survey(client, list))));
  const filesIn = async (folder: string) =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.spill'));

  it.each([1, 2])('loses nothing, forwards and back, with workers: %i', async (workers) => {
    const { redis, sink, spillDir, folders, start } = await world(workers);
    const pushing = traffic(redis);

    // The release alone, its sink away: records on disk, and ranges under way.
    sink.isUp = false;
    let old = await start(lastRelease);
    await until('the release has records on disk', async () => (await onDisk(old)) > 500, soon);
    await until('it holds ranges', async () => (await held(redis)) > 0, soon);

    // This version beside it; the release is killed and comes again.
    let recent = await start(thisVersion);
    await pushing.more(500);
    await old.kill9();
    await until('this version has records on disk', async () => (await onDisk(recent)) > 500, soon);
    old = await start(lastRelease);

    // Now this version is killed, while dead letters are written.
    sink.isUp = true;
    await until('there are dead letters', async () => (await lettersOf(redis)).length > 3, soon);
    await recent.kill9();
    await pushing.more(500);
    recent = await start(thisVersion);
    await pushing.more(500);

    // One has letters tried again that the other has written, and the other way round.
    sink.refuses = () => false;
    const [first = '', second = ''] = await lettersOf(redis);
    expect(await cli(lastRelease, old, 'dead', 'retry', '--id', first)).toContain('1 dead letter ');
    expect(await cli(thisVersion, recent, 'dead', 'retry', '--id', second)).toContain('1 dead');
    await until(
      'both are delivered',
      async () => (await lettersOf(redis)).every((id) => id !== first && id !== second),
      soon,
    );
    sink.refuses = isSpoilt;

    // Back: this version leaves records on disk, ranges under way and letters to be tried again; the release drains it all.
    sink.isUp = false;
    await until(
      'this version has records on disk again',
      async () => (await onDisk(recent)) > 500,
      soon,
    );
    await cli(thisVersion, recent, 'dead', 'retry', '--all');
    await recent.kill9();
    await old.stop();
    old = await start(lastRelease);
    await pushing.stop();
    sink.isUp = true;
    sink.refuses = () => false;
    await untilDrained(redis, soon);
    await untilDelivered(spillDir);
    expect(await cli(lastRelease, old, 'dead', 'retry', '--all')).toContain('to be tried again');
    await until(
      'all letters are delivered',
      async () => (await lettersOf(redis)).length === 0,
      soon,
    );
    expect(compare(pushing.good, sink.arrived)).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(await metric(old, 'sluice_ledger_mismatches_total')).toBe(0);

    // And forward again, with what the release leaves.
    sink.isUp = false;
    const again = await pushRecords(redis, 1500, { from: pushing.good.size });
    await until('the release has records on disk', async () => (await onDisk(old)) > 500, soon);
    await old.stop();
    sink.isUp = true;
    recent = await start(thisVersion);
    await untilDrained(redis, soon);
    await untilDelivered(spillDir);
    expect(await metric(recent, 'sluice_ledger_mismatches_total')).toBe(0);
    await recent.stop();

    const good = new Set([...pushing.good, ...again.good]);
    expect(compare(good, sink.arrived)).toEqual({ lost: 0, invented: 0, duplicated: 0 });
    expect(compare(good, await inCsv(folders))).toMatchObject({ lost: 0, invented: 0 });
    for (const { claimed, booked, pending, route: name } of await ledgerOf(redis)) {
      const answered = Object.values(booked).reduce((sum, records) => sum + records, 0);
      expect([name, claimed, answered, pending]).toEqual([name, good.size, good.size, 0]);
      expect([name, booked.shed, booked.vanished]).toEqual([name, 0, 0]);
    }
  });
});
