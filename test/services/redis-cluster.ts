import { Cluster } from 'ioredis';
import { freePort, until } from './process.ts';
import { type RedisServer, startRedis } from './redis.ts';

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** A client of the test's own: to push records, to look at keys. */
  readonly client: Cluster;
  stop(): Promise<void>;
}

const slots = 16_384;
/** Up to Redis 6.2 it cannot be chosen. */
const busOffset = 10_000;

/** Three masters without replicas, each with a third of the slots; ready when every node says that the cluster is. */
export async function startRedisCluster({
  host = '127.0.0.1',
}: {
  readonly host?: '127.0.0.1' | '::1';
} = {}): Promise<RedisCluster> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const nodes = await Promise.all(
    [0, 1, 2].map(async () => {
      const port = await freePort([busOffset]);
      return startRedis({ host, port, args: settings, aof: true });
    }),
  );
  const [first] = nodes;
  if (first === undefined) throw new Error('unreachable');
  for (const [index, node] of nodes.entries()) {
    const from = Math.floor((slots * index) / nodes.length);
    const to = Math.floor((slots * (index + 1)) / nodes.length);
    // One by one: ADDSLOTSRANGE came with Redis 7.
    const owned = Array.from({ length: to - from }, (_, offset) => from + offset);
    await node.client.cluster('ADDSLOTS', ...owned);
    await node.client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const node of nodes.slice(1)) await node.client.cluster('MEET', first.host, first.port);
  await until('every node says that the cluster works', async () => {
    const states = await Promise.all(nodes.map((node) => node.client.cluster('INFO')));
    const isComplete = (state: string): boolean =>
      state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:3');
    return states.every((state) => isComplete(state));
  });
  const addresses = nodes.map(({ host, port }) => ({ host, port }));
  const client = new Cluster([...addresses], { redisOptions: { protocol: 2 } });
  client.on('error', () => undefined);
  return {
    nodes,
    addresses,
    client,
    async stop() {
      client.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
