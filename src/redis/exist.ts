import { Cluster } from 'ioredis';
import type { RedisClient } from './client.ts';

/**
 * Whether any of these keys may exist, in one command. In a cluster the keys live on several nodes: there the answer is
 * always that they may.
 */
export async function mayExist(client: RedisClient, keys: readonly string[]): Promise<boolean> {
  return client instanceof Cluster || (await client.exists(...keys)) > 0;
}
