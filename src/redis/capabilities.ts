import { randomBytes } from 'node:crypto';
import type { RedisClient } from './client.ts';
import { isOutage } from './connect-outage.ts';
import { luaGuard } from './guard.ts';
import { repliedWords } from './replied-words.ts';
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
  /** What Redis refused of this, and its words; undefined when all is permitted. */
  readonly refusal?: string;
  /** What else will be refused when it has to be done, and the commands it lacks. */
  readonly lacking: readonly string[];
  /** Why not even popping is possible; undefined where it is. */
  readonly popRefusal?: string;
  /** Bytes; 0 = no limit. Undefined where the server does not tell. */
  readonly maxMemory?: number;
  /** `maxmemory-policy`: with `allkeys-…` Redis may evict records that wait. */
  readonly policy?: string;
}

/** How records may be taken, and what stands against a better way. */
export type Permitted =
  | { readonly kind: 'streams'; readonly lacking: readonly string[] }
  | { readonly kind: 'popping'; readonly refusal: string }
  | { readonly kind: 'none'; readonly refusal: string };

export function permittedWay(can: Capabilities): Permitted {
  if (can.isAtLeast62 && can.canScript && can.canStream)
    return { kind: 'streams', lacking: can.lacking };
  const refusal = can.refusal ?? 'Redis is older than 6.2';
  return can.popRefusal === undefined
    ? { kind: 'popping', refusal }
    : { kind: 'none', refusal: `${refusal}; ${can.popRefusal}` };
}

export const askWay = async (client: RedisClient, list: string): Promise<Permitted> =>
  permittedWay(await probe(client, list));

/**
 * The commands without which no record is delivered and counted, on keys that go with the script or expire. The list
 * itself is only looked at, for everything else would change it; one of another type is that list's trouble alone.
 */
export const rehearsal = script(`
local length = redis.pcall('LLEN', KEYS[1])
if type(length) == 'table' and not string.find(length['err'], 'WRONGTYPE', 1, true) then error(length['err'], 0) end
redis.call('RPUSH', KEYS[2], 'probe')
redis.call('RENAMENX', KEYS[2], KEYS[3])
redis.call('PERSIST', KEYS[3])
redis.call('LINDEX', KEYS[3], 0)
redis.call('LRANGE', KEYS[3], 0, 0)
redis.call('EXISTS', KEYS[4])
redis.call('XGROUP', 'CREATE', KEYS[4], 'probe', '0', 'MKSTREAM')
local id = redis.call('XADD', KEYS[4], '*', 'probe', '1')
redis.call('XLEN', KEYS[4])
redis.call('XRANGE', KEYS[4], '-', '+', 'COUNT', '1')
redis.call('XINFO', 'GROUPS', KEYS[4])
redis.call('XPENDING', KEYS[4], 'probe')
redis.call('XCLAIM', KEYS[4], 'probe', 'probe', '0', id)
redis.call('XACK', KEYS[4], 'probe', id)
redis.call('XTRIM', KEYS[4], 'MAXLEN', '1')
redis.call('HSET', KEYS[5], 'probe', '1')
redis.call('HGET', KEYS[5], 'probe')
redis.call('HMGET', KEYS[5], 'probe')
redis.call('HDEL', KEYS[5], 'none')
redis.call('TIME')
redis.call('LPOP', KEYS[3])
return redis.call('UNLINK', KEYS[3], KEYS[4], KEYS[5])
`);

/** Commands of ours for what may have to be done with records: without one of them, that is all that is refused. */
export const furtherCommands: Readonly<Record<string, readonly string[]>> = {
  'keeping dead letters': ['HLEN', 'HSTRLEN', 'HSET', 'HDEL', 'ZADD', 'ZREM', 'ZRANGE'],
  'trying dead letters again': ['HEXISTS', 'ZRANGEBYSCORE'],
  'dropping records at the bound': ['HKEYS', 'XGROUP SETID'],
  'forgetting routes and instances that are gone': [
    'HKEYS',
    'XGROUP DESTROY',
    'XGROUP DELCONSUMER',
    'XINFO CONSUMERS',
  ],
  'stepping over foreign manifest entries, and sluice release': ['XDEL', 'LPUSH', 'DEL'],
  'figures of what became of records': ['HGETALL'],
};

