/**
 * The claim, lease, settle, shed, reclaim and release scripts against a model, under random interleavings of two
 * routes with two consumers each. The model knows which records exist and who has answered for them; Redis must agree:
 * nothing is gone that somebody still needs, nothing stays that nobody needs, and every ledger closes.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { ledgerKey, manifestKey, segmentKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { reclaim } from './bounds/reclaim.ts';
import { survey } from './bounds/survey.ts';
import { Claimer } from './claim/claim.ts';
import type { Lease } from './lease/lease.ts';
import { leasesOf, type StreamEntry } from './lease/manifest-entry.ts';
import { release } from './release.ts';
import { settleScript } from './scripts/settle.ts';
import { shedScript } from './scripts/shed.ts';
import { aList } from './testing.ts';

const list = aList();
const routes = ['A', 'B'] as const;
type Route = (typeof routes)[number];
const never = new AbortController().signal;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

type Step =
  | { readonly do: 'push'; readonly count: number }
  | { readonly do: 'claim' }
  | { readonly do: 'read'; readonly route: Route; readonly consumer: string; readonly most: number }
  | { readonly do: 'settle'; readonly route: Route; readonly pick: number }
  | { readonly do: 'takeOver'; readonly route: Route; readonly consumer: string }
  | { readonly do: 'shed'; readonly route: Route; readonly pick: number }
  | { readonly do: 'reclaim' };

const route = fc.constantFrom(...routes);
const consumer = fc.constantFrom('one', 'two');
const pick = fc.nat(20);
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('push' as const),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'claim' }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('read' as const),
        route,
        consumer,
        most: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('settle' as const), route, pick }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('takeOver' as const), route, consumer }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('shed' as const), route, pick }) },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'reclaim' }) },
  ),
  { maxLength: 60, size: 'max' },
);

/** What has happened, as one who only counts would tell it. */
class Model {
  pushed = 0;
  claimed = 0;
  /** Per route: entry ids answered for, and records delivered or shed. */
  readonly answered = new Map<Route, Set<string>>(routes.map((each) => [each, new Set()]));
  readonly delivered = new Map<Route, number>(routes.map((each) => [each, 0]));
  readonly shed = new Map<Route, number>(routes.map((each) => [each, 0]));
  /** Per route: what was shed while somebody held it. Delivered after all it counts as delivered. */
  readonly shedWhileHeld = new Map<Route, Set<string>>(routes.map((each) => [each, new Set()]));
  /** Leases handed out and not settled, by route; also stale ones of a consumer that was taken over. */
  readonly leased = new Map<Route, Lease[]>(routes.map((each) => [each, []]));
  /** Every range ever seen. */
  readonly ranges = new Map<string, Lease>();
}

const of = <T>(map: ReadonlyMap<Route, T>, key: Route): T => map.get(key) as T;

async function entries(): Promise<readonly Lease[]> {
  return leasesOf(list, await redis.client.xrange(manifestKey(list.key), '-', '+')).leases;
}

