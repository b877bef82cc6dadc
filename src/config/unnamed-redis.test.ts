import { describe, expect, test } from 'vitest';
import { load } from './testing.ts';

const file = { purge_delay: 5, dont_purge_uptime_data: true, pumps: { stdout: {} } };
const env = { TYK_PMP_PUMPS_STDOUT_TYPE: 'stdout', TYK_PMP_PURGEDELAY: '5' };

describe('a Redis that nobody named', () => {
  test('is that of Tyk Pump’s documentation, and its address is said', async () => {
    const { config, errors, warnings, notes } = await load({ file });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(config?.redis.addresses).toEqual([{ host: '127.0.0.1', port: 6379 }]);
    expect(notes).toEqual([
      'pump.conf: analytics_storage_config: names no Redis; 127.0.0.1:6379 is used, as in Tyk Pump',
    ]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ host: 'redis.internal' }, 'port: found nothing, expected a port'],
    [{ host: '', port: 6379 }, 'host: found empty text, expected a host'],
    [{ addrs: [], host: '' }, 'host: found empty text, expected a host'],
    [
      { hosts: {}, master_name: 'm' },
      'addrs: found nothing, expected the addresses of the sentinels',
    ],
    [{ hots: 'redis.internal', port: 6379 }, 'hots: found text, expected a known option'],
  ])('is not taken for one of %j', async (storage, message) => {
    const { config, errors } = await load({ file: { ...file, analytics_storage_config: storage } });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      expect.stringContaining(`pump.conf: analytics_storage_config.${message}`),
    ]);
  });

  test.each([
    'TYK_PMP_ANALYTICSSTORAGECONFIG_HOTS',
    'TYK_PMP_ANALYTICSTORAGECONFIG_HOST',
    'TYK_PMP_REDIS_ADDR',
  ])('is not taken for what the unknown variable %s may have named', async (name) => {
    const { config, errors } = await load({ file, env: { [name]: 'redis.internal:6379' } });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      expect.stringMatching(
        `environment: ${name}: found text, expected a known variable.*no Redis is named`,
      ),
    ]);
  });

  test('is not taken for what an unknown key may have named', async () => {
    const analytics_storage = { host: 'redis.internal', port: 6379 };
    const { config, errors } = await load({ file: { ...file, analytics_storage } });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      expect.stringMatching('pump.conf: analytics_storage: found object.*no Redis is named'),
    ]);
  });

  test('is not taken for one of which only the service link of Kubernetes is known', async () => {
    const { config, errors } = await load({
      file,
      env: { TYK_PMP_REDIS_PORT: 'tcp://10.0.0.2:6379' },
    });
    expect(config).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining('environment: TYK_PMP_REDIS_PORT')]);
  });

  test('an unknown key is a warning where a Redis is named', async () => {
    const analytics_storage_config = { host: 'redis.internal', port: 6379, hots: 'x' };
    const { config, warnings } = await load({ file: { ...file, analytics_storage_config } });
    expect(config).toBeDefined();
    expect(warnings).toHaveLength(1);
  });
});

describe('a file that is not there', () => {
  test('is an error where the environment names pumps and no Redis', async () => {
    const { config, errors } = await load({ env });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      expect.stringMatching(
        'pump.conf: \\(file\\): found nothing.*TYK_PMP_ANALYTICSSTORAGECONFIG_HOST',
      ),
    ]);
  });

  test('is an error although a variable is said to name a Redis and is empty', async () => {
    const { errors } = await load({
      env: { ...env, TYK_PMP_REDIS_HOST: '', TYK_PMP_REDIS_PORT: '1' },
    });
    expect(errors).toEqual([
      expect.stringContaining('pump.conf: (file): found nothing'),
      expect.stringContaining('environment: TYK_PMP_REDIS_HOST: found empty text'),
    ]);
  });

  test.each([
    { TYK_PMP_REDIS_HOST: 'redis.internal', TYK_PMP_REDIS_PORT: '6379' },
    { TYK_PMP_ANALYTICSSTORAGECONFIG_ADDRS: 'redis.internal:6379' },
    { TYK_PMP_TEMPORAL_STORAGE_HOSTS: 'redis.internal:6379' },
  ])('is a warning where the environment names pumps and a Redis: %j', async (redis) => {
    const { config, warnings } = await load({ env: { ...env, ...redis } });
    expect(config?.redis.addresses).toEqual([{ host: 'redis.internal', port: 6379 }]);
    expect(warnings).toEqual([expect.stringContaining('pump.conf: (file): found nothing')]);
  });

  test('left out on purpose, the environment may leave the Redis to the default', async () => {
    const { config, warnings } = await load({ env: { ...env, TYK_PMP_OMITCONFIGFILE: 'true' } });
    expect(warnings).toEqual([]);
    expect(config?.redis.addresses).toEqual([{ host: '127.0.0.1', port: 6379 }]);
  });

  test.each(['', ' \n'])('an empty file is an error: %j', async (text) => {
    const { config, errors } = await load({ file: text, env });
    expect(config).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining('found an empty file')]);
  });
});