/** Of these commands those that are refused. On a key that is no list and goes with the script. */
const look = script(`${luaGuard}
redis.call('HSET', KEYS[1], 'probe', '1')
local refused = {}
for _, command in ipairs(ARGV) do
  local isPermitted
  if command == 'LPUSH' then isPermitted = pcall(permitPush, KEYS[1], command, KEYS[1])
  else isPermitted = pcall(permit, KEYS[1], command) end
  if not isPermitted then refused[#refused + 1] = command end
end
redis.call('UNLINK', KEYS[1])
return refused
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
  // At once, for Redis may be far away; what is done on one key goes by the order of the commands.
  const [scripts, streams, furtherLacking, facts] = await Promise.all([
    attempt('script', () => runScript(client, rehearsal, [list, ...keys], [])),
    refusedOfStreams(client, key('stream'), key('stream-again')),
    lackingOf(client, key('further')),
    readFacts(client),
  ]);
  const lacking = scripts === undefined ? furtherLacking : [];
  const leftovers = [...keys, ...['stream', 'stream-again', 'further'].map(key)];
  if ((await attempt('del', () => client.del(...leftovers))) !== undefined) {
    await attempt('unlink', () => client.unlink(...leftovers));
  }
  const refusals = [scripts, streams].filter((refusal) => refusal !== undefined);
  const can: Capabilities = {
    ...facts,
    isAtLeast62: facts.version === '' ? streams === undefined : isAtLeast62(facts.version),
    canScript: scripts === undefined,
    canStream: streams === undefined,
    lacking,
    ...(refusals.length === 0 ? {} : { refusal: refusals.join('; ') }),
  };
  if (permittedWay(can).kind === 'streams') return can;
  const pops = await attempt('pop', () => tryPop(client, list));
  return pops === undefined ? can : { ...can, popRefusal: pops };
}

/** The commands that pop, on the list itself, so that they change nothing: it is trimmed to all it has. */
async function tryPop(client: RedisClient, list: string): Promise<void> {
  const replies = await client.multi().lrangeBuffer(list, 0, 0).ltrim(list, 0, -1).exec();
  for (const [error] of replies ?? []) if (error !== null) throw error;
}

async function lackingOf(client: RedisClient, key: string): Promise<readonly string[]> {
  let refused: readonly string[] = [];
  const commands = [...new Set(Object.values(furtherCommands).flat())];
  const [, scan] = await Promise.all([
    attempt('further commands', async () => {
      refused = (await runScript(client, look, [key], commands)) as string[];
    }),
    attempt('scan', () => client.call('SCAN', '0', 'MATCH', key, 'COUNT', '1')),
  ]);
  return [
    ...Object.entries(furtherCommands).flatMap(([what, commands]) => {
      const lacks = commands.filter((command) => refused.includes(command));
      return lacks.length === 0 ? [] : [`${what}: ${lacks.join(', ')}`];
    }),
    ...(scan === undefined ? [] : ['looking for claimed records that nothing names: SCAN']),
  ];
}

/**
 * The commands of a consumer group, sent together. Where one of them fails it may be that they did not arrive in their
 * order, as in a cluster whose slots are moving: what counts then is what each of them says alone. On another key, once
 * none of the first ones is under way any more, or a late one would be in the way of those.
 */
async function refusedOfStreams(
  client: RedisClient,
  key: string,
  again: string,
): Promise<string | undefined> {
  const together = await Promise.allSettled(streamCommands(client, key).map((send) => send()));
  if (together.every(({ status }) => status === 'fulfilled')) return undefined;
  return attempt('stream', async () => {
    for (const send of streamCommands(client, again)) await send();
  });
}

function streamCommands(client: RedisClient, key: string): readonly (() => Promise<unknown>)[] {
  return [
    () => client.xgroup('CREATE', key, 'probe', '0', 'MKSTREAM'),
    // Should we die before the end: it goes by itself.
    () => client.pexpire(key, 60_000),
    () => client.xadd(key, '1-1', 'probe', '1'),
    () => client.xreadgroup('GROUP', 'probe', 'probe', 'COUNT', 1, 'STREAMS', key, '>'),
    () => client.xautoclaim(key, 'probe', 'probe', 0, '0-0', 'COUNT', 1),
    () => client.xack(key, 'probe', '1-1'),
    () => client.unlink(key),
    // Records are read outside of scripts.
    () => client.lrange(key, 0, 0),
  ];
}

/** What was refused, in words; undefined when it worked. */
async function attempt(what: string, act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (isOutage(error)) throw error;
    const reason = repliedWords(error);
    // A full disk or memory refuses for now, and a list that is none refuses itself, whatever is permitted.
    if (/OOM command|MISCONF|NOREPLICAS|^BUSY |WRONGTYPE/.test(reason)) return undefined;
    return `${what}: ${reason}`;
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
