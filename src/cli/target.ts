import type { RedisClient } from '../redis/client.ts';
import type { ListElements } from './traffic/elements.ts';

/** Where generated records go. */
export interface Target {
  /** Appends to the lists, as a gateway does. Resolves when all of it is there. */
  push(lists: readonly ListElements[]): Promise<void>;
}

/** A longer command makes other clients of Redis wait. */
const mostPerCommand = 250;
const mostBytesPerCommand = 256 * 1024;

export const redisTarget = (client: RedisClient): Target => ({
  async push(lists) {
    // Commands written in one go share round trips, also in a cluster, where a pipeline must not span slots.
    await Promise.all(
      lists.flatMap(({ list, elements }) =>
        portions(elements).map((some) => client.rpush(list, ...some)),
      ),
    );
  },
});

function portions(elements: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const all: Buffer[][] = [];
  let last: Buffer[] = [];
  let bytes = 0;
  for (const element of elements) {
    if (last.length === mostPerCommand || bytes + element.length > mostBytesPerCommand) last = [];
    if (last.length === 0) {
      all.push(last);
      bytes = 0;
    }
    last.push(element);
    bytes += element.length;
  }
  return all;
}
