import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { mebibytes } from '../lib/units.ts';
import { Claimer } from '../purge/claim/claim.ts';
import { aList } from '../purge/testing.ts';
import { manifestKey, segmentKey } from '../redis/keys.ts';
import { RedisDeadLetters } from '../route/dead-letters/store.ts';
import { aLetter } from '../route/testing/parts.testing.ts';
import { recordFate } from './record-fate.ts';

const list = aList();
const lists = [aList('another'), list];
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

/** Ten records, in ranges of four, for three routes: A is at work on the second, B has not begun, C answered all. */
async function claimed(): Promise<string> {
  await redis.client.rpush(list.key, ...Array.from({ length: 10 }, (_, at) => `record-${at}`));
  const claimer = new Claimer(redis.client, ['A', 'B', 'C'], 4);
  await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
  const entries = await redis.client.xrange(manifestKey(list.key), '-', '+');
  const ids = entries.map(([id]) => id);
  for (const [route, count] of [
    ['A', 2],
    ['C', 3],
  ] as const)
    await redis.client.xreadgroup(
      ...(['GROUP', route, 'me', 'COUNT', count, 'STREAMS', manifestKey(list.key), '>'] as const),
    );
  await redis.client.xack(manifestKey(list.key), 'A', ids[0] ?? '');
  await redis.client.xack(manifestKey(list.key), 'C', ...ids);
  const [segment = ''] = await redis.client.keys(segmentKey(list.key, '*'));
  return segment.slice(segmentKey(list.key, '').length);
}

const stateOf = async (id: string) => {
  const fate = await recordFate(redis.client, lists, id);
  return Object.fromEntries((fate?.routes ?? []).map(({ route, state }) => [route, state]));
};

describe('what became of a record', () => {
  it('is told route by route, of the range that holds it', async () => {
    const segment = await claimed();
    expect(await stateOf(`${segment}:3`)).toEqual({ A: 'answered', B: 'waiting', C: 'answered' });
    expect(await stateOf(`${segment}:4`)).toEqual({ A: 'leased', B: 'waiting', C: 'answered' });
    expect(await stateOf(`${segment}:9`)).toEqual({ A: 'waiting', B: 'waiting', C: 'answered' });
    expect(await recordFate(redis.client, lists, `${segment}:5`)).toMatchObject({
      place: { list: list.key, records: 10, isInSegment: true },
      routes: [{ route: 'A', consumer: 'me', deliveries: 1 }, {}, {}],
      letters: [],
    });
  });

  it('says that a segment never had so many records', async () => {
    const segment = await claimed();
    expect(await recordFate(redis.client, lists, `${segment}:10`)).toMatchObject({
      place: { records: 10, isInSegment: false },
      routes: [],
    });
  });

  it('is that all have answered where the segment is gone, and who keeps it as a dead letter', async () => {
    const letters = new RedisDeadLetters({
      ...{ client: redis.client, bound: mebibytes(1), lists: 1, clock: systemClock },
      mask: (text) => text,
    });
    const letter = aLetter({ route: 'A' });
    await letters.put(list, 'A', [letter]);
    expect(await recordFate(redis.client, lists, letter.id)).toMatchObject({
      ...{ place: undefined, routes: [] },
      letters: [{ route: 'A', reason: letter.reason }],
    });
    expect(await recordFate(redis.client, lists, '17-1:0')).toMatchObject({
      ...{ place: undefined, letters: [] },
    });
  });

  it('is looked for without a change', async () => {
    const segment = await claimed();
    const pending = () => redis.client.xpending(manifestKey(list.key), 'A');
    const before = [await redis.client.keys('*'), await pending()];
    await recordFate(redis.client, lists, `${segment}:4`);
    expect([await redis.client.keys('*'), await pending()]).toEqual(before);
  });

  it('is nothing that can be asked for another text', async () => {
    for (const text of ['17-1', '17-1:', ':1', '17 1:1', '17-1:-1', '{x}:1'])
      expect(await recordFate(redis.client, lists, text)).toBeUndefined();
  });
});
