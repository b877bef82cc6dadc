import { createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { makeCertificates } from './certificates.ts';
import { freePort } from './process.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startTlsFront } from './redis-front.ts';
import { startRedisSentinel } from './redis-sentinel.ts';

/*
 * Everything that stands between a pump and its Redis in the field, with real servers. Each situation gives a section
 * `analytics_storage_config`, and what has to be said about it.
 */

export interface RedisTrouble {
  readonly name: string;
  /** The server's or the system's words. */
  readonly words: RegExp;
  /** What the operator can do: an option, or a setting of Redis. */
  readonly cure: RegExp;
  begin(): Promise<{
    readonly storage: Readonly<Record<string, unknown>>;
    stop(): Promise<void>;
  }>;
}

type Storage = Readonly<Record<string, unknown>>;

/** A trouble with one server of these settings. */
const server =
  (
    options: RedisServerOptions,
    storage: Storage,
    prepare?: (redis: RedisServer) => Promise<void>,
  ) =>
  async () => {
    const redis = await startRedis(options);
    await prepare?.(redis);
    return {
      storage: { host: redis.host, port: redis.port, ...storage },
      stop: () => redis.stop(),
    };
  };

/** A trouble with TLS in front of a server. */
const front =
  (
    options: NonNullable<Parameters<typeof startTlsFront>[2]>,
    storage: (files: { caFile: string; strangerFile: string }) => Storage,
    names = { names: ['localhost'], addresses: ['127.0.0.1'] },
  ) =>
  async () => {
    const [ours, strangers] = await Promise.all([makeCertificates(names), makeCertificates()]);
    const redis = await startRedis();
    const tls = await startTlsFront(redis, ours, options);
    return {
      storage: {
        ...{ host: tls.host, port: tls.port },
        ...storage({ caFile: ours.caFile, strangerFile: strangers.caFile }),
      },
      async stop() {
        await tls.stop();
        await redis.stop();
      },
    };
  };

const sentinel = (storage: Storage) => async () => {
  const started = await startRedisSentinel({ sentinelPassword: 'watch' });
  return {
    storage: {
      addrs: started.addresses.map(({ host, port }) => `${host}:${port}`),
      master_name: started.masterName,
      sentinel_password: 'watch',
      ...storage,
    },
    stop: () => started.stop(),
  };
};

const nowhere = (storage: () => Promise<Storage>) => async () => ({
  storage: await storage(),
  stop: () => Promise.resolve(),
});

export const redisTroubles: readonly RedisTrouble[] = [
  {
    name: 'a wrong password',
    words: /WRONGPASS/,
    cure: /\(username, password\)/,
    begin: server({ args: ['--requirepass', 'right'] }, { password: 'wrong' }),
  },
  {
    name: 'an unknown user',
    words: /WRONGPASS/,
    cure: /\(username, password\)/,
    begin: server({}, { username: 'nobody', password: 'wrong' }),
  },
  {
    name: 'no password where one is wanted',
    words: /NOAUTH/,
    cure: /\(username, password\)/,
    begin: server({ args: ['--requirepass', 'right'] }, {}),
  },
  {
    name: 'no password and a database',
    words: /NOAUTH/,
    cure: /\(username, password\)/,
    begin: server({ args: ['--requirepass', 'right'] }, { database: 2 }),
  },
  {
    name: 'a host that is unknown',
    words: /ENOTFOUND|EAI_AGAIN/,
    cure: /\(host, addrs\)/,
    begin: nowhere(() => Promise.resolve({ host: 'no-such-host.invalid', port: 6379 })),
  },
  {
    name: 'a port where nobody listens',
    words: /ECONNREFUSED/,
    cure: /\(host, port, addrs\)/,
    begin: nowhere(async () => ({ host: '127.0.0.1', port: await freePort() })),
  },
  {
    name: 'a server that accepts and never answers',
    words: /within 3 s|in time|does not answer/,
    cure: /\(host, port, addrs\)|does not answer/,
    begin: startMute,
  },
  {
    name: 'TLS to a server without',
    words: /speaks no TLS/,
    cure: /\(use_ssl\)/,
    begin: server({}, { use_ssl: true }),
  },
  {
    name: 'no TLS to a server with it',
    words: /speaks TLS/,
    cure: /\(use_ssl\)/,
    begin: front({}, () => ({})),
  },
  {
    name: 'a certificate of an authority that is not trusted',
    words: /certificate/,
    cure: /ssl_ca_file/,
    begin: front({}, ({ strangerFile }) => ({ use_ssl: true, ssl_ca_file: strangerFile })),
  },
  {
    name: 'a certificate for another name',
    words: /altnames/,
    cure: /another name/,
    begin: front({}, ({ caFile }) => ({ use_ssl: true, ssl_ca_file: caFile }), {
      names: ['redis.example'],
      addresses: [],
    }),
  },
  {
    name: 'no client certificate where one is wanted',
    words: /certificate required|handshake failure|alert/i,
    cure: /ssl_cert_file/,
    begin: front({ requestCert: true, rejectUnauthorized: true }, ({ caFile }) => ({
      use_ssl: true,
      ssl_ca_file: caFile,
    })),
  },
  {
    name: 'no TLS version in common',
    words: /protocol version/,
    cure: /ssl_max_version/,
    begin: front({ minVersion: 'TLSv1.3' }, ({ caFile }) => ({
      ...{ use_ssl: true, ssl_ca_file: caFile, ssl_max_version: '1.2' },
    })),
  },
  {
    name: 'a database that is not there',
    words: /DB index is out of range/,
    cure: /\(database\)/,
    begin: server({}, { database: 99 }),
  },
  {
    name: 'cluster mode to a single server',
    words: /cluster support disabled/,
    cure: /\(enable_cluster\)/,
    begin: server({}, { enable_cluster: true }),
  },
  {
    name: 'a wrong password in cluster mode',
    words: /WRONGPASS/,
    cure: /\(username, password\)/,
    begin: server(
      { args: ['--requirepass', 'right'] },
      { enable_cluster: true, password: 'wrong' },
    ),
  },
  {
    name: 'cluster mode to nobody',
    words: /ECONNREFUSED/,
    cure: /\(host, port, addrs\)/,
    begin: nowhere(async () => ({
      addrs: [`127.0.0.1:${await freePort()}`],
      enable_cluster: true,
    })),
  },
  {
    name: 'a node of a Cluster taken for a single server',
    words: /MOVED/,
    cure: /enable_cluster/,
    async begin() {
      const cluster = await startRedisCluster();
      const [first] = cluster.addresses;
      return { storage: { ...first }, stop: () => cluster.stop() };
    },
  },
  {
    name: 'a master that no sentinel knows',
    words: /No such master|invalid reply/,
    cure: /\(master_name\)/,
    begin: sentinel({ master_name: 'other' }),
  },
  {
    name: 'a wrong password of the sentinels',
    words: /WRONGPASS/,
    cure: /\(sentinel_password\)/,
    begin: sentinel({ sentinel_password: 'wrong' }),
  },
  {
    name: 'no password of the sentinels',
    words: /NOAUTH/,
    cure: /\(sentinel_password\)/,
    begin: sentinel({ sentinel_password: '' }),
  },
  {
    name: 'a sentinel taken for a single server',
    words: /redis_mode:sentinel/,
    cure: /\(master_name\)/,
    async begin() {
      const { storage, stop } = await sentinel({})();
      const [host, port] = String((storage.addrs as readonly string[])[0]).split(':');
      return { storage: { host, port: Number(port), password: 'watch' }, stop };
    },
  },
  {
    name: 'a single server taken for a sentinel',
    words: /unknown command/,
    cure: /\(master_name/,
    async begin() {
      const redis = await startRedis();
      return {
        storage: { addrs: [`${redis.host}:${redis.port}`], master_name: 'mymaster' },
        stop: () => redis.stop(),
      };
    },
  },
  {
    name: 'protected mode',
    words: /DENIED/,
    cure: /protected-mode/,
    begin: server({ everywhere: true }, { host: ownAddress() }),
  },
  {
    name: 'too many clients',
    words: /max number of clients/,
    cure: /maxclients/,
    begin: server({ args: ['--maxclients', '1'] }, {}, async (redis) => {
      await redis.client.ping();
    }),
  },
  {
    name: 'a server that loads its data',
    words: /LOADING/,
    cure: /still loading/,
    // It answers between a thousand commands, each of which takes it this many microseconds.
    begin: server({ aof: true, args: ['--key-load-delay', '200'] }, {}, async (redis) => {
      const sets = redis.client.pipeline();
      for (let key = 0; key < 60_000; key++) sets.set(`key ${key}`, 'x');
      await sets.exec();
      await redis.kill9();
      await redis.beginStart();
    }),
  },
  {
    name: 'a replica that has lost its master',
    words: /MASTERDOWN/,
    cure: /master_name/,
    begin: server(
      { args: ['--replicaof', '127.0.0.1', '1', '--replica-serve-stale-data', 'no'] },
      {},
    ),
  },
];

/** Of this machine, and not of the loopback: protected mode is about those who come from there. */
export function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

async function startMute() {
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  if (address === null || typeof address === 'string') throw new Error('unreachable');
  return {
    storage: { host: '127.0.0.1', port: address.port },
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => {
        mute.close(() => resolve());
      });
    },
  };
}
