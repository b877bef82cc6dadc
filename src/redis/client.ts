import type { Cluster, Redis } from 'ioredis';

/** A connection to one Redis or to a Cluster. Commands name one slot each; nothing here spans slots. */
export type RedisClient = Redis | Cluster;
