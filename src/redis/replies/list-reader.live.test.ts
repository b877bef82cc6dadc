import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { systemClock } from '../../lib/clock.ts';
import { partsOf } from '../../lib/elements.ts';
import { type Dribble, startDribble } from './dribble.testing.ts';
import { ListReader } from './list-reader.ts';

const never = new AbortController().signal;
const timeout = 300;
const asText = (parts: readonly Buffer[]): readonly string[] => parts.map(String);

describe('reading lists beside a client', () => {
  const log = memoryLog();
  let redis: RedisServer;
  let link: Dribble;
  let client: Redis;
  let lists: ListReader;

  beforeEach(async () => {
    redis = await startRedis();
    link = await startDribble(redis.port);
    const settings = { connectionName: 'sluice', commandTimeout: timeout, socketTimeout: timeout };
    client = redis.connect({ port: link.port, maxRetriesPerRequest: 0, ...settings });
    await client.ping();
    lists = new ListReader({ client, clock: systemClock, log });
  });
  afterEach(async () => {
    await link.stop();
    await redis.stop();
  });

  const fill = (key: string, elements: readonly (string | Buffer)[]) =>
    redis.client.rpush(key, ...elements);

  async function read(key: string, count: number, { signal = never, bytes = 100, start = 0 } = {}) {
    const elements = await lists.read({ key, start, count, bytes }, signal);
    return elements && partsOf(elements);
  }

  /** Until there is an answer: after a lost connection the next one is not made at once. */
  async function readSoon(key: string): Promise<readonly Buffer[]> {
    let found: readonly Buffer[] | undefined;
    await until('it reads again', async () => {
      found = await read(key, 1).catch(() => undefined);
      return found !== undefined;
    });
    return found ?? [];
  }

  const someHasCome = (): Promise<void> => {
    const before = link.passed;
    return until('some of it has come', () => link.passed > before);
  };

  it('gives many answers at once in the order of their questions, on one connection of the same name', async () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => `${index} `.repeat(index));
    await fill('ä', texts);

    const starts = Array.from({ length: 100 }, (_, index) => index * 10);
    const reads = starts.map((start) => read('ä', 10, { start, bytes: start * 5 }));
    const found = (await Promise.all(reads)).flatMap((parts) => asText(parts ?? []));

    expect(found).toEqual(texts);
    const all = String(await redis.client.client('LIST')).split('\n');
    expect(all.filter((line) => line.includes('name=sluice'))).toHaveLength(2);
  });

  it('asks for no more at once than a few megabytes, for Redis keeps what is not fetched', async () => {
    await fill(
      'list',
      Array.from({ length: 20 }, () => Buffer.alloc(1_000_000, 'x')),
    );
    link.pace(0);
    const stop = new AbortController();
    const reads = Array.from({ length: 20 }, (_, start) =>
      read('list', 1, { start, bytes: 1_000_000, signal: stop.signal }),
    );
    link.pace(20_000);
    const calls = async (): Promise<number> =>
      Number(/lrange:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1] ?? 0);
    await until('it has been asked', async () => (await calls()) > 0);

    expect(await calls()).toBeLessThanOrEqual(4);

    stop.abort();
    await Promise.allSettled(reads);
  });

  it('takes elements that are far larger than was thought', async () => {
    const large = Buffer.alloc(3_000_000, 'x');
    await fill('list', ['a', large, 'b']);

    const found = await read('list', 3);

    expect(found?.map(({ length }) => length)).toEqual([1, 3_000_000, 1]);
    expect(found?.[1]?.equals(large)).toBe(true);
  });

  it('leaves to the client what is no list of as many elements as were asked for', async () => {
    await fill('list', ['a', 'b']);
    await redis.client.set('text', 'x');

    expect(await read('list', 3)).toBeUndefined();
    expect(await read('nothing', 1)).toBeUndefined();
    expect(await read('text', 1)).toBeUndefined();
    expect(asText((await read('list', 2)) ?? [])).toEqual(['a', 'b']);
  });

  it('needs no right to ping', async () => {
    await fill('list', ['a']);
    await redis.client.call('ACL', 'SETUSER', 'reader', 'on', '>word', '~*', '+@all', '-ping');
    const few = redis.connect({ port: link.port, username: 'reader', password: 'word' });
    await few.get('nothing');
    const own = new ListReader({ client: few, clock: systemClock, log });

    const elements = await own.read({ key: 'list', start: 0, count: 1, bytes: 100 }, never);

    expect(elements && asText(partsOf(elements))).toEqual(['a']);
  });

  it('asks once for what lies side by side in a list, and gives each his own', async () => {
    const element = (key: string, index: number): string => `${key} ${index} `.padEnd(100_000, 'x');
    const keys = ['one', 'two'];
    for (const key of keys)
      await fill(
        key,
        Array.from({ length: 30 }, (_, index) => element(key, index)),
      );
    await read('one', 1);
    await redis.client.config('RESETSTAT');

    // By turns, as lists are leased.
    const starts = Array.from({ length: 15 }, (_, index) => index * 2);
    const asked = starts.flatMap((start) => keys.map((key) => ({ key, start })));
    const found = await Promise.all(
      asked.map(({ key, start }) => read(key, 2, { start, bytes: 200_000 })),
    );

    for (const [at, { key, start }] of asked.entries())
      expect(asText(found[at] ?? [])).toEqual([element(key, start), element(key, start + 1)]);
    const stats = await redis.client.info('commandstats');
    expect(Number(/lrange:calls=(\d+)/.exec(stats)?.[1])).toBeLessThan(20);
  });

  it('leaves what a list has lost since to the client, and what the server refuses for all who asked', async () => {
    await fill(
      'list',
      Array.from({ length: 50 }, (_, index) => `${index}`),
    );
    await redis.client.set('text', 'x');
    // Until this has come the others are not asked for, and then together.
    const first = read('list', 1, { bytes: 1_500_000 });
    const lost = [0, 20, 40, 60].map((start) => read('list', 20, { start }));
    const refused = [0, 1, 2].map((start) => read('text', 1, { start }));
    const after = read('list', 1, { start: 7 });

    expect(await first).toHaveLength(1);
    expect((await Promise.all(lost)).map((parts) => parts?.length)).toEqual([
      20,
      20,
      undefined,
      undefined,
    ]);
    expect(await Promise.all(refused)).toEqual([undefined, undefined, undefined]);
    expect(asText((await after) ?? [])).toEqual(['7']);
  });

  it('waits as long as bytes come, however long the whole answer takes', async () => {
    await fill('list', [Buffer.alloc(50_000, 'x')]);
    link.pace(500);

    const begun = performance.now();
    const found = await read('list', 1);

    expect(found?.[0]?.length).toBe(50_000);
    expect(performance.now() - begun).toBeGreaterThan(2 * timeout);
  });

  it('gives up where none comes for the timeout, and does not take that for an answer that was cut off', async () => {
    await fill('list', [Buffer.alloc(50_000, 'x')]);
    await read('nothing', 1);
    link.pace(1_000);
    const reading = read('list', 1);
    await someHasCome();
    link.pace(0);

    await expect(reading).rejects.toThrow('said nothing for 0.3 s');
  });

  it('fails what is under way when the connection is lost, and reads it on the next one', async () => {
    await fill('list', [Buffer.alloc(50_000, 'x')]);
    await read('nothing', 1);
    link.pace(1_000);
    const reads = [read('list', 1), read('list', 1)];
    await someHasCome();
    link.cut();
    link.pace(Number.POSITIVE_INFINITY);

    for (const reading of reads) await expect(reading).rejects.toThrow('Connection is closed.');
    expect((await readSoon('list'))[0]?.length).toBe(50_000);
  });

  it('stops at once when nobody waits for the answer any more', async () => {
    await fill('list', [Buffer.alloc(500_000, 'x')]);
    await read('nothing', 1);
    expect(link.connections).toBe(2);
    link.pace(100);
    const stop = new AbortController();
    const reading = read('list', 1, { signal: stop.signal });
    const other = read('list', 1, { signal: stop.signal });
    await someHasCome();

    stop.abort(new Error('enough'));

    await expect(reading).rejects.toThrow('enough');
    await expect(other).rejects.toThrow('enough');
    await until('the connection is closed', () => link.connections === 1);
  });

  it('reads on for others when one has gone', async () => {
    await fill('list', [Buffer.alloc(20_000, 'x')]);
    const stop = new AbortController();
    link.pace(1_000);
    const gone = read('list', 1, { signal: stop.signal });
    const stays = read('list', 1);
    await someHasCome();
    stop.abort();

    await expect(gone).rejects.toThrow();
    expect((await stays)?.[0]?.length).toBe(20_000);
  });

  it('ends with the client, in the middle of an answer and of the greeting', async () => {
    await fill('list', [Buffer.alloc(500_000, 'x')]);
    await read('nothing', 1);
    link.pace(1_000);
    const reading = read('list', 1);
    await someHasCome();
    client.disconnect();

    await expect(reading).rejects.toThrow('Connection is closed.');
    await until('all is closed', () => link.connections === 0);
  });

  it('leaves it to the client where there is no second connection, says so once, and tries again', async () => {
    await fill('list', ['a']);
    const clients = String(await redis.client.client('LIST'))
      .trim()
      .split('\n').length;
    await redis.client.config('SET', 'maxclients', clients);

    expect(await read('list', 1)).toBeUndefined();
    expect(await read('list', 1)).toBeUndefined();
    await redis.client.config('SET', 'maxclients', 100);

    expect(asText(await readSoon('list'))).toEqual(['a']);
    expect(log.warnings()).toEqual([
      'Redis gives no second connection: records are read on the first one, between its commands.',
    ]);
  });

  it('asks nothing while the client is away', async () => {
    client.disconnect();
    expect(await read('list', 1)).toBeUndefined();
  });
});
