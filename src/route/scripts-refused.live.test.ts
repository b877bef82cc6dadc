/**
 * Every script of ours, and every command in it, refused by a real Redis. Redis does not take back what a script has done
 * before a command of it is refused, so a refusal must leave everything as it was; and when it is over, every record is
 * answered for and the books close. The commands are those in the scripts' texts: one that is added is walked as well.
 */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { reclaim } from '../purge/bounds/reclaim.ts';
import { survey } from '../purge/bounds/survey.ts';
import { Claimer } from '../purge/claim/claim.ts';
import { adopt, findSegments, withoutName } from '../purge/claim/unnamed.ts';
import { leasesOf, type StreamEntry } from '../purge/lease/manifest-entry.ts';
import { release } from '../purge/release.ts';
import { settleScript } from '../purge/scripts/settle.ts';
import { aList } from '../purge/testing.ts';
import { furtherCommands, rehearsal } from '../redis/capabilities.ts';
import {
  controlsKey,
  ledgerKey,
  manifestKey,
  segmentKey,
  segmentsKey,
  stateKey,
} from '../redis/keys.ts';
import { runScript, type Script } from '../redis/script.ts';
import { bytesField, letterKeys } from './dead-letters/scripts/keys.ts';

const list = aList();
const { key } = list;
const manifest = manifestKey(key);
const state = stateKey(key);
const segments = segmentsKey(key);
const ledger = ledgerKey(key);
const controls = controlsKey(key);
const prefix = segmentKey(key, '');
const routes = ['A', 'B'];
const never = new AbortController().signal;

let redis: RedisServer;
let user: ReturnType<RedisServer['connect']>;
beforeAll(async () => {
  redis = await startRedis({
    acl: ['default on nopass ~* &* +@all', 'pump on nopass ~* &* +@all'],
  });
  user = redis.connect({ username: 'pump', password: 'x' });
});
afterAll(() => redis.stop());

const scripts = await allScripts();

async function allScripts(): Promise<ReadonlyMap<string, Script>> {
  const folders = ['../purge/scripts/', './dead-letters/scripts/', './controls/scripts/'];
  const files = await Promise.all(
    folders.map(async (name) => {
      const folder = new URL(name, import.meta.url);
      return (await readdir(folder)).map((file) => new URL(file, folder).href);
    }),
  );
  const found = new Map<string, Script>();
  for (const file of files.flat())
    for (const [name, value] of Object.entries((await import(file)) as Record<string, unknown>))
      if (typeof value === 'object' && value !== null && 'digest' in value)
        found.set(name, value as Script);
  return found;
}

