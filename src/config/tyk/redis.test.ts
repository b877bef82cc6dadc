import { describe, expect, test } from 'vitest';
import { aFile, load } from '../testing.ts';

const loadStorage = async (
  storage: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
) => load({ file: aFile({ analytics_storage_config: storage }), env });

const layers = [
  'TYK_PMP_ANALYTICSSTORAGECONFIG',
  'TYK_PMP_REDIS',
  'TYK_PMP_TEMPORAL_STORAGE',
] as const;

describe('addresses', () => {
  const local = { host: '127.0.0.1', port: 6379 };

  test.each<[Record<string, unknown>, string, readonly { host: string; port: number }[]]>([
    [{}, 'standalone', [local]],
    [{ host: 'r', port: 1 }, 'standalone', [{ host: 'r', port: 1 }]],
    [{ port: 1 }, 'standalone', [{ host: '127.0.0.1', port: 1 }]],
    [{ port: '6380', host: 'r' }, 'standalone', [{ host: 'r', port: 6380 }]],
    [{ addrs: ['a:1', ' b:2'], host: 'r', port: 3 }, 'standalone', [{ host: 'a', port: 1 }]],
    [{ hosts: { a: '1' }, host: 'r', port: 3 }, 'standalone', [{ host: 'a', port: 1 }]],
    [{ addrs: ['a:1'], hosts: { b: '2' } }, 'standalone', [{ host: 'a', port: 1 }]],
    [{ addrs: ['[::1]:7'] }, 'standalone', [{ host: '::1', port: 7 }]],
    [{ host: '[::1]', port: 7 }, 'standalone', [{ host: '::1', port: 7 }]],
    [{ host: '::1', port: 7 }, 'standalone', [{ host: '::1', port: 7 }]],
    [{ host: '[fe80::1%eth0]', port: 7 }, 'standalone', [{ host: 'fe80::1%eth0', port: 7 }]],
    [{ hosts: { '[::1]': '7' } }, 'standalone', [{ host: '::1', port: 7 }]],
    [{ hosts: { '::1': '7' } }, 'standalone', [{ host: '::1', port: 7 }]],
    [{ addrs: ['[::1]:7'], master_name: 'm' }, 'sentinel', [{ host: '::1', port: 7 }]],
    [{ addrs: ['[::1]:7'], enable_cluster: true }, 'cluster', [{ host: '::1', port: 7 }]],
    [{ addrs: [':7'] }, 'standalone', [{ host: '127.0.0.1', port: 7 }]],
    [
      { addrs: ['a:1', 'b:2'], enable_cluster: 'true' },
      'cluster',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    [
      { addrs: ['a:1', 'b:2'], master_name: 'm', enable_cluster: true },
      'sentinel',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
  ])('%j is %s at %j', async (storage, mode, addresses) => {
    const { config, warnings } = await loadStorage(storage);
    expect(warnings).toEqual([]);
    expect(config?.redis).toMatchObject({ mode, addresses });
  });

  test.each(['redis:6379', '[::1]:6379', '[::1', 'redis://redis', 'a b'])(
    '%j is no host alone',
    async (host) => {
      const { errors } = await loadStorage({ host, port: 6379 });
      expect(errors).toEqual([
        expect.stringContaining('analytics_storage_config.host: found text, expected a host alone'),
      ]);
    },
  );

  test.each(['a', 'a:b', 'a:0', 'a:70000', '::1:6379'])('%j is refused', async (address) => {
    const { errors } = await loadStorage({ addrs: ['fine:1', address] });
    expect(errors).toEqual([
      expect.stringContaining('analytics_storage_config.addrs: found text, expected host:port'),
    ]);
  });
});

describe('the layers of the environment', () => {
  test.each(layers)('%s_… beats the file', async (layer) => {
    const env = {
      [`${layer}_HOST`]: 'env',
      [`${layer}_PORT`]: '7',
      [`${layer}_USERNAME`]: 'u',
      [`${layer}_PASSWORD`]: 'hunter2',
      [`${layer}_DATABASE`]: '3',
      [`${layer}_TIMEOUT`]: '9',
      [`${layer}_IAMAUTH_PROVIDER`]: 'gcp',
    };
    const { config, warnings } = await loadStorage({ host: 'file', port: 1, password: 'x' }, env);
    expect(warnings).toEqual([]);
    expect(config?.redis).toMatchObject({
      addresses: [{ host: 'env', port: 7 }],
      username: 'u',
      database: 3,
      timeout: 9000,
    });
    expect(config?.redis.password?.reveal()).toBe('hunter2');
  });

  test('the last layer wins', async () => {
    const env = {
      TYK_PMP_ANALYTICSSTORAGECONFIG_HOST: 'first',
      TYK_PMP_REDIS_HOST: 'second',
      TYK_PMP_TEMPORAL_STORAGE_USERNAME: 'third',
    };
    const { config } = await loadStorage({ host: 'file', port: 1 }, env);
    expect(config?.redis).toMatchObject({
      addresses: [{ host: 'second', port: 1 }],
      username: 'third',
    });
  });
});

describe('prefixes', () => {
  test.each<[Record<string, unknown>, Record<string, string>, string, string]>([
    [{}, {}, 'analytics-', 'version-check-'],
    [{ redis_key_prefix: 'old-' }, {}, 'old-', 'version-check-'],
    [{ redis_key_prefix: 'old-', key_prefix: 'new-' }, {}, 'new-', 'version-check-'],
    [{ key_prefix: 'f-' }, { [`${layers[0]}_KEYPREFIX`]: 'e-' }, 'e-', 'version-check-'],
    [{ key_prefix: 'f-' }, { [`${layers[1]}_KEYPREFIX`]: 'e-' }, 'e-', 'e-'],
    [{ key_prefix: 'f-' }, { [`${layers[2]}_KEYPREFIX`]: 'e-' }, 'e-', 'e-'],
    [
      { key_prefix: 'f-' },
      { [`${layers[1]}_KEYPREFIX`]: 'r-', [`${layers[2]}_KEYPREFIX`]: 't-' },
      't-',
      't-',
    ],
    [{ key_prefix: 'f-' }, { [`${layers[1]}_KEYPREFIX`]: '' }, 'analytics-', 'analytics-'],
    [{}, { [`${layers[1]}_REDISKEYPREFIX`]: 'o-' }, 'o-', 'version-check-'],
  ])(
    'file %j and variables %j give %s and %s',
    async (storage, env, keyPrefix, versionKeyPrefix) => {
      const { config } = await loadStorage(storage, env);
      expect(config?.redis).toMatchObject({ keyPrefix, versionKeyPrefix });
    },
  );
});

describe('TLS', () => {
  const defaults = {
    caFile: '',
    certFile: '',
    keyFile: '',
    skipVerify: false,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    serverName: '',
  };

  test.each<[Record<string, unknown>, Record<string, unknown> | undefined]>([
    [{}, undefined],
    [{ use_ssl: true }, {}],
    [{ redis_use_ssl: 'true' }, {}],
    [{ use_ssl: true, ssl_insecure_skip_verify: true }, { skipVerify: true }],
    [{ use_ssl: true, redis_ssl_insecure_skip_verify: true }, { skipVerify: true }],
    [
      { use_ssl: true, ssl_min_version: '1.0', ssl_max_version: '1.1' },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
    ],
    [{ use_ssl: true, ssl_min_version: '1.3' }, { minVersion: 'TLSv1.3' }],
    [
      { use_ssl: true, ssl_ca_file: 'ca', ssl_cert_file: 'c', ssl_key_file: 'k' },
      { caFile: 'ca', certFile: 'c', keyFile: 'k' },
    ],
  ])('%j gives %j', async (storage, expected) => {
    const { config, errors } = await loadStorage(storage);
    expect(errors).toEqual([]);
    expect(config?.redis.tls).toEqual(expected && { ...defaults, ...expected });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ ssl_min_version: '1.4' }, 'ssl_min_version: found text, expected one of "1.0"'],
    [{ ssl_max_version: 'TLS1.2' }, 'ssl_max_version: found text, expected one of "1.0"'],
    [
      { ssl_min_version: '1.3', ssl_max_version: '1.2' },
      'ssl_min_version: found text, expected a version not above',
    ],
    [{ ssl_max_version: '1.0' }, 'ssl_min_version: found text, expected a version not above'],
  ])('%j is an error', async (storage, message) => {
    expect((await loadStorage({ use_ssl: true, ...storage })).errors).toEqual([
      expect.stringContaining(`pump.conf: analytics_storage_config.${message}`),
    ]);
  });

  test('half a client certificate is not used, with a warning', async () => {
    const { config, warnings } = await loadStorage({ use_ssl: true, ssl_key_file: 'k' });
    expect(config?.redis.tls).toEqual(defaults);
    expect(warnings).toEqual([expect.stringContaining('ssl_cert_file: found nothing')]);
  });
});

