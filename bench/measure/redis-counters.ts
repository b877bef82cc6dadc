import type { Redis } from 'ioredis';

/** What a server has counted since its start. */
export interface RedisCounters {
  /** Calls by command, those made by scripts included. */
  readonly calls: ReadonlyMap<string, number>;
  /** Bytes of all replies. */
  readonly bytesOut: number;
}

export async function readCounters(redis: Redis): Promise<RedisCounters> {
  return parseCounters(`${await redis.info('commandstats')}\n${await redis.info('stats')}`);
}

export function parseCounters(info: string): RedisCounters {
  const calls = new Map<string, number>();
  for (const [, name = '', count = ''] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm))
    calls.set(name, Number(count));
  const [, bytesOut = '0'] = /^total_net_output_bytes:(\d+)/m.exec(info) ?? [];
  return { calls, bytesOut: Number(bytesOut) };
}

/** Commands between two looks, without INFO, by which we look, and without our own calls. */
export function commandsBetween(
  before: RedisCounters,
  after: RedisCounters,
  own: ReadonlyMap<string, number>,
): number {
  let commands = 0;
  for (const [name, count] of after.calls) {
    if (name === 'info') continue;
    commands += count - (before.calls.get(name) ?? 0) - (own.get(name) ?? 0);
  }
  return commands;
}
