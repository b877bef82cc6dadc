import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import type { RouteLeases } from './lease/lease.ts';
import { someParts } from './parts.testing.ts';
import { type PurgeParts, StreamPurge } from './stream-purge.ts';
import { aList, allDelivered, textsOf } from './testing.ts';

const list = aList();

/** A Redis for the tests of a file, empty before each of them, and purges on it that run until the test ends. */
export function livePurges() {
  let server: RedisServer;
  let stopper: AbortController;
  let running: Promise<unknown>[];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client.flushall();
    stopper = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stopper.abort();
    await Promise.all(running);
  });

  function aPurge(routes: readonly string[], changes: Partial<PurgeParts> = {}): StreamPurge {
    return new StreamPurge(someParts(server.client, routes, changes));
  }

  function start(purge: StreamPurge): void {
    running.push(purge.run(stopper.signal));
  }

  function keep(leases: RouteLeases): RouteLeases {
    running.push(leases.keep(stopper.signal));
    return leases;
  }

  async function push(count: number, from = 0): Promise<readonly string[]> {
    const texts = Array.from({ length: count }, (_, at) => `record-${String(from + at)}`);
    await server.client.rpush(list.key, ...texts);
    return texts;
  }

  async function drain(purge: StreamPurge, leases: RouteLeases, count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      for (const lease of await leases.take(4, AbortSignal.timeout(5000))) {
        texts.push(...textsOf((await purge.chunks.read(lease.range, stopper.signal)).chunk));
        await leases.settle(lease, allDelivered(lease));
      }
    }
    return texts;
  }

  async function untilGone(key: string): Promise<void> {
    await expect.poll(() => server.client.exists(key), { timeout: 5000 }).toBe(0);
  }

  // Server and signal are there only once the tests run: what a file takes apart before must ask for them.
  return {
    redis: {
      get client() {
        return server.client;
      },
    },
    stopping: {
      get signal() {
        return stopper.signal;
      },
    },
    aPurge,
    start,
    keep,
    push,
    drain,
    untilGone,
  };
}
