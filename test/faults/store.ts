import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { startRedisCluster } from '../services/redis-cluster.ts';
import { startRedisSentinel } from '../services/redis-sentinel.ts';
import { addReplica, failOver } from './cluster-replica.ts';
import { moveSlots } from './cluster-slots.ts';
import { gatewayLists } from './records.ts';
import type { Setup } from './schedule.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** The Redis of a run, in whatever form. */
export interface Store {
  /** `analytics_storage_config`. */
  readonly storage: Readonly<Record<string, unknown>>;
  /** Waits for a server that is away: to look at keys. */
  readonly client: Redis | Cluster;
  /** The one server of a standalone store. */
  readonly server: RedisServer | undefined;
  readonly proxy: TcpProxy | undefined;
  /** Rejects when it is not certain that the elements are safe. */
  push(key: string, elements: readonly Buffer[]): Promise<void>;
  keys(pattern: string): Promise<readonly string[]>;
  failOver(): Promise<void>;
  reshard(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Nothing is queued and nothing sent twice: a push whose answer is lost may have been done, and doing it again would
 * make two records of one.
 */
const once = {
  protocol: 2,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: 2_000,
  retryStrategy: () => 50,
} as const;

/** `env`: the clock of a server that stands alone. */
export async function startStore(
  setup: Setup,
  env: Readonly<Record<string, string>>,
): Promise<Store> {
  switch (setup.store) {
    case 'aof':
      return startStandalone(setup, env);
    case 'sentinel':
      return startWithSentinel(setup);
    case 'cluster':
    case 'replicated-cluster':
      return startCluster(setup);
    default:
      return setup.store satisfies never;
  }
}

const impossible = (what: string) => (): Promise<void> =>
  Promise.reject(new Error(`This store has no ${what}.`));

async function rpush(
  client: Redis | Cluster,
  key: string,
  elements: readonly Buffer[],
  { expireAfter }: Setup,
): Promise<void> {
  await client.rpush(key, ...elements);
  if (expireAfter > 0) await client.expire(key, expireAfter);
}

async function startStandalone(
  setup: Setup,
  env: Readonly<Record<string, string>>,
): Promise<Store> {
  const server = await startRedis({ aof: true, env });
  const proxy = setup.proxied.includes('redis') ? await startTcpProxy(server.port) : undefined;
  // The gateway has its own way to Redis: faults of the link are the pump's alone.
  const gateway = server.connect(once);
  await until('the gateway is connected', () => gateway.status === 'ready');
  const address = { host: server.host, port: proxy?.port ?? server.port };
  return {
    storage: { type: 'redis', ...address, timeout: setup.redisTimeout },
    client: server.client,
    server,
    proxy,
    push: (key, elements) => rpush(gateway, key, elements, setup),
    keys: (pattern) => server.client.keys(pattern),
    failOver: impossible('replica'),
    reshard: impossible('slots'),
    async stop() {
      await proxy?.stop();
      await server.stop();
    },
  };
}

async function startWithSentinel(setup: Setup): Promise<Store> {
  const sentinel = await startRedisSentinel();
  const way = {
    sentinels: [...sentinel.addresses],
    name: sentinel.masterName,
    sentinelRetryStrategy: () => 100,
  };
  const gateway = new Redis({ ...once, ...way });
  const client = new Redis({ protocol: 2, maxRetriesPerRequest: null, ...way });
  for (const each of [gateway, client]) each.on('error', () => undefined);
  await until('the gateway is connected', () => gateway.status === 'ready');
  const ask = async (what: string): Promise<unknown[]> => {
    const { host, port } = sentinel.addresses[0] ?? { host: '', port: 0 };
    const asked = new Redis({ host, port, protocol: 2, maxRetriesPerRequest: 1 });
    try {
      const reply: unknown = await asked.call('SENTINEL', what, sentinel.masterName);
      return Array.isArray(reply) ? Array.from<unknown>(reply) : [];
    } finally {
      asked.disconnect();
    }
  };
  const master = async (): Promise<number> => Number((await ask('GET-MASTER-ADDR-BY-NAME'))[1]);
  let hasFailedOver = false;
  return {
    storage: {
      type: 'redis',
      addrs: sentinel.addresses.map(({ host, port }) => `${host}:${port}`),
      master_name: sentinel.masterName,
      timeout: setup.redisTimeout,
    },
    client,
    server: undefined,
    proxy: undefined,
    async push(key, elements) {
      // Asked before: a master that is killed between its answer and the next line takes the push with it.
      const hasReplica = !hasFailedOver;
      await rpush(gateway, key, elements, setup);
      // Redis itself may lose what its replica does not have. While there is one, only that counts as pushed.
      if (hasReplica && (await gateway.wait(1, 500)) < 1)
        throw new Error('The replica does not have it.');
    },
    keys: (pattern) => client.keys(pattern),
    async failOver() {
      hasFailedOver = true;
      await sentinel.master.kill9();
      // The sentinels try again by themselves, every six seconds.
      await until(
        'the replica is the master',
        async () => (await master()) === sentinel.replica.port,
        60_000,
        async () => `${String(await ask('MASTER'))}; ${String(await ask('REPLICAS'))}`,
      );
    },
    reshard: impossible('slots'),
    async stop() {
      gateway.disconnect();
      client.disconnect();
      await sentinel.stop();
    },
  };
}

async function startCluster(setup: Setup): Promise<Store> {
  const cluster = await startRedisCluster();
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error('unreachable');
  type Patience = Pick<RedisOptions, 'autoResendUnfulfilledCommands' | 'commandTimeout'>;
  const connect = (patience: Patience): Cluster =>
    new Cluster([...cluster.addresses], {
      redisOptions: { protocol: 2, ...patience },
      clusterRetryStrategy: () => 100,
    });
  const gateway = connect({ autoResendUnfulfilledCommands: false, commandTimeout: 2_000 });
  // Whoever only looks at keys may wait for a busy machine.
  const client = connect({ commandTimeout: 30_000 });
  for (const each of [gateway, client]) each.on('error', () => undefined);
  await until('the gateway is connected', () => gateway.status === 'ready');
  const replica =
    setup.store === 'replicated-cluster' ? await addReplica(cluster, first) : undefined;
  return {
    storage: {
      type: 'redis',
      addrs: cluster.addresses.map(({ host, port }) => `${host}:${port}`),
      enable_cluster: true,
      timeout: setup.redisTimeout,
    },
    client,
    server: undefined,
    proxy: undefined,
    push: (key, elements) => rpush(gateway, key, elements, setup),
    async keys(pattern) {
      const found = await Promise.all(client.nodes('master').map((node) => node.keys(pattern)));
      return found.flat();
    },
    async failOver() {
      if (replica === undefined) throw new Error('This cluster has no replica.');
      await failOver(replica);
    },
    reshard: () => moveSlots(cluster.nodes, gatewayLists),
    async stop() {
      gateway.disconnect();
      client.disconnect();
      await replica?.stop();
      await cluster.stop();
    },
  };
}
