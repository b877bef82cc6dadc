import { Cluster, type Redis } from 'ioredis';

/** A connection to one Redis or to a Cluster. Commands name one slot each; nothing here spans slots. */
export type RedisClient = Redis | Cluster;

/**
 * Whether any of these keys may exist, in one command. In a cluster the keys live on several nodes: there the answer is
 * always that they may.
 */
export async function mayExist(client: RedisClient, keys: readonly string[]): Promise<boolean> {
  return client instanceof Cluster || (await client.exists(...keys)) > 0;
}
