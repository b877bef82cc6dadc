/** What somebody else writes into a manifest must stop nothing and change no book. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type MemoryLog, memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { millis } from '../../lib/units.ts';
import { ledgerKey, manifestKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import { survey } from '../bounds/survey.ts';
import { tidy } from '../bounds/tidy.ts';
import { someParts } from '../parts.testing.ts';
import { release } from '../release.ts';
import { shedScript } from '../scripts/shed.ts';
import { StreamPurge } from '../stream-purge.ts';
import { aList, allDelivered, textsOf } from '../testing.ts';
import type { RouteLeases } from './lease.ts';

const list = aList();
const manifest = manifestKey(list.key);
const never = new AbortController().signal;

let redis: RedisServer;
let stopping: AbortController;
let running: Promise<unknown>[];
let log: MemoryLog;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  stopping = new AbortController();
  running = [];
  log = memoryLog();
});
afterEach(() => end());

async function end(): Promise<void> {
  stopping.abort();
  await Promise.all(running);
}

function start(routes: readonly string[]): StreamPurge {
  const purge = new StreamPurge(someParts(redis.client, routes, { log, fromOldest: routes }));
  running.push(purge.run(stopping.signal));
  return purge;
}

const push = (...texts: readonly string[]) => redis.client.rpush(list.key, ...texts);

/** Each lacks something; what is there must be counted nowhere. */
const foreign: readonly (readonly string[])[] = [
  ['secret', 'not for the log'],
  ['segment', 'x', 'start', '0', 'count', '77'],
  ['segment', 'x', 'start', '-1', 'count', 'many', 'before', 'x'],
  ['start', '0', 'count', '77', 'before', '0'],
];

async function spoil(): Promise<void> {
  for (const fields of foreign) await redis.client.xadd(manifest, '*', ...fields);
}

async function drain(purge: StreamPurge, leases: RouteLeases, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count)
    for (const lease of await leases.take(2, AbortSignal.timeout(5000))) {
      texts.push(...textsOf((await purge.chunks.read(lease.range, never)).chunk));
      await leases.settle(lease, allDelivered(lease));
    }
  return texts;
}

const named = () => log.lines.filter(({ level }) => level === 'error');

it('steps over them for every route, names each once, and gives all memory back', async () => {
  await redis.client.xgroup('CREATE', manifest, 'A', '0', 'MKSTREAM');
  await spoil();
  await push('a', 'b');
  const purge = start(['A', 'B']);
  const [a, b] = [purge.leasesFor('A'), purge.leasesFor('B')];
  expect(await drain(purge, a, 2)).toEqual(['a', 'b']);
  await spoil();
  await push('c');
  expect(await drain(purge, a, 1)).toEqual(['c']);
  expect(await drain(purge, b, 3)).toEqual(['a', 'b', 'c']);

  await expect.poll(() => redis.client.xlen(manifest), { timeout: 5000 }).toBe(0);
  expect(await redis.client.llen(segmentsKey(list.key))).toBe(0);
  const { ledgers } = await survey(redis.client, list);
  expect(ledgers.map(({ route }) => route)).toContain('B');
  for (const ledger of ledgers)
    expect(ledger).toMatchObject({ claimed: 3, booked: { delivered: 3 }, pending: 0 });
  expect(named()).toHaveLength(2 * 2 * foreign.length);
  expect(new Set(named().map(({ fields }) => fields['entry'])).size).toBe(2 * foreign.length);
  expect(JSON.stringify(log.lines)).not.toContain('not for the log');
});

it('lets a list be taken over in which a dead instance held some', async () => {
  const purge = start(['A']);
  const leases = purge.leasesFor('A');
  await push('a');
  await expect.poll(() => redis.client.xlen(manifest)).toBe(1);
  await spoil();
  await redis.client.xreadgroup('GROUP', 'A', 'dead', 'COUNT', 10, 'STREAMS', manifest, '>');

  expect(await drain(purge, leases, 1)).toEqual(['a']);
  expect(await leases.take(1, AbortSignal.timeout(2500))).toEqual([]);
  expect((await redis.client.xpending(manifest, 'A'))[0]).toBe(0);
});

it('sheds, surveys, tidies and releases in spite of them', async () => {
  start(['A']);
  await push('a', 'b');
  await expect.poll(() => redis.client.xlen(manifest)).toBe(1);
  await spoil();
  await end();
  const keys = [manifest, ledgerKey(list.key), stateKey(list.key)];
  const [newest] = await redis.client.xrevrange(manifest, '+', '-', 'COUNT', 1);
  expect(await runScript(redis.client, shedScript, keys, ['A', newest?.[0] ?? ''])).toEqual([1, 2]);

  await spoil();
  expect((await survey(redis.client, list)).ledgers).toMatchObject([{ claimed: 2, pending: 0 }]);
  expect(await tidy(redis.client, list, [], millis(60_000))).toMatchObject([{ recordsLeft: 0 }]);
  expect(await release(redis.client, list, never)).toMatchObject({ records: 0 });
  expect(await redis.client.xlen(manifest)).toBe(0);
});
