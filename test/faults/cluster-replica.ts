import { freePort, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import type { RedisCluster } from '../services/redis-cluster.ts';

/** Redis itself gives a failover up after five seconds. */
const askAgainAfter = 6_000;

/** A replica of one node of the cluster, ready to take its place. */
export async function addReplica(cluster: RedisCluster, master: RedisServer): Promise<RedisServer> {
  const replica = await startRedis({
    aof: true,
    // The cluster's own bus is that far above.
    port: await freePort([10_000]),
    args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
  });
  const { client } = replica;
  await client.cluster('MEET', master.host, master.port);
  const of = await master.client.cluster('MYID');
  await until('the replica has its master', async () => {
    const reply = await client.cluster('REPLICATE', of).catch(() => '');
    return reply === 'OK';
  });
  await until('the replica has a copy', async () =>
    (await client.info('replication')).includes('master_link_status:up'),
  );
  // Before gossip has told them whose replica it is, its master passes over its wish to take over, and nobody votes for it.
  const known = new RegExp(`^${await client.cluster('MYID')} \\S+ slave ${of} .* connected`, 'm');
  await until('every node knows whose replica it is', async () => {
    const tables = await Promise.all(cluster.nodes.map((node) => node.client.cluster('NODES')));
    return tables.every((table) => known.test(String(table)));
  });
  return replica;
}

/** An orderly one: the master stops writing until the replica has everything. Asks again where nothing comes of it. */
export async function failOver({ client }: RedisServer): Promise<void> {
  let asked = Number.NEGATIVE_INFINITY;
  const answers: string[] = [];
  await until(
    'the replica is the master',
    async () => {
      if ((await client.info('replication')).includes('role:master')) return true;
      if (Date.now() - asked > askAgainAfter) {
        asked = Date.now();
        answers.push(await client.cluster('FAILOVER').catch(String));
      }
      return false;
    },
    60_000,
    async () =>
      [
        `asked to take over it said ${answers.join(', ')}`,
        ...linesOf(
          await client.info('replication'),
          /^(role|master_link_status|slave_repl_offset):/,
        ),
        ...linesOf(await client.cluster('INFO'), /^(cluster_state|cluster_current_epoch):/),
        ...linesOf(await client.cluster('NODES'), /./),
      ].join('; '),
  );
}

const linesOf = (text: unknown, wanted: RegExp): readonly string[] =>
  String(text)
    .split(/\r?\n/)
    .filter((line) => wanted.test(line));
