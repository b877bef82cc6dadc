import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { aRedisConfig } from '../../test/services/redis-config.ts';
import type { RedisConfig } from '../config/config.ts';
import { Secret } from '../lib/secret.ts';
import { millis } from '../lib/units.ts';
import { backoffWith, clientOptions } from './options.ts';
import type { TlsOptions } from './options-tls.ts';

const parts = { tls: undefined, backoff: backoffWith(() => 0), isStale: () => false };
const tls: TlsOptions = { secureContext: createSecureContext(), rejectUnauthorized: true };
const addresses = [
  { host: 'one', port: 1 },
  { host: 'two', port: 2 },
];

const optionsOf = (config: Partial<RedisConfig>, more: Partial<typeof parts> = {}) =>
  clientOptions(aRedisConfig({ addresses, ...config }), { ...parts, ...more }).options;

const secureOptionsOf = (config: Partial<RedisConfig>, secure: TlsOptions = tls) =>
  clientOptions(aRedisConfig({ addresses, ...config }), { ...parts, tls: secure }).options;

describe('the options of the client', () => {
  test('of one Redis name the first address and the database', () => {
    expect(optionsOf({ database: 4 })).toMatchObject({ host: 'one', port: 1, db: 4 });
  });

  test('give every wait a deadline, and queue and repeat nothing', () => {
    expect(optionsOf({ timeout: millis(700) })).toMatchObject({
      connectTimeout: 700,
      commandTimeout: 700,
      socketTimeout: 700,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
    });
  });

  test('sign in with user and password, or password alone, but not with a user alone', () => {
    const password = new Secret('p');

    expect(optionsOf({ username: 'u', password })).toMatchObject({ username: 'u', password: 'p' });
    expect(optionsOf({ password })).not.toHaveProperty('username');
    expect(optionsOf({ username: 'u' })).not.toHaveProperty('username');
  });

  test('of Sentinel name the master and every sentinel, and never give up', () => {
    const config = { mode: 'sentinel', masterName: 'm', database: 2 } as const;
    const options = optionsOf({ ...config, sentinelPassword: new Secret('s') });

    expect(options).toMatchObject({
      sentinels: addresses,
      name: 'm',
      db: 2,
      sentinelPassword: 's',
      sentinelRetryStrategy: parts.backoff,
    });
  });

  test('of Sentinel use TLS for the sentinels and for the master', () => {
    const options = secureOptionsOf({ mode: 'sentinel', masterName: 'm' });

    expect(options).toMatchObject({ tls, sentinelTLS: tls, enableTLSForSentinelMode: true });
  });

  test('of a Cluster leave the database out and bound every node', () => {
    const options = optionsOf({ mode: 'cluster', database: 2, timeout: millis(700) });

    expect(options).not.toHaveProperty('redisOptions.db');
    expect(options).toMatchObject({
      enableOfflineQueue: false,
      slotsRefreshTimeout: 700,
      redisOptions: { commandTimeout: 700, socketTimeout: 700 },
    });
  });

  test('ask for the host by name in TLS, unless it is an address or another name is wanted', () => {
    const ip = [{ host: '10.0.0.1', port: 1 }];

    expect(secureOptionsOf({})).toHaveProperty('tls.servername', 'one');
    expect(secureOptionsOf({ addresses: ip })).not.toHaveProperty('tls.servername');
    expect(secureOptionsOf({}, { ...tls, servername: 'other' })).toHaveProperty(
      'tls.servername',
      'other',
    );
  });
});

describe('the back-off', () => {
  test('doubles up to two seconds', () => {
    const longest = backoffWith(() => 1);

    expect([1, 2, 3, 4, 5, 6, 1_000].map(longest)).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  test('is at least half of that', () => {
    expect([1, 2, 1_000].map(backoffWith(() => 0))).toEqual([50, 100, 1000]);
  });
});
