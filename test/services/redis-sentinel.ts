import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { type Child, freePort, launch, scratchFolder, until } from './process.ts';
import { needRedis, type RedisServer, startRedis } from './redis.ts';

export interface RedisSentinel {
  readonly masterName: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** The server that was master at the start. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** Asked of clients, and used among the sentinels. */
  readonly sentinelPassword?: string;
  /** Of all of them. */
  readonly host?: '127.0.0.1' | '::1';
}

const masterName = 'mymaster';

/**
 * One master, one replica, three sentinels that agree by two. Takes about ten seconds: sentinels ask the master for its
 * replicas every ten.
 */
export async function startRedisSentinel(options: SentinelOptions = {}): Promise<RedisSentinel> {
  const { host = '127.0.0.1' } = options;
  const master = await startRedis({ host });
  const replica = await startRedis({ host, args: ['--replicaof', host, String(master.port)] });
  // A sentinel that meets the replica at once need not wait for its next question.
  await until('the replica has a copy', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  const binary = await needRedis();
  const sentinels = await Promise.all(
    [0, 1, 2].map(() => startSentinel(binary, master.port, options)),
  );
  const clients = sentinels.map(
    ({ port }) => new Redis({ host, port, protocol: 2, ...passwordOf(options) }),
  );
  for (const client of clients) client.on('error', () => undefined);
  await until('the sentinels agree and know the replica', () => areReady(clients), 30_000);
  for (const client of clients) client.disconnect();
  return {
    masterName,
    addresses: sentinels.map(({ port }) => ({ host, port })),
    master,
    replica,
    async stop() {
      await Promise.all([
        ...sentinels.map(({ child }) => child.stop()),
        master.stop(),
        replica.stop(),
      ]);
    },
  };
}

const passwordOf = ({ sentinelPassword }: SentinelOptions): { password?: string } =>
  sentinelPassword === undefined ? {} : { password: sentinelPassword };

async function startSentinel(
  binary: string,
  masterPort: number,
  { sentinelPassword, host = '127.0.0.1' }: SentinelOptions,
): Promise<{ readonly child: Child; readonly port: number }> {
  const [dir, port] = await Promise.all([scratchFolder('sentinel'), freePort()]);
  const file = path.join(dir, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    `bind ${host}`,
    `dir ${dir}`,
    `sentinel monitor ${masterName} ${host} ${masterPort} 2`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 3000`,
    ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
    ...(sentinelPassword === undefined ? [] : [`sentinel sentinel-pass ${sentinelPassword}`]),
  ];
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  return { child: launch(binary, [file, '--sentinel']), port };
}

async function areReady(clients: readonly Redis[]): Promise<boolean> {
  for (const client of clients) {
    try {
      const quorum = await client.call('SENTINEL', 'CKQUORUM', masterName);
      const replicas = await client.call('SENTINEL', 'REPLICAS', masterName);
      if (!String(quorum).startsWith('OK 3')) return false;
      if (!Array.isArray(replicas) || replicas.length === 0) return false;
    } catch {
      return false;
    }
  }
  return true;
}