/** As ACL rules name them, without those that are tried in a harmless form. */
function commandsOf({ source }: Script): readonly string[] {
  const calls = source.matchAll(/(?:call|read)\('([A-Z]+)'/g);
  return [...new Set([...calls].map(([, command = '']) => command.toLowerCase()))];
}

async function read(
  route: string,
  count: number,
): Promise<readonly { id: string; count: number }[]> {
  const reply = (await redis.client.xreadgroup(
    ...(['GROUP', route, 'me', 'COUNT', count, 'STREAMS', manifest, '>'] as const),
  )) as unknown as [[string, StreamEntry[]]] | null;
  if (reply === null) return [];
  return leasesOf(list, reply[0][1]).leases.map(({ id, range }) => ({ id, count: range.count }));
}

const settle = (route: string, { id, count }: { id: string; count: number }) =>
  runScript(
    redis.client,
    settleScript,
    [manifest, ledger, state],
    [route, id, count, 0, 0, 0, 0, 0],
  );

const claim = () =>
  new Claimer(redis.client, routes, 3).claim(list, { isClaiming: true, ensuresGroups: true });

const push = (from: number, to: number) =>
  redis.client.rpush(key, ...Array.from({ length: to - from }, (_, at) => `record-${from + at}`));

interface Scene {
  /** Leased to A. */
  readonly held: string;
  readonly last: string;
  readonly foreign: string;
}

/** One segment that all have answered for, one that waits, and a list that is not claimed yet and will expire. */
async function arrange(): Promise<Scene> {
  await redis.client.flushall();
  await push(0, 6);
  await claim();
  for (const route of routes) for (const lease of await read(route, 2)) await settle(route, lease);
  await push(6, 10);
  await claim();
  await push(10, 15);
  await redis.client.expire(key, 1000);
  const [held] = await read('A', 1);
  const [last] = await redis.client.xrevrange(manifest, '+', '-', 'COUNT', 1);
  const foreign = await redis.client.xadd(manifest, '*', 'no', 'range');
  await redis.client.xgroup('CREATECONSUMER', manifest, 'A', 'idle');
  await redis.client.rpush(`${prefix}orphan`, 'orphan-0', 'orphan-1');
  await redis.client.expire(`${prefix}orphan`, 1000);
  const dead = letterKeys(key, 'A');
  await redis.client.hset(dead[0] ?? '', 'one', '{}\nbytes', 'two', '{}\nbytes');
  await redis.client.zadd(dead[1] ?? '', 1, 'one', 2, 'two');
  await redis.client.zadd(dead[2] ?? '', 0, 'one');
  await redis.client.hset(state, {
    [bytesField('A')]: 16,
    'route:C': 1,
    'orphan:C': 1,
    'instance:gone': '1 0.2.0 1',
  });
  await redis.client.xgroup('CREATE', manifest, 'C', '$');
  await redis.client.hset(ledger, 'C|from', 10);
  await redis.client.hset(controls, 'A|paused', '{}', 'A|last', '{}', 'NEW|last', '{}');
  return { held: held?.id ?? '', last: last?.[0] ?? '', foreign: foreign ?? '' };
}

type Call = (scene: Scene) => readonly [readonly string[], readonly (string | number)[]];
const dead = [...letterKeys(key, 'A')];
const oldest = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, 'oldest']);

/** How each script is called. */
const calls: Readonly<Record<string, Call>> = {
  renameScript: () => [
    [manifest, state, ledger],
    ['A', 'RENAMED', '(released)', 2000, 1, 0],
  ],
  knownScript: () => [[manifest, state, ledger, dead[0] ?? ''], ['A']],
  moveScript: () => [
    [...dead, ...letterKeys(key, 'NEW').slice(0, 3)],
    [bytesField('A'), bytesField('NEW'), 10, 1000, '"route":"A"', '"route":"NEW"'],
  ],
  claimScript: () => [
    [key, manifest, state, segments, ledger],
    [
      prefix,
      1024 * 1024,
      3,
      1,
      'salt',
      1,
      0,
      'me',
      '1.2.3',
      '{"about":1}',
      ...oldest(...routes, 'NEW'),
    ],
  ],
  adoptScript: () => [
    [manifest, state, segments, ledger],
    [prefix, 1024 * 1024, 3, 1, 'orphan', ...oldest(...routes)],
  ],
  recoverScript: () => [
    [manifest, state, segments, ledger],
    [prefix, 1024 * 1024, 3, 1, 'orphan', ...routes.flatMap((route) => [route, 0])],
  ],
  sizeScript: () => [[`${prefix}orphan`, state], [0]],
  holdsScript: ({ held }) => [
    [manifest, state],
    ['A', 'me', held, 'x-salt'],
  ],
  reclaimScript: () => [
    [manifest, state, segments, ledger],
    [prefix, 50],
  ],
  releaseRangeScript: ({ last }) => [
    [key, manifest, ledger, state],
    [prefix, last],
  ],
  forgetScript: () => [[manifest, state, segments, ledger], [prefix]],
  leaveScript: () => [
    [manifest, state],
    ['A', 'idle'],
  ],
  settleScript: ({ held }) => [
    [manifest, ledger, state],
    ['A', held, 3, 0, 0, 0, 0, 0],
  ],
  shedScript: ({ last }) => [
    [manifest, ledger, state],
    ['A', last],
  ],
  stepOverScript: ({ foreign }) => [
    [manifest, state],
    ['A', foreign],
  ],
  bookExpiredScript: () => [[state], [5, 100_000, 500]],
  surveyScript: () => [[manifest, state, segments, ledger], [100]],
  tidyScript: () => [[manifest, state, ledger, segments], [1000]],
  touchScript: ({ held }) => [
    [manifest, state],
    ['A', 'me', 'me', 0, held],
  ],
  putScript: () => [dead, [bytesField('A'), 20, 'new', '{}\nbytes', 'one', '{}\nbytes']],
  putUnreadScript: () => [
    [...dead, `${prefix}orphan`],
    [bytesField('A'), 30, 'new', 0, '{}'],
  ],
  headersScript: () => [
    [dead[0] ?? '', state],
    ['one', 'none'],
  ],
  removeScript: () => [dead, [bytesField('A'), 'purged', 'one']],
  replaceScript: () => [dead, [bytesField('A'), 'one', '{}\nlonger bytes']],
  askScript: () => [dead, [bytesField('A'), 'two']],
  takeScript: () => [dead, [bytesField('A'), 10, 60_000, 'two']],
  rewindScript: () => [
    [manifest, state, ledger],
    ['B', 0, '(released)', 2000],
  ],
  controlScript: () => [
    [controls, state],
    [1, 'A|paused', 'A|last', '{}'],
  ],
  grantScript: () => [
    [controls, state],
    ['A|credit', 100, 0, 10, 0],
  ],
  renameControlsScript: () => [
    [controls, state],
    ['A', 'NEW', 'paused', 'last'],
  ],
  requeueScript: () => [
    [...dead, key, ledger],
    [bytesField('A'), 'one', 'two'],
  ],
};

