/** A Redis that permits neither scripts nor streams: records are popped, as Tyk Pump does it, and wait in the process alone. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { launch, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv } from './arrived.ts';
import { countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);
const exactly = { lost: 0, invented: 0, duplicated: 0 };

describe.skipIf(unavailable !== undefined)('a Redis without scripts and streams', () => {
  const use = stoppedAfterEach();

  it('has its records popped, and that is said', async () => {
    const redis = use(
      await startRedis({ acl: ['default on nopass ~* &* +@all -@scripting -@stream'] }),
    );
    const { good } = await pushRecords(redis, 5000);
    const pump = use(
      await startPump({ redis, pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } } }),
    );
    await untilDrained(redis);
    await expect
      .poll(async () => compare(good, await inCsv([path.join(pump.dir, 'csv')])), {
        timeout: 10_000,
      })
      .toEqual(exactly);
    const ready = await fetch(`http://127.0.0.1:${pump.healthPort}/ready`);
    expect(await ready.json()).toMatchObject({ ready: true, mode: 'at-most-once' });
    expect(pump.output()).toContain('at-most-once');
  });

  /** The service may run no scripts; who says what is wanted of its routes may. */
  const acl = [
    'default on nopass ~* &* +@all',
    'service on >hunter2 ~* &* +@all -@scripting -@stream',
  ];
  const env = {
    TYK_PMP_ANALYTICSSTORAGECONFIG_USERNAME: 'service',
    TYK_PMP_ANALYTICSSTORAGECONFIG_PASSWORD: 'hunter2',
  };

  async function route(what: 'pause' | 'resume', name: string, { dir }: PumpProcess) {
    const conf = path.join(dir, 'pump.json');
    const child = launch(process.execPath, [main, 'route', what, name, '--conf', conf]);
    await until('the command has ended', () => !child.isRunning());
    expect(child.exit()?.code, child.output()).toBe(0);
    const wanted = what === 'pause' ? 1 : 0;
    return (pump: PumpProcess) =>
      until('it is heard', async () => (await metric(pump, 'sluice_route_paused')) === wanted);
  }
  const waiting = async ({ client }: RedisServer): Promise<number> => {
    const lists = await client.keys('analytics-*');
    const lengths = await Promise.all(lists.map((list) => client.llen(list)));
    return lengths.reduce((sum, length) => sum + length, 0);
  };
  const exit = (pump: PumpProcess): number | null | undefined => pump.exit()?.code;

  it('has what only a paused pump was to send pushed back at a stop', async () => {
    const redis = use(await startRedis({ acl }));
    const sink = use(await startCountingSink());
    const pumps = { quiet: countingPump(sink) };
    const first = use(await startPump({ redis, pumps, env }));
    await until('it runs', async () => (await metric(first, 'sluice_mode')) === 1);
    await (await route('pause', 'quiet', first))(first);
    const { good } = await pushRecords(redis, 3000);
    await until('they are popped', async () => (await waiting(redis)) === 0);
    expect(sink.arrived.size).toBe(0);
    await first.stop();
    expect(exit(first), first.output()).toBe(0);
    expect(await waiting(redis)).toBe(3000);

    const resumed = await route('resume', 'quiet', first);
    const second = use(await startPump({ redis, pumps, env }));
    await resumed(second);
    await until('all have arrived', () => sink.arrived.size === 3000);
    expect(compare(good, sink.arrived)).toEqual(exactly);
  });

  it('has them lost to a paused pump where another one has sent them, and that is said', async () => {
    const redis = use(await startRedis({ acl }));
    const [sink, others] = [use(await startCountingSink()), use(await startCountingSink())];
    const pumps = { quiet: countingPump(sink), sibling: countingPump(others) };
    const pump = use(await startPump({ redis, pumps, env }));
    await until('it runs', async () => (await metric(pump, 'sluice_mode')) === 1);
    await (await route('pause', 'quiet', pump))(pump);
    await pushRecords(redis, 3000);
    await until('the other one has them', () => others.arrived.size === 3000);
    await pump.stop();
    expect([exit(pump), await waiting(redis), sink.arrived.size]).toEqual([1, 0, 0]);
    expect(pump.output()).toMatch(
      /level=error message="Records were lost for pumps that had not answered for them \(at-most-once\)." number_of_records=3000/,
    );
  });
});
