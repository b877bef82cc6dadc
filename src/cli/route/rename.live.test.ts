/** `sluice route rename`: what it refuses, and what it says. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { Claimer } from '../../purge/claim/claim.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import { stateKey } from '../../redis/keys.ts';
import { aConfig, aContext } from '../testing.ts';
import { renameRoute } from './rename.ts';

let redis: RedisServer;
const lists = sourceLists(aConfig().redis.keyPrefix, decoders);

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

async function aRoute(...names: readonly string[]): Promise<void> {
  const claimer = new Claimer(redis.client, names, 0);
  for (const list of lists) await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
}

/** No instance has named it for long. */
async function quiet(name: string): Promise<void> {
  for (const { key } of lists) await redis.client.hset(stateKey(key), `route:${name}`, '1');
}

async function rename(from: string, to: string, flags: { merge?: boolean; force?: boolean } = {}) {
  const context = aContext();
  const connect = () => Promise.resolve({ client: redis.client, close: () => Promise.resolve() });
  const given = {
    help: false,
    conf: 'pump.conf',
    merge: false,
    force: false,
    json: false,
    to: '',
    yes: false,
    ...flags,
  };
  const code = await renameRoute(
    { kind: 'route', action: 'rename', from, to, flags: given },
    context,
    {
      connect,
      host: 'here',
    },
  );
  return { code, out: context.out(), err: context.err() };
}

it('says what has moved, and what the configuration lacks', async () => {
  await aRoute('OLD');
  await quiet('OLD');

  const { code, out, err } = await rename('OLD', 'NEW');

  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(`OLD is NEW now: its position on ${lists.length} lists`);
  expect(out).toContain('The configuration has no pump NEW yet');
});

it('knows no route that is nowhere, or the same', async () => {
  expect(await rename('OLD', 'NEW')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no route OLD') as string,
  });
  expect((await rename('OLD', 'OLD')).err).toContain('OLD is its name already');
});

it('says why the route of uptime records gets no other name', async () => {
  const { code, err } = await rename('UPTIME', 'NEW');

  expect(code).toBe(1);
  expect(err).toContain('The route of uptime records is named uptime, whatever its pump');

  await aRoute('OLD');
  await quiet('OLD');
  expect((await rename('OLD', 'UPTIME')).out).toContain('That is not the route of uptime records');
});

it.each(['OLD', 'NEW'])('waits for an instance that has %s, unless it is forced', async (name) => {
  await aRoute('OLD', 'NEW');
  for (const other of ['OLD', 'NEW'].filter((each) => each !== name)) await quiet(other);
  const instance = redis.connect({ connectionName: 'sluice' });
  await instance.ping();

  const { code, err } = await rename('OLD', 'NEW', { merge: true });

  expect(code).toBe(1);
  expect(err).toContain(`an instance had ${name} within two minutes and may still run`);
  expect((await rename('OLD', 'NEW', { merge: true, force: true })).code).toBe(0);
  instance.disconnect();
});

it('needs nobody’s word when the last instance has gone', async () => {
  await aRoute('OLD');

  expect(await rename('OLD', 'NEW')).toMatchObject({ code: 0, err: '' });
});

it('asks before it joins a route that has a position, and names the lists', async () => {
  await aRoute('OLD', 'NEW');
  await quiet('OLD');
  await quiet('NEW');

  const { code, err } = await rename('OLD', 'NEW');

  expect(code).toBe(1);
  expect(err).toContain(`NEW has a position of its own already, on ${lists[0]?.key}, `);
  expect(err).toContain('--merge');
  expect((await rename('OLD', 'NEW', { merge: true })).code).toBe(0);
});

it('goes on where it was interrupted, without a word about itself', async () => {
  await aRoute('OLD');
  await quiet('OLD');
  const { client } = redis;
  let calls = 0;
  const dying = new Proxy(client, {
    get(target, name) {
      // Beyond the look at every list for both names.
      if (name === 'evalsha' && ++calls > lists.length * 2 + 9) throw new Error('killed');
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const flags = {
    help: false,
    conf: 'pump.conf',
    merge: false,
    force: false,
    json: false,
    to: '',
    yes: false,
  };
  const context = aContext();
  const connect = () => Promise.resolve({ client: dying, close: () => Promise.resolve() });
  await renameRoute({ kind: 'route', action: 'rename', from: 'OLD', to: 'NEW', flags }, context, {
    connect,
    host: 'here',
  });
  expect(context.err()).toContain('killed');

  expect(await rename('OLD', 'NEW')).toMatchObject({ code: 0, err: '' });
  expect((await rename('OLD', 'NEW')).err).toContain('has been renamed already');
});
