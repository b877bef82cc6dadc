/** Where a route begins that has no position: what it gets, what the books say, and what the log says. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { type LogFields, silentLog } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import { manifestKey, segmentKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import { reclaim } from '../bounds/reclaim.ts';
import { survey } from '../bounds/survey.ts';
import { tidy } from '../bounds/tidy.ts';
import { release } from '../release.ts';
import { settledCounts, settleScript } from '../scripts/settle.ts';
import { aList } from '../testing.ts';
import { Claimer } from './claim.ts';
import { reportBegun, Starts } from './starts.ts';

const list = aList();
const manifest = manifestKey(list.key);

describe('a route without a position', () => {
  let redis: RedisServer;
  let pushed: number;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    pushed = 0;
  });

  /** A process's claimer; its first claim makes sure that the groups exist. */
  const aProcess = (routes: readonly string[], fromOldest: readonly string[] = []) => {
    const claimer = new Claimer(redis.client, routes, 2, new Starts(fromOldest));
    return (isClaiming = true) => claimer.claim(list, { isClaiming, ensuresGroups: true });
  };
  const push = async (count: number): Promise<void> => {
    const texts = Array.from({ length: count }, () => `r${++pushed}`);
    await redis.client.rpush(list.key, ...texts);
  };
  /** Reads so many ranges more, or all; the records in them. */
  const read = async (route: string, ranges = 1000): Promise<readonly string[]> => {
    const reply = (await redis.client.xreadgroup(
      ...(['GROUP', route, 'test', 'COUNT', ranges, 'STREAMS', manifest, '>'] as const),
    )) as readonly [readonly [string, readonly [string, readonly string[]][]]] | null;
    const texts: string[] = [];
    for (const [, fields] of reply?.[0][1] ?? []) {
      const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
      const [start, count] = [Number(field('start')), Number(field('count'))];
      const segment = segmentKey(list.key, field('segment'));
      texts.push(...(await redis.client.lrange(segment, start, start + count - 1)));
    }
    return texts;
  };
  const answer = async (route: string, most = 1000): Promise<void> => {
    const pending = (await redis.client.xpending(manifest, route, '-', '+', most)) as string[][];
    for (const [id = ''] of pending) {
      const tally = settledCounts.map((outcome) => (outcome === 'delivered' ? 2 : 0));
      const keys = [manifest, `{${list.key}}:ledger`, `{${list.key}}:state`];
      await runScript(redis.client, settleScript, keys, [route, id, ...tally]);
    }
  };
  const ledgerOf = async (route: string) => {
    const found = (await survey(redis.client, list)).ledgers.find((each) => each.route === route);
    return (
      found && { claimed: found.claimed, pending: found.pending, done: found.booked.delivered }
    );
  };
  const begunIn = ({ begun }: Awaited<ReturnType<ReturnType<typeof aProcess>>>, route: string) =>
    begun.find((each) => each.route === route);

  it('begins with what is claimed from its first start on, and its books close', async () => {
    await push(4);
    await aProcess(['DEAD'])();
    await push(4);
    const both = aProcess(['DEAD', 'NEW']);
    expect(begunIn(await both(), 'NEW')).toEqual({ route: 'NEW', taken: 0, passedBy: 4 });

    expect(await ledgerOf('NEW')).toEqual({ claimed: 4, pending: 4, done: 0 });
    expect(await read('NEW')).toEqual(['r5', 'r6', 'r7', 'r8']);
    await answer('NEW');
    expect(await ledgerOf('NEW')).toEqual({ claimed: 4, pending: 0, done: 4 });
    expect(await read('DEAD')).toHaveLength(8);
    await answer('DEAD');
    expect((await reclaim(redis.client, list)).mismatches).toEqual([]);
    expect(await redis.client.xlen(manifest)).toBe(0);
  });

  it('gets what is still kept for others where it says so', async () => {
    await push(4);
    await aProcess(['DEAD'])();
    const begun = begunIn(await aProcess(['DEAD', 'NEW'], ['NEW'])(), 'NEW');

    expect(begun).toEqual({ route: 'NEW', taken: 4, passedBy: 0 });
    expect(await read('NEW')).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(await ledgerOf('NEW')).toEqual({ claimed: 4, pending: 4, done: 0 });
  });

  it('gets all that the gateway has left at the first start of all', async () => {
    await push(4);
    await aProcess(['A'])();
    expect(await read('A')).toHaveLength(4);
  });

  it('has a position from its first start on, whatever it says later', async () => {
    await aProcess(['A'])();
    await push(2);
    await aProcess(['OTHER'])();
    const { begun } = await aProcess(['A'], ['A'])();
    expect(begun).toEqual([]);
    expect(await read('A')).toEqual(['r1', 'r2']);
  });

  it('gets everything when Redis has lost its data, whoever claims first', async () => {
    const own = aProcess(['MINE']);
    const others = aProcess(['OTHER']);
    await own();
    await redis.client.flushall();
    await push(4);
    await others();
    await own();
    expect(await read('MINE')).toEqual(['r1', 'r2', 'r3', 'r4']);
  });

  it('gets everything again when its group alone was lost, also after a restart', async () => {
    await push(2);
    await aProcess(['MINE', 'OTHER'])();
    await redis.client.xgroup('DESTROY', manifest, 'MINE');
    expect(begunIn(await aProcess(['MINE', 'OTHER'])(), 'MINE')?.taken).toBe(2);
    expect(await read('MINE')).toEqual(['r1', 'r2']);
  });

  it.each([
    [1, ['r3', 'r4', 'r5', 'r6']],
    [0, ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']],
    [3, []],
  ])(
    'goes on where it was when it comes back after it was forgotten, %i answered',
    async (answered, left) => {
      await push(6);
      await aProcess(['GONE', 'DEAD'])();
      await read('GONE', 3);
      await answer('GONE', answered);
      await redis.client.hset(stateKey(list.key), 'route:GONE', '1');
      await tidy(redis.client, list, ['DEAD'], millis(60_000));
      const forgotten = await tidy(redis.client, list, ['DEAD'], millis(60_000));
      expect(forgotten).toMatchObject([{ route: 'GONE', isDestroyed: true }]);
      const { begun } = await aProcess(['GONE', 'DEAD'])();
      expect(begun).toEqual([{ route: 'GONE', taken: left.length, passedBy: 6 - left.length }]);
      expect(await read('GONE')).toEqual(left);
      expect(await ledgerOf('GONE')).toEqual({
        claimed: left.length,
        pending: left.length,
        done: 0,
      });
      expect(await redis.client.hexists(stateKey(list.key), 'left:GONE')).toBe(0);
    },
  );

  it('keeps no position across the way back to the gateway’s lists', async () => {
    await push(2);
    await aProcess(['GONE', 'DEAD'])();
    await redis.client.hset(stateKey(list.key), 'left:GONE', '99999999999999-0');
    await release(redis.client, list, new AbortController().signal);
    await aProcess(['GONE', 'DEAD'])();
    expect(await read('GONE')).toHaveLength(2);
  });

  it('is in the log with the records of all lists that it gets or does not get', async () => {
    const lines: [string, LogFields][] = [];
    const log = {
      ...silentLog,
      info: (fields: LogFields, message: string) => {
        lines.push([message, fields]);
      },
    };
    await push(4);
    await aProcess(['DEAD'])();
    const claimed = await aProcess(['DEAD', 'NEW', 'OLD'], ['OLD'])();
    reportBegun([...claimed.begun, ...claimed.begun], log);

    expect(lines).toEqual([
      [expect.stringContaining('from now on'), { route: 'NEW', records: 8 }],
      [expect.stringContaining('older records that are still kept'), { route: 'OLD', records: 8 }],
    ]);
  });
});
