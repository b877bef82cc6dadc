import { randomBytes } from 'node:crypto';
import { explain } from '../lib/errors.ts';
import type { RedisClient } from './client.ts';
import { isOutage } from './connect-outage.ts';
import { runScript, script } from './script.ts';

/** What this server lets this user do with one gateway list. */
export interface Capabilities {
  /** As the server says; empty where INFO is refused. */
  readonly version: string;
  /** By its version, or by its having XAUTOCLAIM. */
  readonly isAtLeast62: boolean;
  /** Scripts may run, and may use the commands of ours on the list and on our keys beside it. */
  readonly canScript: boolean;
  /** Consumer groups work on our keys. */
  readonly canStream: boolean;
  /** What Redis refused, and its words; undefined when all is permitted. */
  readonly refusal?: string;
  /** Bytes; 0 = no limit. Undefined where the server does not tell. */
  readonly maxMemory?: number;
  /** `maxmemory-policy`: with `allkeys-…` Redis may evict records that wait. */
  readonly policy?: string;
}

/**
 * The commands of our scripts, on keys that go with the script or expire. The list itself is only looked at, for
 * everything else would change it.
 */
const rehearsal = script(`
redis.call('LLEN', KEYS[1])
redis.call('RPUSH', KEYS[2], 'probe')
redis.call('RENAMENX', KEYS[2], KEYS[3])
redis.call('PERSIST', KEYS[3])
redis.call('LINDEX', KEYS[3], 0)
redis.call('XGROUP', 'CREATE', KEYS[4], 'probe', '0', 'MKSTREAM')
redis.call('XADD', KEYS[4], '*', 'probe', '1')
redis.call('XINFO', 'GROUPS', KEYS[4])
redis.call('XPENDING', KEYS[4], 'probe')
redis.call('XTRIM', KEYS[4], 'MAXLEN', '1')
redis.call('HSET', KEYS[5], 'probe', '1')
redis.call('HINCRBY', KEYS[5], 'probe', '1')
redis.call('HMGET', KEYS[5], 'probe')
redis.call('TIME')
return redis.call('UNLINK', KEYS[3], KEYS[4], KEYS[5])
`);

/**
 * Asks by doing: an ACL, a proxy or an old server refuses in ways that no list of rules foretells. Throws only when
 * Redis is away. Leaves nothing behind.
 */
export async function probe(client: RedisClient, list: string): Promise<Capabilities> {
  // Of our own, for another instance may ask at the same moment.
  const key = (part: string): string => `{${list}}:probe:${id}:${part}`;
  const id = randomBytes(6).toString('hex');
  const keys = ['list', 'segment', 'manifest', 'state'].map(key);
  const scripts = await attempt('script', () => runScript(client, rehearsal, [list, ...keys], []));
  const streams = await attempt('stream', () => useStream(client, key('stream')));
  const leftovers = [...keys, key('stream')];
  if ((await attempt('del', () => client.del(...leftovers))) !== undefined) {
    await attempt('unlink', () => client.unlink(...leftovers));
  }
  const facts = await readFacts(client);
  const refusals = [scripts, streams].filter((refusal) => refusal !== undefined);
  return {
    ...facts,
    isAtLeast62: facts.version === '' ? streams === undefined : isAtLeast62(facts.version),
    canScript: scripts === undefined,
    canStream: streams === undefined,
    ...(refusals.length === 0 ? {} : { refusal: refusals.join('; ') }),
  };
}

async function useStream(client: RedisClient, key: string): Promise<void> {
  await client.xgroup('CREATE', key, 'probe', '0', 'MKSTREAM');
  // Should we die before the end: it goes by itself.
  await client.pexpire(key, 60_000);
  const entry = await client.xadd(key, '*', 'probe', '1');
  await client.xreadgroup('GROUP', 'probe', 'probe', 'COUNT', 1, 'STREAMS', key, '>');
  await client.xautoclaim(key, 'probe', 'probe', 0, '0-0', 'COUNT', 1);
  await client.xack(key, 'probe', entry ?? '0-1');
  await client.unlink(key);
}

/** What was refused, in words; undefined when it worked. */
async function attempt(what: string, act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (isOutage(error)) throw error;
    const reason = explain(error);
    // A full disk or memory refuses for now, whatever is permitted.
    return /OOM command|MISCONF|NOREPLICAS|^BUSY /.test(reason) ? undefined : `${what}: ${reason}`;
  }
}

type Facts = Pick<Capabilities, 'version' | 'maxMemory' | 'policy'>;

/** INFO has all of it, and is permitted where CONFIG seldom is (managed servers rename that). */
async function readFacts(client: RedisClient): Promise<Facts> {
  const info = new Map<string, string>();
  await attempt('info', async () => {
    for (const line of (await client.info()).split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) info.set(line.slice(0, colon), line.slice(colon + 1));
    }
  });
  const limit = info.get('maxmemory') ?? (await setting(client, 'maxmemory'));
  const policy = info.get('maxmemory_policy') ?? (await setting(client, 'maxmemory-policy'));
  return {
    version: info.get('valkey_version') ?? info.get('redis_version') ?? '',
    ...(limit === undefined ? {} : { maxMemory: Number(limit) }),
    ...(policy === undefined ? {} : { policy }),
  };
}

async function setting(client: RedisClient, name: string): Promise<string | undefined> {
  let value: string | undefined;
  await attempt('config', async () => {
    const reply: unknown = await client.config('GET', name);
    if (Array.isArray(reply) && typeof reply[1] === 'string') value = reply[1];
  });
  return value;
}

/** Valkey counts from 7.2 on, so one comparison serves both. */
function isAtLeast62(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 2);
}
