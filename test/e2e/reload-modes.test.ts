/** Reloads where routes run in threads, and where records are popped. */
import { describe, expect, it } from 'vitest';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';
import { reload, runs } from './reloading.ts';

const unavailable = await whyUnavailable(needRedis);
const complete = { lost: 0, invented: 0, duplicated: 0 };

interface Threads {
  readonly routes: readonly {
    readonly route: string;
    readonly here: { readonly threads?: readonly { readonly thread: number }[] } | null;
  }[];
}

describe.skipIf(unavailable !== undefined)('a reload', () => {
  const use = stoppedAfterEach();

  const threadsOf = async ({ healthPort }: PumpProcess, name: string) => {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/api/v1/routes`);
    const { routes } = (await answer.json()) as Threads;
    return routes
      .find(({ route }) => route === name)
      ?.here?.threads?.map(({ thread }) => thread)
      .toSorted();
  };

  it('adds a pump to the threads that are there, and takes it away again', async () => {
    const redis = use(await startRedis());
    const [old, added] = [use(await startCountingSink()), use(await startCountingSink())];
    const own = { workers: 2, purge_delay_ms: 50 };
    const pump = use(await startPump({ redis, own, pumps: { old: countingPump(old) } }));
    await runs(pump);
    const before = await pushRecords(redis, 2000);
    await until('the old one has them', () => old.arrived.size === 2000);

    const { outcome, routes } = await reload(pump, ({ pumps }) =>
      Object.assign(pumps, { added: countingPump(added) }),
    );
    expect([outcome, routes]).toEqual([
      'applied',
      { added: ['ADDED'], removed: [], changed: [], unchanged: ['OLD'] },
    ]);
    // It begins with what is claimed from then on, in both threads.
    const later = await pushRecords(redis, 4000, { from: 2000 });
    await untilDrained(redis);
    expect(compare(new Set([...before.good, ...later.good]), old.arrived)).toEqual(complete);
    expect(compare(later.good, added.arrived)).toEqual(complete);
    expect(await threadsOf(pump, 'ADDED')).toEqual([1, 2]);
    expect(await threadsOf(pump, 'OLD')).toEqual([1, 2]);
    expect(await metric(pump, 'sluice_records_total', { route: 'ADDED' })).toBe(4000);

    const removed = await reload(pump, ({ pumps }) => delete pumps['added']);
    expect(removed.routes.removed).toEqual(['ADDED']);
    expect(await threadsOf(pump, 'ADDED')).toBeUndefined();
    expect(await metric(pump, 'sluice_records_total', { route: 'ADDED' })).toBe(0);
    const last = await pushRecords(redis, 500, { from: 6000 });
    await until('the old one goes on', () => old.arrived.size === 6500);
    expect([...last.good].filter((alias) => added.arrived.has(alias))).toEqual([]);
    expect(await metric(pump, 'sluice_worker_failures_total')).toBe(0);
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
  });

  it('loses nothing that was popped for a pump that is changed, and says what is lost for one that is removed', async () => {
    const redis = use(
      await startRedis({ acl: ['default on nopass ~* &* +@all -@scripting -@stream'] }),
    );
    const [kept, gone] = [use(await startCountingSink()), use(await startCountingSink())];
    const pumps = { kept: countingPump(kept), gone: countingPump(gone) };
    const own = { purge_delay_ms: 50, shutdown_timeout: '9s' };
    const pump = use(await startPump({ redis, own, pumps }));
    await runs(pump);
    expect(await metric(pump, 'sluice_mode', { mode: 'at-most-once' })).toBe(1);
    kept.delay = 100;
    gone.status = 503;
    const during = await pushRecords(redis, 5000);
    await until('it is at work', () => kept.arrived.size > 0 && gone.requests > 0);
    const report = await reload(pump, (written) => {
      delete written.pumps['gone'];
      written.pumps['kept']!.limits = { records: 50 };
    });
    expect(report).toMatchObject({
      outcome: 'applied',
      routes: { added: [], removed: ['GONE'], changed: ['KEPT'], unchanged: [] },
    });
    kept.delay = 0;
    const later = await pushRecords(redis, 1000, { from: 5000 });
    await until('the changed one has all', () => kept.arrived.size === 6000);
    expect(compare(new Set([...during.good, ...later.good]), kept.arrived)).toEqual(complete);
    expect(gone.arrived.size).toBe(0);
    const lines = pump.output().split('\n');
    const [lost = ''] = lines.filter((line) => line.includes('no longer configured'));
    expect(lost).toMatch(/level=error .*number_of_records=\d+ .*route=GONE/);
    // What had been popped by then: it was all that there is, or a part.
    const records = Number(/number_of_records=(\d+)/.exec(lost)?.[1]);
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThanOrEqual(5000);
    await pump.stop();
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });
});
