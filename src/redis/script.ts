import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';
import { foreignLayoutOf } from './layout.ts';

/** A Lua script, sent by its digest; sent whole when the server does not know it (restart, SCRIPT FLUSH). */
export interface Script {
  readonly source: string;
  readonly digest: string;
}

export const script = (source: string): Script => ({
  source,
  digest: createHash('sha1').update(source).digest('hex'),
});

type Argument = string | number | Buffer;

/** How often each script was brought to a server that did not know it, by digest. */
const brought = new WeakMap<RedisClient, Map<string, number>>();

/** Runs a script; replies as ioredis gives them (texts, numbers, null, arrays). Every key must be in one slot. */
export async function runScript(
  client: RedisClient,
  { source, digest }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  const times = brought.get(client) ?? new Map<string, number>();
  brought.set(client, times);
  const before = times.get(digest);
  const known = await runKnown(client, { source, digest }, keys, args);
  if (known !== unknown) return known;
  // Many lists meet with this at once. Behind the one call that brings the script, which may have been answered already,
  // its digest is enough for the others.
  if (times.get(digest) !== before) {
    const followed = await runKnown(client, { source, digest }, keys, args);
    if (followed !== unknown) return followed;
  }
  times.set(digest, (times.get(digest) ?? 0) + 1);
  try {
    return await client.eval(source, keys.length, ...keys, ...args);
  } catch (error) {
    throw spoken(error, source);
  }
}

/** The server does not know the script. */
const unknown = Symbol('NOSCRIPT');

async function runKnown(
  client: RedisClient,
  { source, digest }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await client.evalsha(digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return unknown;
    throw spoken(error, source);
  }
}

/**
 * The reason alone: where in which script Redis gave it (in a form for each version) tells an operator nothing. Of a
 * command that is refused there Redis tells the line only: that becomes its name.
 */
function spoken(error: unknown, source: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return error;
  const [, line = '0'] = /user_script:(\d+)/.exec(error.message) ?? [];
  const [, name] = /call\('(\w+)'/.exec(source.split('\n')[Number(line) - 1] ?? '') ?? [];
  const reason = error.message
    .replace(/^ERR Error running script \(call to \w+\): /, '')
    .replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.$/, '')
    .replaceAll(/@?user_script: ?\d+: /g, '')
    .replace(/^(ERR )+(?=[A-Z]+ )/, '');
  const foreign = foreignLayoutOf(reason);
  if (foreign !== undefined) return foreign;
  const said = new Error(name === undefined ? reason : `${reason} (${name})`);
  return Object.assign(said, error, { name: 'ReplyError' });
}