test.each([
  [0, 5000],
  [2, 2000],
])('a timeout of %d is %d milliseconds', async (timeout, expected) => {
  expect((await loadStorage({ timeout })).config?.redis.timeout).toBe(expected);
});

test('the database is ignored in cluster mode', async () => {
  const storage = { enable_cluster: true, addrs: ['a:1'], database: 3 };
  expect((await loadStorage(storage)).config?.redis.database).toBe(0);
});

test('empty passwords are none', async () => {
  const { config } = await loadStorage({ password: '', sentinel_password: 's' });
  expect(config?.redis.password).toBeUndefined();
  expect(config?.redis.sentinelPassword?.reveal()).toBe('s');
});

test('identity-based login is refused by name', async () => {
  const env = { TYK_PMP_TEMPORAL_STORAGE_IAMAUTH_ENABLED: 'true' };
  expect((await loadStorage({ iam_auth: { enabled: true, provider: 'gcp' } })).errors).toEqual([
    expect.stringContaining('identity-based login is not available'),
  ]);
  expect((await loadStorage({}, env)).errors).toEqual([
    expect.stringContaining('environment: TYK_PMP_TEMPORAL_STORAGE_IAMAUTH_ENABLED: found true'),
  ]);
});

test('no password is in any message', async () => {
  const storage = { password: ['hunter2'], sentinel_password: { hunter2: 1 }, passwort: 'hunter2' };
  expect(JSON.stringify(await loadStorage(storage))).not.toContain('hunter2');
  expect(JSON.stringify(await loadStorage({ password: 'hunter2' }))).not.toContain('hunter2');
});

describe('what has no effect or harms is said before the start', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ use_ssl: true, ssl_insecure_skip_verify: true }, 'ssl_insecure_skip_verify: found true'],
    [
      { use_ssl: true, redis_ssl_insecure_skip_verify: true },
      'redis_ssl_insecure_skip_verify: found true',
    ],
    [{ enable_cluster: true, database: 2 }, 'database: found a number, expected 0'],
  ])('%j is a warning', async (storage, message) => {
    const { warnings } = await loadStorage({ host: 'r', port: 1, ...storage });
    expect(warnings).toEqual([expect.stringContaining(`analytics_storage_config.${message}`)]);
  });

  test.each(['key_prefix', 'redis_key_prefix'])('a brace in %s is an error', async (key) => {
    const { errors } = await loadStorage({ host: 'r', port: 1, [key]: '{tyk}' });
    expect(errors).toEqual([
      expect.stringContaining(`analytics_storage_config.${key}: found text`),
    ]);
  });
});
