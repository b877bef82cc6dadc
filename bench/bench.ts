import type { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../test/services/redis.ts';
import { Distances } from './distance/distances.ts';
import { Backlog } from './records/backlog.ts';

/** What all runs share: a Redis, the backlog in it, and the books of what the harness itself asks of it. */
export interface Bench {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly backlog: Backlog;
  /** The ways by which pumps come to that Redis. */
  readonly distances: Distances;
  /** Commands of the harness since it was last cleared, by name. */
  readonly ownCommands: Map<string, number>;
  readonly count: (command: string, times?: number) => void;
  /** Called with the records that have been made for a backlog, with 0 before the first. */
  readonly onLoading: (done: number) => void;
  close(): Promise<void>;
}

export async function openBench(onLoading: (done: number) => void): Promise<Bench> {
  const server = await startRedis();
  const ownCommands = new Map<string, number>();
  const distances = new Distances(server);
  return {
    server,
    redis: server.client,
    backlog: new Backlog(server.client, server.connect()),
    distances,
    ownCommands,
    count: (command, times = 1) =>
      ownCommands.set(command, (ownCommands.get(command) ?? 0) + times),
    onLoading,
    async close() {
      await distances.close();
      await server.stop();
    },
  };
}

/** `7.0.15` */
export async function redisVersion(redis: Redis): Promise<string> {
  const [, version = 'unknown'] = /^redis_version:(\S+)/m.exec(await redis.info('server')) ?? [];
  return version;
}
