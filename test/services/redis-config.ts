import type { RedisConfig, TlsConfig } from '../../src/config/config.ts';
import { millis } from '../../src/lib/units.ts';
import type { Certificates } from './certificates.ts';

/** A Redis section as an operator's configuration gives it. */
export function aRedisConfig(parts: Partial<RedisConfig> = {}): RedisConfig {
  return {
    mode: 'standalone',
    addresses: [{ host: '127.0.0.1', port: 6379 }],
    masterName: '',
    username: '',
    password: undefined,
    sentinelPassword: undefined,
    database: 0,
    timeout: millis(5_000),
    keyPrefix: 'analytics-',
    versionKeyPrefix: 'version-check-',
    uptimeKeyPrefix: 'host-checker:',
    tls: undefined,
    ...parts,
  };
}

/** TLS that trusts and shows what `certificates` has. */
export function aTlsConfig(
  certificates: Partial<Certificates>,
  parts: Partial<TlsConfig> = {},
): TlsConfig {
  const { caFile = '', certFile = '', keyFile = '' } = certificates;
  return {
    caFile,
    certFile,
    keyFile,
    skipVerify: false,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    serverName: '',
    ...parts,
  };
}