it('knows how to call every script', () => {
  expect(Object.keys(calls).toSorted()).toEqual([...scripts.keys()].toSorted());
});

it('uses no command that is not tried at start', () => {
  const tried = new Set([
    ...commandsOf(rehearsal),
    ...Object.values(furtherCommands)
      .flat()
      .map((command) => command.split(' ')[0]?.toLowerCase()),
    // Without these something is left out: the size of a segment is guessed, and so on.
    'memory',
    'xgroup',
  ]);
  for (const [name, script] of scripts)
    for (const command of commandsOf(script))
      expect([name, command, tried.has(command)]).toEqual([name, command, true]);
});

async function typed(name: string): Promise<unknown> {
  const { client } = redis;
  switch (await client.type(name)) {
    case 'list':
      return client.lrange(name, 0, -1);
    case 'hash':
      return Object.entries(await client.hgetall(name)).toSorted();
    case 'zset':
      return client.zrange(name, '0', '-1', 'WITHSCORES');
    case 'stream': {
      const groups = (await client.xinfo('GROUPS', name)) as string[][];
      const pending = await Promise.all(
        groups.map((group) => client.xpending(name, group[1] ?? '')),
      );
      return [await client.xrange(name, '-', '+'), groups, pending];
    }
    default:
      return client.get(name);
  }
}

/** All there is in Redis; without what only says when or for whom something was begun. */
async function everything(): Promise<unknown> {
  const names = (await redis.client.keys('*')).toSorted();
  return Promise.all(
    names.map(async (name) => [name, (await redis.client.ttl(name)) > 0, await typed(name)]),
  );
}

/** All routes answer for everything: then the books close, and nothing is left. */
async function end(): Promise<void> {
  const { client } = redis;
  await claim();
  for (const { list: name, segments: ids } of await withoutName(
    client,
    await findSegments(client, [list], never),
  ))
    await adopt(client, name, { segments: ids, routes });
  for (const route of [...routes, 'NEW', 'RENAMED', 'C']) {
    const pending = (await client.xpending(manifest, route, '-', '+', 1000).catch(() => [])) as [
      string,
    ][];
    const held = await Promise.all(pending.map(([id]) => client.xrange(manifest, id, id)));
    for (const { id, range } of leasesOf(list, held.flat()).leases)
      await settle(route, { id, count: range.count });
    for (const lease of await read(route, 1000).catch(() => [])) await settle(route, lease);
    for (const [id] of await client.xrange(manifest, '-', '+'))
      await client.xack(manifest, route, id);
  }
  expect((await reclaim(client, list)).mismatches).toEqual([]);
  expect(await client.keys('*:seg:*')).toEqual([]);
  expect(await client.llen(key)).toBe(0);
  const after = await survey(client, list);
  expect(after.retained).toBe(0);
  for (const each of after.ledgers) expect(each).toMatchObject({ pending: 0 });
}

