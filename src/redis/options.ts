import { isIP } from 'node:net';
import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisConfig } from '../config/config.ts';
import type { TlsOptions } from './options-tls.ts';

/** What ioredis is given: one set of rules for the three ways of reaching Redis. */
export type ClientOptions =
  | { readonly kind: 'redis'; readonly options: SingleOptions }
  | {
      readonly kind: 'cluster';
      readonly nodes: { host: string; port: number }[];
      readonly options: ClusterSettings;
    };

/** `replyMapping` has no meaning in protocol 2, and its type does not take `undefined`. */
type SingleOptions = Omit<RedisOptions, 'replyMapping'>;
type ClusterSettings = Omit<ClusterOptions, 'redisOptions'> & { redisOptions: SingleOptions };

/** The delay before the n-th attempt to reconnect, in milliseconds. */
export type Backoff = (attempt: number) => number;

const firstDelay = 100;
const longestDelay = 2_000;
const longestConnecting = 4_000;

/** Doubles up to two seconds; the random half keeps replicas from coming back all at once. */
export const backoffWith =
  (random: () => number): Backoff =>
  (attempt) => {
    const ceiling = Math.min(firstDelay * 2 ** Math.min(attempt - 1, 10), longestDelay);
    return Math.round(ceiling / 2 + (random() * ceiling) / 2);
  };

export interface OptionParts {
  readonly tls: TlsOptions | undefined;
  readonly backoff: Backoff;
  /** Asked when Redis answers with an error: shall the connection be made anew? */
  readonly isStale: (error: Error) => boolean;
}

export function clientOptions(config: RedisConfig, parts: OptionParts): ClientOptions {
  const nodes = config.addresses.map(({ host, port }) => ({ host, port }));
  switch (config.mode) {
    case 'standalone': {
      const [address] = nodes;
      const reached = { ...common(config), ...reconnecting(config, parts), ...address };
      const tls = parts.tls === undefined ? {} : { tls: named(parts.tls, address?.host) };
      // Off, for where INFO is refused it writes to the console on each connection. `connect.ts` asks with PING.
      return { kind: 'redis', options: { ...reached, ...tls, enableReadyCheck: false } };
    }
    case 'sentinel':
      return { kind: 'redis', options: sentinelOptions(config, nodes, parts) };
    case 'cluster':
      return { kind: 'cluster', nodes, options: clusterOptions(config, parts) };
    default:
      return config.mode satisfies never;
  }
}

/** Every connection's: how to sign in, and how long to wait for what. */
function common(config: RedisConfig): SingleOptions {
  return {
    ...credentials(config),
    // Nothing of protocol 3 is used, and proxies in front of Redis often lack its greeting.
    protocol: 2,
    connectionName: 'sluice',
    // CLIENT SETINFO is refused to restricted users and would fill their ACL LOG.
    disableClientInfo: true,
    // Also of the greeting of TLS. Below the five seconds within which the reason must be known.
    connectTimeout: Math.min(config.timeout, longestConnecting),
    commandTimeout: config.timeout,
    // commandTimeout alone leaves a dead socket in place until the system gives it up, after a quarter of an hour.
    socketTimeout: config.timeout,
    disconnectTimeout: Math.min(config.timeout, 1_000),
    keepAlive: 10_000,
    // The callers retry, and know what a repeat would do: nothing is queued, nothing is sent twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  };
}

/** Like the reference's client, a user name alone does not sign in. */
function credentials({ username, password }: RedisConfig): SingleOptions {
  if (password === undefined) return {};
  const user = username === '' ? {} : { username };
  return { ...user, password: password.reveal() };
}

const reconnecting = (config: RedisConfig, { backoff, isStale }: OptionParts): SingleOptions => ({
  db: config.database,
  enableOfflineQueue: false,
  retryStrategy: backoff,
  reconnectOnError: isStale,
});

function sentinelOptions(
  config: RedisConfig,
  sentinels: { host: string; port: number }[],
  parts: OptionParts,
): SingleOptions {
  const { sentinelPassword } = config;
  return {
    ...common(config),
    ...reconnecting(config, parts),
    sentinels,
    name: config.masterName,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword: sentinelPassword.reveal() }),
    // It compares the role: Sentinel may name the old master for a moment.
    enableReadyCheck: true,
    sentinelCommandTimeout: config.timeout,
    // Must be a number: with null ioredis gives up for ever once all sentinels were away together.
    sentinelRetryStrategy: parts.backoff,
    // Without the switch the master would be spoken to in the clear although `tls` is set.
    ...(parts.tls === undefined
      ? {}
      : { tls: parts.tls, sentinelTLS: parts.tls, enableTLSForSentinelMode: true }),
  };
}

function clusterOptions(config: RedisConfig, parts: OptionParts): ClusterSettings {
  const secure = parts.tls === undefined ? {} : { tls: parts.tls };
  return {
    // The cluster's own queue has no deadline (redis/ioredis#1604).
    enableOfflineQueue: false,
    clusterRetryStrategy: parts.backoff,
    // Each attempt has a deadline of its own, so their number bounds how long a command takes.
    maxRedirections: 5,
    slotsRefreshTimeout: config.timeout,
    // A node that hangs answers no MOVED: the others say who has its slots now.
    slotsRefreshInterval: 10_000,
    // Certificates carry names: the default would replace them by addresses before they are compared.
    ...(parts.tls === undefined
      ? {}
      : { dnsLookup: (address, found) => found(undefined, address) }),
    redisOptions: { ...common(config), ...secure, enableReadyCheck: false },
  };
}

/** Node sends no server name unless told to; servers behind a name-based router need it. An address is no name. */
function named(tls: TlsOptions, host: string | undefined): TlsOptions {
  if (tls.servername !== undefined || host === undefined || isIP(host) !== 0) return tls;
  return { ...tls, servername: host };
}
