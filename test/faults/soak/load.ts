import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { elementAt } from '../records.ts';
import { NumberSet } from './number-set.ts';

const portionEvery = 50;
/** Behind its time by more than so many portions it lets the rest go: a burst would measure something else. */
const mostBehind = 20;

/** A gateway that pushes so many records a second, each once, until it is stopped. */
export class Load {
  /** Redis has confirmed them: each has to arrive. */
  readonly certain = new NumberSet();
  /** Redis has not: they may. */
  readonly uncertain = new NumberSet();
  readonly #client: Redis;
  readonly #perSecond: number;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #next = 0;

  /** `client` tells a failure at once and sends nothing twice, so that a failed push can be left. */
  constructor(client: Redis, perSecond: number) {
    this.#client = client;
    this.#perSecond = perSecond;
    this.#done = this.#run();
  }

  get pushed(): number {
    return this.#next;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const portion = Math.max(1, Math.round((this.#perSecond * portionEvery) / 1000));
    let due = Date.now();
    while (!this.#stopping.signal.aborted) {
      await this.#push(portion);
      due = Math.max(due + portionEvery, Date.now() - mostBehind * portionEvery);
      await delay(Math.max(0, due - Date.now()));
    }
  }

  async #push(size: number): Promise<void> {
    const lists = new Map<string, { readonly indexes: number[]; readonly elements: Buffer[] }>();
    for (const end = this.#next + size; this.#next < end; this.#next++) {
      const { key, bytes } = elementAt(this.#next);
      const list = lists.get(key) ?? { indexes: [], elements: [] };
      list.indexes.push(this.#next);
      list.elements.push(bytes);
      lists.set(key, list);
    }
    const pushes = [...lists].map(async ([key, { indexes, elements }]) => {
      const isCertain = await this.#client.rpush(key, ...elements).then(
        () => true,
        () => false,
      );
      for (const index of indexes) (isCertain ? this.certain : this.uncertain).add(index);
    });
    await Promise.all(pushes);
  }
}
