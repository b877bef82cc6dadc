import { setTimeout as delay } from 'node:timers/promises';
import { badElementAt, type Element, elementAt } from './records.ts';
import type { Load } from './schedule.ts';

const portionEvery = 50;

export interface PusherParts {
  readonly load: Load;
  /** Rejects when it is not certain that Redis has the elements, for good. */
  readonly push: (key: string, elements: readonly Buffer[]) => Promise<void>;
}

/**
 * The gateway: pushes records evenly over a time, each once. What Redis has confirmed must arrive; what it has not may,
 * for an answer can get lost on the way. It goes on until as many are confirmed as the load asks for.
 */
export class Pusher {
  readonly certain = new Set<number>();
  readonly uncertain = new Set<number>();
  readonly certainBad = new Set<number>();
  readonly uncertainBad = new Set<number>();
  readonly #parts: PusherParts;
  readonly #stopping = new AbortController();
  #next = 1;
  #ended: Promise<void> | undefined;

  constructor(parts: PusherParts) {
    this.#parts = parts;
  }

  /** No record from here on has been pushed yet. */
  get next(): number {
    return this.#next;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when everything has been pushed. */
  run(): Promise<void> {
    this.#ended ??= this.#push();
    return this.#ended;
  }

  async #push(): Promise<void> {
    const { records, overMs } = this.#parts.load;
    const portion = Math.max(1, Math.ceil((records * portionEvery) / overMs));
    let due = Date.now();
    while (this.certain.size < records && !this.#stopping.signal.aborted) {
      const hasFailed = await this.#pushPortion(Math.min(portion, records - this.certain.size));
      due = Math.max(due + portionEvery, Date.now() - 10 * portionEvery);
      await delay(hasFailed ? 4 * portionEvery : Math.max(0, due - Date.now()));
    }
  }

  async #pushPortion(size: number): Promise<boolean> {
    const { badEvery, kind } = this.#parts.load;
    const lists = new Map<string, { records: number[]; bad: number[]; elements: Buffer[] }>();
    const add = ({ key, bytes }: Element, index: number, as: 'records' | 'bad'): void => {
      const list = lists.get(key) ?? { records: [], bad: [], elements: [] };
      list[as].push(index);
      list.elements.push(bytes);
      lists.set(key, list);
    };
    for (const end = this.#next + size; this.#next < end; this.#next++) {
      add(elementAt(this.#next, kind), this.#next, 'records');
      if (badEvery > 0 && this.#next % badEvery === 0)
        add(badElementAt(this.#next, kind), this.#next, 'bad');
    }
    const pushes = [...lists].map(async ([key, { records, bad, elements }]) => {
      const isCertain = await this.#parts.push(key, elements).then(
        () => true,
        () => false,
      );
      for (const index of records) (isCertain ? this.certain : this.uncertain).add(index);
      for (const index of bad) (isCertain ? this.certainBad : this.uncertainBad).add(index);
      return isCertain;
    });
    return (await Promise.all(pushes)).includes(false);
  }
}
