import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';

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

/** Runs a script; replies as ioredis gives them (texts, numbers, null, arrays). Every key must be in one slot. */
export async function runScript(
  client: RedisClient,
  { source, digest }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await client.evalsha(digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(source, keys.length, ...keys, ...args);
  }
}