async function run(step: Step, model: Model): Promise<void> {
  const { client } = redis;
  const manifest = manifestKey(list.key);
  switch (step.do) {
    case 'push':
      await client.rpush(
        list.key,
        ...Array.from({ length: step.count }, (_, at) => `r${model.pushed + at}`),
      );
      model.pushed += step.count;
      return;
    case 'claim': {
      const { records } = await new Claimer(client, routes, 3).claim(list, {
        isClaiming: true,
        ensuresGroups: false,
      });
      model.claimed += records;
      for (const lease of await entries()) model.ranges.set(lease.id, lease);
      return;
    }
    case 'read': {
      if (model.claimed === 0) return;
      const reply = (await client.xreadgroup(
        'GROUP',
        step.route,
        step.consumer,
        'COUNT',
        step.most,
        'STREAMS',
        manifest,
        '>',
      )) as unknown as [[string, StreamEntry[]]] | null;
      of(model.leased, step.route).push(
        ...(reply === null ? [] : leasesOf(list, reply[0][1]).leases),
      );
      return;
    }
    case 'takeOver': {
      if (model.claimed === 0) return;
      const reply = (await client.xautoclaim(
        manifest,
        step.route,
        step.consumer,
        0,
        '0',
      )) as unknown as [string, StreamEntry[]];
      of(model.leased, step.route).push(...leasesOf(list, reply[1]).leases);
      return;
    }
    case 'settle': {
      const leases = of(model.leased, step.route);
      const [lease] = leases.splice(step.pick % Math.max(1, leases.length), 1);
      if (lease === undefined) return;
      // What is leased and unanswered can be read in full.
      const isAnswered = of(model.answered, step.route).has(lease.id);
      const { segment, start, count } = lease.range;
      const found = await client.lrange(segmentKey(list.key, segment), start, start + count - 1);
      if (!isAnswered) expect(found).toHaveLength(count);
      const settled = await runScript(
        client,
        settleScript,
        [manifest, ledgerKey(list.key), stateKey(list.key)],
        [step.route, lease.id, count, 0, 0, 0, 0, 0],
      );
      const isCorrected = of(model.shedWhileHeld, step.route).delete(lease.id);
      expect(settled).toBe(isAnswered && !isCorrected ? 0 : 1);
      if (isCorrected) model.shed.set(step.route, of(model.shed, step.route) - count);
      else if (isAnswered) return;
      of(model.answered, step.route).add(lease.id);
      model.delivered.set(step.route, of(model.delivered, step.route) + count);
      return;
    }
    case 'shed': {
      const all = await entries();
      const upTo = all[step.pick % Math.max(1, all.length)];
      if (upTo === undefined) return;
      const answered = of(model.answered, step.route);
      const dropped = all.slice(0, all.indexOf(upTo) + 1).filter(({ id }) => !answered.has(id));
      const reply = await runScript(
        client,
        shedScript,
        [manifest, ledgerKey(list.key), stateKey(list.key)],
        [step.route, upTo.id],
      );
      const records = dropped.reduce((sum, { range }) => sum + range.count, 0);
      expect(reply).toEqual([dropped.length, records]);
      const held = new Set(of(model.leased, step.route).map(({ id }) => id));
      for (const { id } of dropped) {
        answered.add(id);
        if (held.has(id)) of(model.shedWhileHeld, step.route).add(id);
      }
      model.shed.set(step.route, of(model.shed, step.route) + records);
      return;
    }
    case 'reclaim':
      expect((await reclaim(client, list)).mismatches).toEqual([]);
      return;
    default:
      return step satisfies never;
  }
}

async function check(model: Model): Promise<void> {
  const { client } = redis;
  expect(await client.llen(list.key)).toBe(model.pushed - model.claimed);
  const isNeeded = (id: string): boolean =>
    routes.some((each) => !of(model.answered, each).has(id));
  const segments = new Set(
    (await client.keys('*:seg:*')).map((key) => key.slice(key.indexOf(':seg:') + 5)),
  );
  for (const [id, { range }] of model.ranges)
    if (isNeeded(id)) expect(segments.has(range.segment)).toBe(true);
  for (const ledger of (await survey(client, list)).ledgers) {
    const name = ledger.route as Route;
    expect(ledger).toMatchObject({
      claimed: model.claimed,
      booked: { delivered: of(model.delivered, name), shed: of(model.shed, name) },
      pending: model.claimed - of(model.delivered, name) - of(model.shed, name),
    });
  }
}

it('agrees with the model under random interleavings', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (all, isReleased) => {
      await redis.client.flushall();
      const model = new Model();
      for (const step of all) {
        await run(step, model);
        if (step.do === 'reclaim') await check(model);
      }
      await check(model);
      if (isReleased) {
        const undone = [...model.ranges].filter(([id]) =>
          routes.some((each) => !of(model.answered, each).has(id)),
        );
        const expected = undone.reduce((sum, [, { range }]) => sum + range.count, 0);
        expect((await release(redis.client, list, never)).records).toBe(expected);
        expect(await redis.client.llen(list.key)).toBe(model.pushed - model.claimed + expected);
        return;
      }
      // Everybody answers for everything: then nothing of ours is left but the counts.
      for (const each of routes) {
        await run({ do: 'read', route: each, consumer: 'one', most: 1000 }, model);
        await run({ do: 'takeOver', route: each, consumer: 'two' }, model);
        while (of(model.leased, each).length > 0)
          await run({ do: 'settle', route: each, pick: 0 }, model);
      }
      expect((await reclaim(redis.client, list)).mismatches).toEqual([]);
      await check(model);
      expect(await redis.client.keys('*:seg:*')).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
