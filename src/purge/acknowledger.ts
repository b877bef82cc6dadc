import type { RedisClient } from '../redis/client.ts';
import { manifestKey } from '../redis/keys.ts';
import type { Lease } from './lease.ts';

interface Waiting {
  readonly ids: string[];
  readonly done: Promise<void>;
}

/**
 * Group commit: acknowledgements of one list that come in while another is on its way travel together in one XACK.
 * XACK can be repeated safely, so a failed one is for the caller to send again.
 */
export class Acknowledger {
  readonly #client: RedisClient;
  readonly #group: string;
  readonly #next = new Map<string, Waiting>();
  readonly #current = new Map<string, Promise<void>>();

  constructor(client: RedisClient, group: string) {
    this.#client = client;
    this.#group = group;
  }

  /** Resolves when Redis has acknowledged the lease's range. */
  acknowledge({ id, range }: Lease): Promise<void> {
    const list = range.list.key;
    const waiting = this.#next.get(list);
    if (waiting !== undefined) {
      waiting.ids.push(id);
      return waiting.done;
    }
    const ids = [id];
    const earlier = this.#current.get(list) ?? Promise.resolve();
    const done = earlier.catch(() => undefined).then(() => this.#send(list, ids));
    this.#next.set(list, { ids, done });
    return done;
  }

  async #send(list: string, ids: string[]): Promise<void> {
    this.#next.delete(list);
    const sent = this.#client.xack(manifestKey(list), this.#group, ...ids).then(() => undefined);
    this.#current.set(list, sent);
    try {
      await sent;
    } finally {
      if (this.#current.get(list) === sent) this.#current.delete(list);
    }
  }
}
