/** `max_age`: old records do not come to the sink, the ledger says so and closes, also after a kill -9 and a rewind. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/record/testing.ts';
import { type Child, launch, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { compare } from './arrived.ts';
import { countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);

interface Status {
  readonly routes: readonly {
    readonly route: string;
    readonly claimed: number;
    readonly booked: Readonly<Record<string, number>>;
    readonly pending: number;
  }[];
}

describe.skipIf(unavailable !== undefined)('records that are too old', () => {
  const use = stoppedAfterEach();

  async function command({ dir }: PumpProcess, ...words: readonly string[]): Promise<Child> {
    const args = [main, ...words, '--conf', path.join(dir, 'pump.json')];
    const child = launch(process.execPath, args, { cwd: dir });
    await until('the command has ended', () => !child.isRunning());
    return child;
  }

  const booksOf = async (pump: PumpProcess, name: string) => {
    const report = JSON.parse((await command(pump, 'status', '--json')).output()) as Status;
    const found = report.routes.find(({ route }) => route === name);
    const booked = Object.values(found?.booked ?? {}).reduce((sum, records) => sum + records, 0);
    expect((found?.claimed ?? 0) - booked - (found?.pending ?? 0)).toBe(0);
    return found;
  };

  it('are left out and counted, once, and come again when an operator says so', async () => {
    const redis = use(await startRedis());
    const [sink, sibling] = [use(await startCountingSink()), use(await startCountingSink())];
    const pumps = { counts: countingPump(sink, { max_age: '1h' }), all: countingPump(sibling) };
    const own = { lease: '2s', workers: 2, retain: '1h' };
    const start = async () => use(await startPump({ redis, own, pumps }));
    sink.status = 503;
    const old = await pushRecords(redis, 2000);
    const seconds = Math.floor(Date.now() / 1000);
    const fresh = new Set(Array.from({ length: 1000 }, (_, at) => `fresh-${at}`));
    const elements = [...fresh].map((alias) => encodeRecord({ alias, timestamp: { seconds } }));
    await redis.client.rpush('analytics-tyk-system-analytics', ...elements);
    // All at once, so that some share a range.
    const first = await start();
    const stale = { route: 'COUNTS', outcome: 'stale' };
    const counted = (pump: PumpProcess) => metric(pump, 'sluice_records_total', stale);
    await until('the old ones are left out', () =>
      first.output().includes('Records were too old to be sent and are left out (max_age).'),
    );
    // What it has left out together with what it cannot deliver is neither counted nor booked yet.
    let before = 0;
    await until('it counts what is booked', async () => {
      before = await counted(first);
      return before > 0 && before === (await booksOf(first, 'COUNTS'))?.booked['stale'];
    });
    await first.kill9();
    sink.status = 200;
    const second = await start();
    await until('the others arrive', () => sink.arrived.size === 1000, 60_000);
    await until('and are booked', async () => (await booksOf(second, 'COUNTS'))?.pending === 0);
    expect(compare(fresh, sink.arrived)).toMatchObject({ lost: 0, invented: 0 });
    expect(await booksOf(second, 'COUNTS')).toMatchObject({
      claimed: 3000,
      booked: { delivered: 1000, filtered: 0, stale: 2000 },
    });
    expect(before).toBeLessThan(2000);
    expect(before + (await counted(second))).toBe(2000);
    const everything = new Set([...old.good, ...fresh]);
    await until('the sibling has all', async () => (await booksOf(second, 'ALL'))?.pending === 0);
    expect(compare(everything, sibling.arrived)).toMatchObject({ lost: 0, invented: 0 });
    expect((await command(second, 'status')).output()).toMatch(/ROUTE.* STALE /);

    sink.forget();
    sink.delay = 100;
    const rewound = await command(second, 'route', 'rewind', 'COUNTS', '--to', '1h');
    expect(rewound.output()).toContain('COUNTS gets 3,000 records again');
    await until('it is at work', () => sink.arrived.size > 0);
    await second.kill9();
    sink.delay = 0;
    const third = await start();
    await until('every record is there', () => sink.arrived.size === 3000, 60_000);
    await until('and booked', async () => (await booksOf(third, 'COUNTS'))?.pending === 0);
    expect(compare(everything, sink.arrived)).toMatchObject({ lost: 0, invented: 0 });
    expect(await booksOf(third, 'COUNTS')).toMatchObject({
      claimed: 6000,
      booked: { delivered: 4000, filtered: 0, stale: 2000 },
    });

    await pushRecords(redis, 500, { from: 2000 });
    await until(
      'later ones are left out as before',
      async () => (await booksOf(third, 'COUNTS'))?.booked['stale'] === 2500,
    );
    expect(sink.arrived.size).toBe(3000);
  });
});
