import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { mebibytes, millis } from '../lib/units.ts';
import type { RedisClient } from '../redis/client.ts';
import type { PurgeParts } from './stream-purge.ts';
import { aList } from './testing.ts';

export function someBounds(changes: Partial<PurgeParts['bounds']> = {}): PurgeParts['bounds'] {
  return {
    retainedBytes: mebibytes(256),
    isRetainedSet: true,
    policy: 'shed',
    spillDir: '',
    spillBytes: mebibytes(1024),
    spillFileMode: 0o600,
    cacheBytes: mebibytes(64),
    inFlightBytes: mebibytes(32),
    deadLetterBytes: mebibytes(64),
    ...changes,
  };
}

export function someDelivery(
  changes: Partial<PurgeParts['delivery']> = {},
): PurgeParts['delivery'] {
  return {
    lease: millis(600),
    orphanAfter: millis(3_600_000),
    shutdownTimeout: millis(1000),
    attemptTimeout: millis(1000),
    backoffBase: millis(10),
    backoffMax: millis(100),
    longestPause: millis(1000),
    giveUpAttempts: 20,
    giveUpAge: millis(900_000),
    atRefusal: 'wait',
    retryShare: 0.5,
    ...changes,
  };
}

/** Parts of a purge with short times, for tests on a real Redis. */
export function someParts(
  client: RedisClient,
  routes: readonly string[],
  changes: Partial<PurgeParts> = {},
): PurgeParts {
  return {
    client,
    clock: systemClock,
    log: silentLog,
    metrics: silentMetrics,
    purge: { delay: millis(50), chunk: 0 },
    bounds: someBounds(),
    delivery: someDelivery(),
    lists: [aList()],
    routes,
    consumer: `test-${Math.random()}`,
    version: '1.2.3',
    ...changes,
  };
}
