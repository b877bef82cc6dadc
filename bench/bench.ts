import type { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../test/services/redis.ts';
import { Backlog } from './records/backlog.ts';

/** What all runs share: a Redis, the backlog in it, and the books of what the harness itself asks of it. */
export interface Bench {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly backlog: Backlog;
  /** Commands of the harness since it was last cleared, by name. */
  readonly ownCommands: Map<string, number>;
  readonly count: (command: string) => void;
  /** Called with the records that have been made for a backlog, with 0 before the first. */
  readonly onLoading: (done: number) => void;
  close(): Promise<void>;
}

export async function openBench(onLoading: (done: number) => void): Promise<Bench> {
  const server = await startRedis();
  const ownCommands = new Map<string, number>();
  return {
    server,
    redis: server.client,
    backlog: new Backlog(server.client, server.connect()),
    ownCommands,
    count: (command) => ownCommands.set(command, (ownCommands.get(command) ?? 0) + 1),
    onLoading,
    close: () => server.stop(),
  };
}

/** `7.0.15` */
export async function redisVersion(redis: Redis): Promise<string> {
  const [, version = 'unknown'] = /^redis_version:(\S+)/m.exec(await redis.info('server')) ?? [];
  return version;
}
