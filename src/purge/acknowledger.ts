import type { RedisClient } from '../redis/client.ts';
import { ledgerKey, manifestKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import type { Lease, Tally } from './lease.ts';
import { outcomes, settleScript } from './scripts/settle.ts';

interface Waiting {
  /** As the script takes them: entry id and counts, one range after the other. */
  readonly settled: (string | number)[];
  readonly done: Promise<void>;
}

/**
 * Group commit: acknowledgements of one list that come in while another is on its way travel together in one call.
 * Acknowledging can be repeated safely, so a failed one is for the caller to send again.
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

  /** Resolves when Redis has acknowledged the lease's range and booked its tally. */
  acknowledge({ id, range }: Lease, tally: Tally): Promise<void> {
    const list = range.list.key;
    const booking = [id, ...outcomes.map((outcome) => tally[outcome])];
    const waiting = this.#next.get(list);
    if (waiting !== undefined) {
      waiting.settled.push(...booking);
      return waiting.done;
    }
    const settled = [...booking];
    const earlier = this.#current.get(list) ?? Promise.resolve();
    const done = earlier.catch(() => undefined).then(() => this.#send(list, settled));
    this.#next.set(list, { settled, done });
    return done;
  }

  async #send(list: string, settled: readonly (string | number)[]): Promise<void> {
    this.#next.delete(list);
    const keys = [manifestKey(list), ledgerKey(list)];
    const sent = runScript(this.#client, settleScript, keys, [this.#group, ...settled]).then(
      () => undefined,
    );
    this.#current.set(list, sent);
    try {
      await sent;
    } finally {
      if (this.#current.get(list) === sent) this.#current.delete(list);
    }
  }
}
