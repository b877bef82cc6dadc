import { Cluster } from 'ioredis';
import { explain } from '../lib/errors.ts';
import type { RedisClient } from './client.ts';
import { isOutage } from './connect-outage.ts';

/**
 * Connected is not enough: the server may be loading its data, want a password, have lost its master, or be one node of
 * a Cluster. PING is answered all the same by some of these, so it is asked for the keys that matter. Rejects with why
 * it is of no use; an ACL that refuses the question is an answer as well.
 */
export async function confirm(client: RedisClient, lists: readonly string[]): Promise<void> {
  // First and alone: who has not signed in may send short commands only.
  await unlessRefused(() => client.ping());
  // The nodes of a Cluster are asked one by one when they are needed: one that is away must not make all so.
  if (client instanceof Cluster) return;
  try {
    await unlessRefused(() => client.exists(...lists));
  } catch (error) {
    const reason = explain(error);
    if (/unknown command/i.test(reason)) await refuseSentinel(client);
    // A proxy in front of a Cluster may take keys of one slot, each on its own.
    else if (reason.startsWith('CROSSSLOT'))
      await Promise.all(lists.map((list) => unlessRefused(() => client.exists(list))));
    else throw error;
  }
}

/** NOPERM says nothing about what else is permitted: that is found out later (capabilities.ts). */
async function unlessRefused(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!explain(error).startsWith('NOPERM')) throw error;
  }
}

async function refuseSentinel(client: RedisClient): Promise<void> {
  const info = await client.info('server').catch((error: unknown) => {
    if (isOutage(error)) throw error;
    return '';
  });
  const [mode] = /redis_mode:sentinel/.exec(info) ?? [];
  if (mode !== undefined) throw new Error(mode);
}