/** What may happen to the scene before a script is called for it to do something. */
async function ready(name: string): Promise<Scene> {
  const scene = await arrange();
  if (name === 'recoverScript') await redis.client.del(manifest);
  if (name === 'forgetScript') {
    await redis.client.del(`${prefix}orphan`);
    await redis.client.persist(key);
    await release(redis.client, list, never);
    await redis.client.rpush(segments, 'gone|1-1|5');
    await redis.client.rpush(`${prefix}gone`, 'answered for');
    await redis.client.hset(ledger, 'A|from', 0);
    await redis.client.xgroup('CREATE', manifest, 'A', '0', 'MKSTREAM');
  }
  return scene;
}

const run = (name: string, scene: Scene): Promise<unknown> => {
  const call = calls[name]?.(scene) ?? [[], []];
  return runScript(user, scripts.get(name) as Script, ...call);
};

/** Runs a script while Redis refuses something, and looks at what that leaves. */
async function walk(name: string, refuse: () => Promise<unknown>, allow: () => Promise<unknown>) {
  const scene = await ready(name);
  const before = await everything();
  await refuse();
  let refusal: unknown;
  try {
    await run(name, scene);
  } catch (error) {
    refusal = error;
  } finally {
    await allow();
  }
  if (refusal !== undefined) {
    refused.add(name);
    expect(refusal).toMatchObject({ name: 'ReplyError' });
    expect(await everything()).toEqual(before);
  }
  await run(name, scene);
  await end();
}

/** Scripts that something could be refused to. */
const refused = new Set<string>();
afterAll(() => expect([...refused].toSorted()).toEqual([...scripts.keys()].toSorted()));

describe.each([...scripts.keys()])('%s', (name) => {
  const script = scripts.get(name) as Script;

  beforeEach(() => redis.client.call('ACL', 'SETUSER', 'pump', '+@all'));

  it('does what it does, and the books close', async () => {
    await run(name, await ready(name));
    await end();
  });

  it.each(commandsOf(script))('leaves nothing half done where %s is refused', async (command) => {
    await walk(
      name,
      () => redis.client.call('ACL', 'SETUSER', 'pump', `-${command}`),
      () => redis.client.call('ACL', 'SETUSER', 'pump', '+@all'),
    );
  });

  it.each(['999', 'no number', ''])(
    'touches nothing of a list whose layout is "%s", and says so',
    async (layout) => {
      const scene = await ready(name);
      const own = await redis.client.hget(state, 'layout');
      await redis.client.hset(state, 'layout', layout);
      const before = await everything();
      await expect(run(name, scene)).rejects.toThrow(`touches nothing of the list (HGET ${state})`);
      expect(await everything()).toEqual(before);
      expect(own).toBe('1');
    },
  );

  it('leaves nothing half done where Redis is out of memory, a replica or without its replicas', async () => {
    const { client } = redis;
    await walk(
      name,
      () => client.config('SET', 'maxmemory', '1'),
      () => client.config('SET', 'maxmemory', '0'),
    );
    await walk(
      name,
      () => client.replicaof('127.0.0.1', '1'),
      () => client.replicaof('NO', 'ONE'),
    );
    await walk(
      name,
      () => client.config('SET', 'min-replicas-to-write', '1'),
      () => client.config('SET', 'min-replicas-to-write', '0'),
    );
  });

  it('leaves nothing half done where a key of ours is of another type', async () => {
    const { client } = redis;
    for (const each of [key, manifest, state, segments, ledger, controls, ...dead]) {
      let kept: Buffer | null = null;
      let ttl = 0;
      await walk(
        name,
        async () => {
          kept = (await client.exists(each)) === 1 ? await client.dumpBuffer(each) : null;
          ttl = Math.max(0, await client.pttl(each));
          await client.set(each, 'somebody else’s');
        },
        async () => {
          await client.del(each);
          if (kept !== null) await client.restore(each, ttl, kept);
        },
      );
    }
  });
});
