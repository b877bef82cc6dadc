import { bareHost, hostPortOf, isHost, shownHostPort } from '../../lib/host-port.ts';
import { type Millis, seconds } from '../../lib/units.ts';
import type { RedisConfig } from '../config.ts';
import type { Problem } from '../problem.ts';
import type { StorageOptions } from '../service-options.ts';
import { type Findings, type Place, place } from './findings.ts';
import { storageKey, tlsOf } from './tls.ts';

/** Translates the storage options (tyk-pump.md, "Storage options"). */
export function redisOf(options: StorageOptions, at: Place, findings: Findings): RedisConfig {
  const isSentinel = options.master_name !== '';
  const mode = isSentinel ? 'sentinel' : options.enable_cluster ? 'cluster' : 'standalone';
  const addresses = addressesOf(options, at, findings);
  if (options.iam_auth.enabled)
    findings.problems.push({
      ...place(at, `${storageKey}.iam_auth.enabled`),
      found: 'true',
      expected: 'false; identity-based login is not available in this version, use a password',
      severity: 'error',
    });
  if (mode === 'cluster' && options.database !== 0)
    findings.problems.push({
      ...place(at, `${storageKey}.database`),
      found: 'a number',
      expected: '0: a Redis Cluster has no databases',
      severity: 'warning',
    });
  return {
    mode,
    // A single Redis has one address; Tyk Pump takes the first one, too.
    addresses: mode === 'standalone' ? addresses.slice(0, 1) : addresses,
    masterName: options.master_name,
    username: options.username,
    password: options.password.reveal() === '' ? undefined : options.password,
    sentinelPassword:
      options.sentinel_password.reveal() === '' ? undefined : options.sentinel_password,
    database: mode === 'cluster' ? 0 : options.database,
    timeout: timeoutOf(options.timeout),
    ...prefixesOf(options, at, findings),
    tls: tlsOf(options, at, findings),
  };
}

const timeoutOf = (value: number): Millis => seconds(value === 0 ? 5 : value);

type Address = RedisConfig['addresses'][number];

const local: Address = { host: '127.0.0.1', port: 6379 };

/** Whether the operator said where Redis is. A port alone is one of the default’s host. */
export const namesRedis = ({ addrs, hosts, host }: StorageOptions): boolean =>
  addrs.length > 0 || Object.keys(hosts).length > 0 || host !== '';

/**
 * `addrs`, else `hosts`, else `host` and `port`, else the local Redis, which is Tyk Pump’s default. Only where nothing
 * hints at another one: records taken from a Redis that nobody meant are gone from there.
 */
function addressesOf(options: StorageOptions, at: Place, findings: Findings): readonly Address[] {
  const { addrs, hosts, host, port } = options;
  if (addrs.length > 0) return split(addrs, place(at, `${storageKey}.addrs`), findings);
  const joined = Object.entries(hosts).map(([name, value]) =>
    shownHostPort({ host: name, port: Number(value) }),
  );
  if (joined.length > 0) return split(joined, place(at, `${storageKey}.hosts`), findings);
  const refuse = (key: string, found: string, expected: string): void => {
    const where = place(at, `${storageKey}.${key}`);
    findings.problems.push({ ...where, found, expected, severity: 'error' });
  };
  const isLocal = `without one Tyk Pump uses ${local.host}, which may be another Redis than is meant`;
  if (host !== '' && !isHost(host))
    refuse(
      'host',
      'text',
      'a host alone, such as "redis", "10.0.0.1" or "::1"; user, password and port have options of their own, `username`, `password` and `port`',
    );
  if (options.master_name !== '' && host === '')
    refuse('addrs', 'nothing', `the addresses of the sentinels; ${isLocal}`);
  else if (host === '' && at.saidBy.has(`${storageKey}.host`))
    refuse('host', 'empty text', `a host; ${isLocal}`);
  else if (host !== '' && port === 0) refuse('port', 'nothing', `a port; ${isLocal}`);
  else if (host === '') sayDefault(port, at, findings);
  return [
    { host: host === '' ? local.host : bareHost(host), port: port === 0 ? local.port : port },
  ];
}

function sayDefault(port: number, at: Place, { notes }: Findings): void {
  const address = shownHostPort({ ...local, ...(port === 0 ? {} : { port }) });
  const text = `names no Redis; ${address} is used, as in Tyk Pump`;
  notes.push({
    ...place(at, port === 0 ? storageKey : `${storageKey}.port`),
    text,
    isForAll: true,
  });
}

function split(
  texts: readonly string[],
  at: Pick<Problem, 'source' | 'key'>,
  findings: Findings,
): readonly Address[] {
  const addresses = texts.map((text) => addressOf(text.trim()));
  if (addresses.includes(undefined))
    findings.problems.push({
      ...at,
      found: 'text',
      expected:
        'host:port in every element, such as "redis:6379" or "[::1]:6379"; user and password have options of their own',
      severity: 'error',
    });
  return addresses.filter((address) => address !== undefined);
}

function addressOf(text: string): Address | undefined {
  const address = hostPortOf(text);
  if (address === undefined || address.port < 1) return undefined;
  return address.host === '' ? { ...address, host: local.host } : address;
}

/**
 * Tyk Pump lays the two last layers over each storage handle anew, also over those whose prefix is fixed. So their key
 * prefix also replaces `version-check-` and `host-checker:`, and an empty one falls back as for the lists.
 */
function prefixesOf(
  options: StorageOptions,
  at: Place,
  findings: Findings,
): Pick<RedisConfig, 'keyPrefix' | 'versionKeyPrefix' | 'uptimeKeyPrefix'> {
  const { key_prefix: own, redis_key_prefix: old } = options;
  const keyPrefix = own !== '' ? own : old !== '' ? old : 'analytics-';
  if (/[{}]/.test(keyPrefix))
    findings.problems.push({
      ...place(at, `${storageKey}.${own === '' ? 'redis_key_prefix' : 'key_prefix'}`),
      found: 'text',
      expected: 'no brace, here and in the gateway: keys of this service are {list}:…',
      severity: 'error',
    });
  const by = at.saidBy.get(`${storageKey}.key_prefix`) ?? '';
  const isLayered = by === 'TYK_PMP_REDIS_KEYPREFIX' || by === 'TYK_PMP_TEMPORAL_STORAGE_KEYPREFIX';
  return {
    keyPrefix,
    versionKeyPrefix: isLayered ? keyPrefix : 'version-check-',
    uptimeKeyPrefix: isLayered ? keyPrefix : 'host-checker:',
  };
}
