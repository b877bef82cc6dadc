import { describe, expect, it } from 'vitest';
import { bytes } from '../../lib/units.ts';
import { someBounds } from '../../purge/parts.testing.ts';
import type { Check, Finding } from './finding.ts';
import { judgeRedis, judgeRights } from './judge-redis.ts';
import type { RedisFacts } from './redis-facts.ts';

const good = {
  redis_version: '7.2.4',
  maxmemory: '1000000000',
  maxmemory_policy: 'noeviction',
  used_memory: '1000000',
  total_system_memory: '8000000000',
  aof_enabled: '1',
  rdb_last_bgsave_status: 'ok',
  aof_last_write_status: 'ok',
  loading: '0',
};

function facts(info: Readonly<Record<string, string>> = {}, rest: Partial<RedisFacts> = {}) {
  return {
    ...{ node: '', save: '', roundTrips: [1, 1, 30, 2, 1], ahead: 10, cluster: undefined },
    info: new Map(Object.entries({ ...good, ...info })),
    ...rest,
  };
}

const found = (given: RedisFacts, check: Check): Finding | undefined =>
  judgeRedis(given, someBounds({ retainedBytes: bytes(200_000_000) })).find(
    (finding) => finding.check === check,
  );

const silent = { info: new Map<string, string>() };
const cluster = (state: string, ok: string) =>
  facts(
    {},
    {
      cluster: new Map([
        ['cluster_state', state],
        ['cluster_slots_ok', ok],
      ]),
    },
  );

describe('judgeRedis', () => {
  it('finds nothing amiss with a Redis as it should be', () => {
    const levels = judgeRedis(facts(), someBounds()).map(({ level }) => level);
    expect(new Set(levels)).toEqual(new Set(['ok']));
  });

  it.each([
    ['redis version', facts({ redis_version: '6.2.0' }), 'ok', /6\.2\.0/],
    ['redis version', facts({ redis_version: '5.0.7' }), 'warning', /older than 6\.2/],
    ['redis version', facts({ redis_version: '7.2.4', valkey_version: '8.1.0' }), 'ok', /8\.1/],
    ['redis version', facts({}, silent), 'note', /not known/],
    ['eviction', facts({ maxmemory_policy: 'allkeys-lru' }), 'error', /allkeys-lru$/],
    [
      'eviction',
      facts({ maxmemory_policy: 'allkeys-lfu', maxmemory: '0' }),
      'warning',
      /no maxmemory/,
    ],
    ['eviction', facts({ maxmemory_policy: 'volatile-ttl' }), 'note', /volatile-ttl/],
    ['eviction', facts({ maxmemory_policy: 'volatile-ttl', maxmemory: '0' }), 'ok', /volatile/],
    ['eviction', facts({}, silent), 'note', /INFO/],
    ['persistence', facts(), 'ok', /append-only/],
    ['persistence', facts({ aof_enabled: '0' }), 'warning', /none/],
    [
      'persistence',
      facts({ aof_enabled: '0' }, { save: '3600 1' }),
      'note',
      /snapshots only \(save 3600 1\)/,
    ],
    ['persistence', facts({ aof_enabled: '0' }, { save: undefined }), 'note', /not known/],
    ['persistence', facts({}, silent), 'note', /not known/],
    ['persistence', facts({ rdb_last_bgsave_status: 'err' }), 'error', /snapshot failed/],
    ['persistence', facts({ aof_last_write_status: 'err' }), 'error', /write .* failed/],
    ['persistence', facts({ loading: '1' }), 'warning', /loading/],
    ['head room', facts({ used_memory: '990000000' }), 'error', /of 953.7 MiB \(maxmemory\)/],
    ['head room', facts({ used_memory: '900000000' }), 'warning', /190.7 MiB more may wait/],
    ['head room', facts({ maxmemory: '0' }), 'ok', /the memory of its machine/],
    ['head room', facts({ maxmemory: '0', used_memory: '7900000000' }), 'error', /machine/],
    ['head room', facts({}, silent), 'note', /not known/],
    ['cluster slots', cluster('ok', '16384'), 'ok', /all/],
    ['cluster slots', cluster('fail', '10923'), 'error', /fail, and 10923 of 16384/],
    ['cluster slots', facts({}, { cluster: new Map() }), 'note', /not known/],
    ['round trip', facts(), 'ok', /^1\.0 ms$/],
    ['round trip', facts({}, { roundTrips: [50, 50, 50] }), 'note', /50\.0 ms/],
    ['round trip', facts({}, { roundTrips: [400] }), 'warning', /400\.0 ms/],
    ['clock', facts({}, { ahead: -900 }), 'ok', /within a second/],
    ['clock', facts({}, { ahead: 40_000 }), 'warning', /40 s ahead/],
    ['clock', facts({}, { ahead: -3_600_000 }), 'error', /60 minutes behind/],
    ['clock', facts({}, { ahead: undefined }), 'note', /TIME/],
  ] as const)('%s: %#', (check, given, level, what) => {
    const finding = found(given, check);
    expect(finding).toMatchObject({ level, what: expect.stringMatching(what) as string });
    if (level !== 'ok') expect([finding?.why, finding?.remedy].join('').length).toBeGreaterThan(40);
  });

  it('says of which node of a cluster', () => {
    expect(found(facts({}, { node: 'b:7001' }), 'eviction')?.subject).toBe('b:7001');
    expect(found(facts(), 'eviction')).not.toHaveProperty('subject');
  });
});

describe('judgeRights', () => {
  it.each([
    [{ kind: 'streams', lacking: [] }, ['ok']],
    [{ kind: 'streams', lacking: ['figures: HGETALL', 'release: DEL'] }, ['warning', 'warning']],
    [{ kind: 'popping', refusal: 'NOPERM eval' }, ['warning']],
    [{ kind: 'none', refusal: 'NOPERM lrange' }, ['error']],
  ] as const)('%j', (permitted, expected) => {
    expect(judgeRights(permitted).map(({ level }) => level)).toEqual(expected);
  });
});
