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

/** Scripts on their way to a server that did not know them. */
const sending = new WeakMap<RedisClient, Set<string>>();

/** Runs a script; replies as ioredis gives them (texts, numbers, null, arrays). Every key must be in one slot. */
export async function runScript(
  client: RedisClient,
  { source, digest }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  const known = await runKnown(client, { source, digest }, keys, args);
  if (known !== unknown) return known;
  const onTheirWay = sending.get(client) ?? new Set();
  sending.set(client, onTheirWay);
  // Many lists meet with this at once. Behind the one call that brings the script, its digest is enough for the others.
  if (onTheirWay.has(digest)) {
    const followed = await runKnown(client, { source, digest }, keys, args);
    if (followed !== unknown) return followed;
  }
  onTheirWay.add(digest);
  try {
    return await client.eval(source, keys.length, ...keys, ...args);
  } catch (error) {
    throw spoken(error, source);
  } finally {
    onTheirWay.delete(digest);
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
