import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { type Log, silentLog } from '../../lib/log.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { silentMetrics } from '../../lib/metrics.ts';
import { bytes, millis } from '../../lib/units.ts';
import { ledgerKey, manifestKey, stateKey } from '../../redis/keys.ts';
import { type Claimed, Claimer } from '../claim/claim.ts';
import { createPurgeMeter } from '../meter.ts';
import { someBounds, someDelivery, someParts } from '../parts.testing.ts';
import { Refusals } from '../refusals.ts';
import { aList } from '../testing.ts';
import { stalledAfter } from './bounds.ts';
import { reclaim } from './reclaim.ts';
import { Upkeep } from './upkeep.ts';

const list = aList();

describe('Upkeep on a real Redis', () => {
  let redis: RedisServer;
  let elapsed: number;
  let lines: { message: string; fields: Readonly<Record<string, unknown>> }[];
  let clock: Clock;
  let log: Log;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    elapsed = 0;
    lines = [];
    clock = { ...systemClock, elapsed: () => millis(elapsed) };
    const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ message, fields });
    };
    log = { ...silentLog, error: note, warn: note };
  });

  const meter = createPurgeMeter(silentMetrics, systemClock);
  const refusals = new Refusals({ clock: systemClock, log: silentLog, meter, lists: 1 });
  const claim = (routes: readonly string[]) =>
    new Claimer(redis.client, routes, 10).claim(list, { isClaiming: true, ensuresGroups: true });
  /** Forty records, as a segment of four ranges. */
  const claimMore = async (routes: readonly string[]) => {
    await redis.client.rpush(list.key, ...Array.from({ length: 40 }, () => 'x'.repeat(40)));
    return claim(routes);
  };
  /** The route answers for so many ranges more. */
  const answer = async (route: string, ranges: number): Promise<void> => {
    const manifest = manifestKey(list.key);
    const read = await redis.client.xreadgroup(
      ...(['GROUP', route, 'test', 'COUNT', ranges, 'STREAMS', manifest, '>'] as const),
    );
    const [[, entries]] = read as unknown as [[string, [string, string[]][]]];
    await redis.client.xack(manifest, route, ...entries.map(([id]) => id));
  };

  it('drops the oldest ranges of a route that stands still at the bound, and says how many records', async () => {
    const routes = ['DEAD'];
    const bounds = someBounds({ retainedBytes: bytes(100) });
    const upkeep = new Upkeep(
      { ...someParts(redis.client, routes, { bounds, clock, log }), refusals },
      meter,
    );
    await upkeep.afterRound([await claimMore(routes)]);
    await upkeep.afterRound([await claimMore(routes)]);
    expect(upkeep.isHolding).toBe(true);
    elapsed = stalledAfter;
    await upkeep.afterRound([await claim(routes)]);
    expect(upkeep.isHolding).toBe(false);
    expect(lines.at(-1)?.fields).toMatchObject({ route: 'DEAD', records: 80 });
    expect(await redis.client.hget(stateKey(list.key), 'retained')).toBe('0');
  });

  it('over the bound asks each round where the records are, and all lists now and then', async () => {
    const bounds = someBounds({ retainedBytes: bytes(100) });
    const other = aList('another');
    const parts = someParts(redis.client, ['A'], { bounds, clock, log, lists: [list, other] });
    const metrics = new CountingMetrics();
    const counted = createPurgeMeter(metrics, systemClock);
    const upkeep = new Upkeep({ ...parts, refusals }, counted);
    const nothing = await new Claimer(redis.client, ['A'], 10).claim(other, {
      isClaiming: true,
      ensuresGroups: true,
    });
    const surveysOf = async (claimed: Claimed): Promise<number> => {
      await redis.client.config('RESETSTAT');
      await upkeep.afterRound([claimed, nothing]);
      const stats = await redis.client.info('commandstats');
      return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const lag = () => metrics.gauges.get('sluice_route_lag_records A');

    expect(await surveysOf(await claimMore(['A']))).toBe(2);
    expect(await surveysOf(await claimMore(['A']))).toBe(1);
    expect(lag()).toBe(80);
    elapsed = 10_000;
    expect(await surveysOf(await claim(['A']))).toBe(2);
    await answer('A', 8);
    await reclaim(redis.client, list);
    // Once more, now that nothing is left.
    expect(await surveysOf(await claim(['A']))).toBe(2);
    expect(lag()).toBe(0);
  });

  it('does not pause for a backlog that was claimed at once', async () => {
    const bounds = someBounds({ retainedBytes: bytes(100) });
    const upkeep = new Upkeep(
      { ...someParts(redis.client, ['A'], { bounds, clock, log }), refusals },
      meter,
    );
    await upkeep.afterRound([await claimMore(['A'])]);
    const retained = await redis.client.hget(stateKey(list.key), 'retained');
    expect(Number(retained)).toBeGreaterThan(bounds.retainedBytes);
    expect(upkeep.isHolding).toBe(false);
  });

  it('leaves a slower route its backlog while it is at work, until too much has come behind it', async () => {
    const routes = ['FAST', 'SLOW'];
    const bounds = someBounds({ retainedBytes: bytes(100) });
    const upkeep = new Upkeep(
      { ...someParts(redis.client, routes, { bounds, clock, log }), refusals },
      meter,
    );
    const shed = async () =>
      Number((await redis.client.hget(ledgerKey(list.key), 'SLOW|shed')) ?? 0);
    await upkeep.afterRound([await claimMore(routes)]);
    await answer('FAST', 4);
    for (let ranges = 1; ranges <= 3; ranges++) {
      await answer('SLOW', 1);
      await upkeep.afterRound([await claim(routes)]);
      expect(await shed()).toBe(0);
    }

    await upkeep.afterRound([await claimMore(routes)]);

    expect(await shed()).toBe(10);
    expect(upkeep.isHolding).toBe(false);
  });

  it.each([
    // What the relief answers, whether a sibling has answered for the records, and what is dropped then.
    { answer: 'under-way', elapsed: stalledAfter, dropped: 0 },
    { answer: 'cannot', elapsed: stalledAfter, dropped: 40 },
    { answer: 'not-ours', elapsed: 1000, dropped: 0 },
    { answer: 'not-ours', elapsed: stalledAfter, dropped: 40 },
  ] as const)('asks for relief before it drops: $answer after $elapsed ms', async (expected) => {
    const asked: string[] = [];
    const relief = {
      relieve: (route: string) => {
        asked.push(route);
        return expected.answer;
      },
      // Its ranges elsewhere come first, so it is asked at once.
      hasBacklog: () => true,
    };
    const bounds = someBounds({ retainedBytes: bytes(100) });
    const parts = someParts(redis.client, ['DEAD'], { bounds, clock, log, relief });
    const upkeep = new Upkeep({ ...parts, refusals }, meter);
    await redis.client.rpush(list.key, ...Array.from({ length: 40 }, () => 'x'.repeat(40)));
    await upkeep.afterRound([await claim(['DEAD'])]);
    expect(asked).toEqual(['DEAD']);
    elapsed = expected.elapsed;
    await upkeep.afterRound([await claim(['DEAD'])]);
    const dropped = await redis.client.hget(ledgerKey(list.key), 'DEAD|shed');
    expect(Number(dropped ?? 0)).toBe(expected.dropped);
  });

  it('knows the lag of a route in records and time', async () => {
    const metrics = new CountingMetrics();
    const upkeep = new Upkeep(
      { ...someParts(redis.client, ['A'], { clock, log }), refusals },
      createPurgeMeter(metrics, systemClock),
    );
    await redis.client.rpush(list.key, 'one', 'two', 'three');
    await upkeep.afterRound([await claim(['A'])]);
    expect(metrics.gauges.get('sluice_route_lag_records A')).toBe(3);
    expect(metrics.gauges.get('sluice_route_lag_seconds A')).toBeGreaterThanOrEqual(0);
  });

  it('reports a group of no configured route at start and forgets it when nobody has named it for long', async () => {
    await redis.client.rpush(list.key, 'one', 'two');
    await claim(['GONE']);
    const delivery = someDelivery({ orphanAfter: millis(1000) });
    const upkeep = new Upkeep(
      { ...someParts(redis.client, ['A'], { clock, log, delivery }), refusals },
      meter,
    );
    await upkeep.afterRound([await claim(['A'])]);
    expect(lines.map(({ fields }) => fields['route'])).toEqual(['GONE']);

    await redis.client.hset(stateKey(list.key), 'route:GONE', '1000');
    for (let round = 1; round <= 2; round++) {
      elapsed += 60_000;
      await upkeep.afterRound([await claim(['A'])]);
    }
    expect(lines.at(-1)?.fields).toMatchObject({ route: 'GONE', records: 2 });
    const groups = (await redis.client.xinfo('GROUPS', manifestKey(list.key))) as unknown[][];
    expect(groups.map((group) => group[1])).toEqual(['A']);
  });

  it('does not forget a group on the first look after a step of the clock', async () => {
    await redis.client.rpush(list.key, 'one');
    await claim(['OTHER']);
    await redis.client.hset(stateKey(list.key), 'route:OTHER', '1000');
    const delivery = someDelivery({ orphanAfter: millis(1000) });
    const upkeep = new Upkeep(
      { ...someParts(redis.client, ['A'], { clock, log, delivery }), refusals },
      meter,
    );
    await upkeep.afterRound([await claim(['A'])]);
    await claim(['OTHER']); // its instance names it again
    elapsed += 60_000;
    await upkeep.afterRound([await claim(['A'])]);
    const groups = (await redis.client.xinfo('GROUPS', manifestKey(list.key))) as unknown[][];
    expect(groups).toHaveLength(2);
  });
});
