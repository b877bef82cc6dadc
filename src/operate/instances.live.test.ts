import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { millis } from '../lib/units.ts';
import { tidy } from '../purge/bounds/tidy.ts';
import { Claimer } from '../purge/claim/claim.ts';
import { aList } from '../purge/testing.ts';
import { manifestKey, stateKey } from '../redis/keys.ts';
import { aboutText } from './instance-about.ts';
import { liveInstances } from './instances.ts';

const lists = [aList(), aList('analytics-other')];
const [list] = lists;
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const claim = (name: string, version: string, about = '') =>
  new Claimer(redis.client, ['A'], 0).claim(list!, {
    isClaiming: true,
    ensuresGroups: true,
    self: { name, version, about },
  });
const live = () => liveInstances(redis.client, lists, 60_000);

it('are those that have said so within two minutes, with version and layout', async () => {
  await claim('one', '0.2.0');
  await claim('two', '0.3.0-rc.1');
  await redis.client.hset(stateKey('analytics-other'), 'instance:gone', '1000 0.2.0 1');
  expect(await live()).toEqual([
    {
      name: 'one',
      said: { version: '0.2.0', layout: '1' },
      secondsAgo: expect.any(Number) as number,
      about: undefined,
    },
    {
      name: 'two',
      said: { version: '0.3.0-rc.1', layout: '1' },
      secondsAgo: expect.any(Number) as number,
      about: undefined,
    },
  ]);
});

it('say it again after a minute, and not in each round', async () => {
  const [time] = await redis.client.time();
  const said = async () => redis.client.hget(stateKey(list!.key), 'instance:one');
  const earlier = `${Number(time) * 1000 - 30_000} 0.2.0 1`;
  await redis.client.hset(stateKey(list!.key), 'instance:one', earlier);
  await claim('one', '0.2.0');
  expect(await said()).toBe(earlier);
  await redis.client.hset(stateKey(list!.key), 'instance:one', '1000 0.2.0 1');
  await claim('one', '0.2.0');
  expect(await said()).toMatch(/^\d{13} 0\.2\.0 1$/);
});

it('before 0.2.0 show as consumers that read', async () => {
  await redis.client.rpush(list!.key, 'a', 'b');
  await claim('one', '0.2.0');
  for (const name of ['one', 'one-w1.1', 'older'])
    await redis.client.xgroup('CREATECONSUMER', manifestKey(list!.key), 'A', name);
  expect(await live()).toEqual([
    expect.objectContaining({ name: 'one', said: { version: '0.2.0', layout: '1' } }),
    { name: 'older', said: undefined, secondsAgo: undefined, about: undefined },
  ]);
});

it('are forgotten by tidying ten minutes after they were heard of', async () => {
  await claim('one', '0.2.0');
  await redis.client.hset(stateKey(list!.key), 'instance:gone', '1000 0.2.0 1');
  await tidy(redis.client, list!, ['A'], millis(60_000));
  const fields = await redis.client.hkeys(stateKey(list!.key));
  expect(fields.filter((field) => field.startsWith('instance:'))).toEqual(['instance:one']);
});

it('say with which pumps, and say it anew as soon as that is otherwise', async () => {
  const about = (...routes: readonly string[]) => ({
    ...{ host: 'pod-1', since: '2026-01-31T12:00:00.000Z', configuration: 'abc' },
    pumps: routes.map((route) => ({ route, type: 'csv' })),
  });
  await claim('one', '0.3.0', aboutText(about('CSV')));
  expect((await live())[0]).toMatchObject({ name: 'one', about: about('CSV') });
  await claim('one', '0.3.0', aboutText(about('CSV', 'MORE')));
  expect((await live())[0]).toMatchObject({
    said: { version: '0.3.0', layout: '1' },
    about: about('CSV', 'MORE'),
  });
});

it('are read as before by versions that know the first three words alone', async () => {
  await claim('one', '0.3.0', '{"host":"a b"}');
  const said = (await redis.client.hget(stateKey(list!.key), 'instance:one')) ?? '';
  expect(said.split(' ').slice(1, 3)).toEqual(['0.3.0', '1']);
});
